package import Distillation
internal import Foundation

/// Keys and tokens of services: read when they are needed, kept in memory only, never written.
package struct ServiceSecret: Sendable {
    private let environment: [String: String]

    package init(environment: [String: String]) { self.environment = environment }

    /// The secret that a kernel's profile points at; nil where it names none.
    /// - Throws: `ProviderError` that says where the secret was looked for, and never what it is.
    package func read(_ source: ServiceProfile.SecretSource, for kernel: String) throws -> String? {
        switch source {
        case .none: return nil
        case .optional(let name):
            guard let text = environment[name]?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else {
                return nil
            }
            return try Self.checked(text, from: "the variable \(name)")
        case .environment(let name):
            guard let text = environment[name]?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else {
                throw ProviderError(
                    "The kernel \(kernel) needs a key; the variable \(name) is not set.",
                    hint: "export \(name)=…, or let your own kernel.json name a command that prints it: "
                        + "\"key\": {\"command\": [\"pass\", \"show\", \"openai\"]}")
            }
            return try Self.checked(text, from: "the variable \(name)")
        case .command(let words):
            let program = words.first ?? ""
            return try Self.checked(try Self.output(of: words, program: program), from: "`\(program)`")
        }
    }

    /// A key goes into a line of the request's head: what would break that line is no key.
    private static func checked(_ secret: String, from place: String) throws -> String {
        guard secret.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw ProviderError(
                "The key from \(place) has spaces, line breaks or letters that no key has.",
                hint: "copy it again, without quotes")
        }
        return secret
    }

    private static func output(of words: [String], program: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw ProviderError("The command `\(program)` that prints the key cannot be run.")
        }
        let data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        let line = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let secret = line.trimmingCharacters(in: .whitespaces)
        guard process.terminationStatus == 0, !secret.isEmpty else {
            throw ProviderError(
                "The command `\(program)` printed no key; it ended with \(process.terminationStatus).",
                hint: "run it by itself: its first line must be the key")
        }
        return secret
    }
}

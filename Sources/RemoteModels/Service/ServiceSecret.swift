package import Distillation
internal import Foundation
internal import Synchronization

/// Keys and tokens of services: read when they are needed, kept in memory only, never written.
package final class ServiceSecret: Sendable {
    private let environment: [String: String]
    private let now: @Sendable () -> Double
    private let told: @Sendable (String) -> Void
    /// What commands printed, and when.
    private let printed = Mutex<[[String]: (secret: String, at: Double)]>([:])

    /// How long what a command printed is used, in seconds: shorter than any token lives, and longer than a request.
    private static let memory = 300.0

    /// - Parameters:
    ///   - now: seconds of a clock that never goes back.
    ///   - told: called with each secret that is read, so that it can be kept out of files.
    package init(
        environment: [String: String],
        now: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime },
        told: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.environment = environment
        self.now = now
        self.told = told
    }

    /// The secret that a kernel's profile points at; nil where it names none, or one that need not be there. A command
    /// is run once in five minutes.
    /// - Throws: `ProviderError` that says where the secret was looked for, and never what it is.
    package func read(_ source: ServiceProfile.SecretSource, for kernel: String) throws -> String? {
        let secret = try found(source, for: kernel)
        if let secret { told(secret) }
        return secret
    }

    /// Whether a secret is there, without running a command; nil where only its command could tell.
    package func isThere(_ source: ServiceProfile.SecretSource) -> Bool? {
        switch source {
        case .none: true
        case .environment(let name), .optional(let name): variable(name) != nil
        case .command: nil
        }
    }

    /// Where a secret comes from, for people: "the variable OPENAI_API_KEY", "the command `pass show openai`".
    package static func place(_ source: ServiceProfile.SecretSource) -> String? {
        switch source {
        case .none: nil
        case .environment(let name), .optional(let name): "the variable \(name)"
        case .command(let words): "the command `\(words.joined(separator: " "))`"
        }
    }

    private func variable(_ name: String) -> String? {
        guard let text = environment[name]?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else {
            return nil
        }
        return text
    }

    private func found(_ source: ServiceProfile.SecretSource, for kernel: String) throws -> String? {
        switch source {
        case .none: return nil
        case .optional(let name): return try variable(name).map { try Self.checked($0, from: "the variable \(name)") }
        case .environment(let name):
            guard let text = variable(name) else {
                throw ProviderError(
                    "The kernel \(kernel) needs a key; the variable \(name) is not set.",
                    hint: "export \(name)=…, or let your own kernel.json name a command that prints it: "
                        + "\"key\": {\"command\": [\"pass\", \"show\", \"openai\"]}")
            }
            return try Self.checked(text, from: "the variable \(name)")
        case .command(let words):
            let moment = now()
            if let known = printed.withLock({ $0[words] }), moment - known.at < Self.memory { return known.secret }
            let program = words.first ?? ""
            let secret = try Self.checked(try Self.output(of: words, program: program), from: "`\(program)`")
            printed.withLock { $0[words] = (secret, moment) }
            return secret
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

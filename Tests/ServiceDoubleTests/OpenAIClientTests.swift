import Foundation
import ServiceDouble
import Testing

/// What the double says is what OpenAI's own client understands: `Tests/References/openai_client_check.py`.
@Suite struct OpenAIClientTests {
    @Test(arguments: [ServiceDouble.Flavour.openAI, .azure]) func openAIsOwnClientUnderstandsTheDouble(
        _ flavour: ServiceDouble.Flavour
    ) throws {
        let environment = ProcessInfo.processInfo.environment
        let home =
            environment["DISTNB_HOME"] ?? (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache")
            + "/distnb"
        let python = home + "/clients/bin/python"
        guard run(python, ["-c", "import openai"]).code == 0 else {
            print("SKIPPED: no openai in \(python); make clients installs it")
            return
        }
        var options = ServiceDouble.Options(
            key: "sk-check-0123456789", flavour: flavour,
            // Its retries must get over these.
            faults: .script([.unavailable, .tooManyRequestsForMilliseconds, .resetBeforeGenerating]))
        options.retryAfter = 0.01
        options.filePolls = 0
        let service = try ServiceDouble(options)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("References/openai_client_check.py").path
        let flags = flavour == .azure ? ["--azure"] : []
        let result = run(python, [script] + flags + [service.baseURL, "sk-check-0123456789"])
        #expect(result.code == 0, "\(result.output)")
        #expect(result.output.hasSuffix("all understood\n"))
        #expect(service.ledger.faults.count == 3)
    }

    private func run(_ program: String, _ arguments: [String]) -> (output: String, code: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-check-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: path.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: path) }
        let output = FileHandle(forWritingAtPath: path.path)
        process.standardOutput = output
        process.standardError = output
        guard (try? process.run()) != nil else { return ("", 127) }
        process.waitUntilExit()
        return (String(decoding: (try? Data(contentsOf: path)) ?? Data(), as: UTF8.self), process.terminationStatus)
    }
}

import Distillation
import Foundation
import Testing

@testable import RemoteModels

/// Services' refusals as they come, with what people are told. `DISTNB_RECORD=1` writes the messages into the file; a
/// run that records fails, so that nobody commits what was not read.
@Suite struct ServiceFaultTests {
    /// `=== flavour status [name=field …]`, the body, `---`, the message.
    struct Answer {
        let title: String
        let body: String
        let message: String

        var fault: ServiceFault {
            let words = title.split(separator: " ")
            var headers: [String: String] = [:]
            for word in words.dropFirst(2) {
                let pair = word.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { headers[String(pair[0])] = String(pair[1]) }
            }
            let flavour = words.first.flatMap { ServiceProfile.Flavour(rawValue: String($0)) } ?? .openai
            let endpoints: [ServiceProfile.Flavour: String] = [
                .openai: "https://api.openai.com/v1", .azure: "https://zava.openai.azure.com/openai/v1",
                .compatible: "http://localhost:8080/v1",
            ]
            return ServiceFault.read(
                status: words.count > 1 ? Int(words[1]) ?? 0 : 0, headers: headers, body: Array(body.utf8),
                flavour: flavour, endpoint: endpoints[flavour] ?? "", model: "gpt-4.1-2025-04-14")
        }

        var rendered: String {
            let fault = fault
            let wait = fault.retryAfter.map { ", in \($0) s" } ?? ""
            return
                (["\(fault.rule), \(fault.kind.rawValue)\(wait)", fault.message]
                + (fault.hint.map { ["Hint: \($0)"] } ?? [])).joined(separator: "\n")
        }
    }

    private static let isRecording = ProcessInfo.processInfo.environment["DISTNB_RECORD"] != nil
    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent()
    private static let file = folder.appendingPathComponent("Faults/answers.txt")
    private static let page = folder.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/services.md")

    private static func answers() throws -> [Answer] {
        try String(contentsOf: file, encoding: .utf8).components(separatedBy: "=== ").dropFirst().map { block in
            let parts = block.components(separatedBy: "\n---\n")
            let head = (parts.first ?? "").split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            return Answer(
                title: String(head.first ?? ""), body: String(head.dropFirst().first ?? ""),
                message: (parts.dropFirst().first ?? "").trimmingCharacters(in: .newlines))
        }
    }

    @Test func eachAnswerGetsItsMessage() throws {
        let answers = try Self.answers()
        if Self.isRecording {
            let text = answers.map { "=== \($0.title)\n\($0.body)\n---\n\($0.rendered)\n" }.joined(separator: "\n")
            try text.write(to: Self.file, atomically: true, encoding: .utf8)
            try FaultPage.markdown().write(to: Self.page, atomically: true, encoding: .utf8)
            Issue.record("The answers and docs/services.md were recorded; read them, then run without DISTNB_RECORD.")
            return
        }
        for answer in answers { #expect(answer.rendered == answer.message, "\(answer.title) \(answer.body)") }
    }

    @Test func everyRuleIsReachedByAnAnswer() throws {
        let reached = Set(try Self.answers().map(\.fault.rule))
        #expect(FaultRule.all.map(\.name).filter { !reached.contains($0) } == [])
        #expect(Set(FaultRule.all.map(\.name)).count == FaultRule.all.count)
    }

    @Test func everyRuleHasASentenceAHintAndASource() {
        for rule in FaultRule.all {
            #expect(rule.sentence.hasSuffix(".") && !rule.hint.isEmpty && !rule.hint.hasSuffix("."), "\(rule.name)")
            #expect(rule.source.hasPrefix("https://"), "\(rule.name)")
            #expect((rule.words + rule.codes).allSatisfy { $0 == $0.lowercased() }, "\(rule.name)")
        }
    }

    @Test func thePageOfServicesIsCurrent() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(page == FaultPage.markdown(), "make it anew: distnb explain --services > docs/services.md")
    }

    @Test(arguments: [
        "Incorrect API key provided: sk-ab***************xyz.", "key sk-proj-abcdefghijklmnop_123-456",
        "Access denied: 0123456789abcdef0123456789abcdef", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc is expired",
        "key gsk_abcdefgh rejected", "token abcd****wxyz", "sk-or-v1-0123456789abcdef",
    ]) func noPartOfAKeyIsShown(_ message: String) {
        let shown = KeylessWords.shown(message)
        #expect(shown.contains("[key]"))
        for part in ["sk-", "***", "xyz", "wxyz", "abcdef0", "eyJ", "gsk_", "proj-a"] {
            #expect(!shown.contains(part), "\(shown)")
        }
        let body = Array("{\"error\":{\"message\":\"\(message)\",\"code\":\"strange\"}}".utf8)
        for flavour in ServiceProfile.Flavour.allCases {
            for status in [200, 400, 401, 403, 404, 418, 429, 500, 503] {
                let fault = ServiceFault.read(
                    status: status, headers: [:], body: body, flavour: flavour, endpoint: "https://a.example/v1")
                #expect(!"\(fault)".contains("sk-ab") && !fault.message.contains("***"))
                #expect(!fault.message.contains("0123456789abcdef"))
            }
        }
    }

    @Test func whatIsNoKeyStays() {
        for text in [
            "the model `Qwen2.5-Coder-32B-Instruct-GPTQ-Int4`", "request req_0123456789abcdef0123456789abcdef",
            "ftjob-0123456789abcdefghijABCDEFGHIJ01", "id 00000000-1111-2222-3333-444444444444",
            "a risk-free task-list",
            "gpt-4.1-mini-2025-04-14", "5 * 3 ** 2",
        ] { #expect(KeylessWords.shown(text) == text) }
        #expect(KeylessWords.shown(String(repeating: "so ", count: 400)).count <= 301)
        #expect(KeylessWords.shown("two\n\tlines") == "two lines")
    }

    @Test(
        arguments: [
            (["retry-after-ms": "250", "retry-after": "9"], "", 0.25), (["retry-after": "9"], "", 9),
            (["retry-after": "Sun, 06 Nov 1994 08:49:47 GMT", "date": "Sun, 06 Nov 1994 08:49:37 GMT"], "", 10),
            (["retry-after": "Sun, 06 Nov 1994 08:49:27 GMT", "date": "Sun, 06 Nov 1994 08:49:37 GMT"], "", 0),
            (["retry-after": "Sun, 06 Nov 1994 08:49:47 GMT"], "", nil), (["retry-after": "-3"], "", nil),
            (["retry-after": "soon"], "", nil), (["retry-after": "1e300"], "", nil),
            ([:], "Please try again in 6.2s.", 6.2),
            ([:], "try again in 1m6s", 66), ([:], "try again in 850ms.", 0.85), ([:], "retry after 2 seconds", 2),
            ([:], "try again in 7h12m0s", 25_920), ([:], "try again in a while", nil), ([:], "try again in 20", nil),
        ] as [([String: String], String, Double?)])
    func theWaitIsWhatTheServiceAsksFor(_ headers: [String: String], _ message: String, _ seconds: Double?) {
        let found = RequestedWait.seconds(headers, message: message)
        #expect(found.map { abs($0 - (seconds ?? -1)) < 1e-9 } ?? (seconds == nil), "\(String(describing: found))")
    }

    @Test func aJobsErrorIsReadByItsCode() {
        let fault = ServiceFault.read(
            jobCode: "invalid_training_file", message: "Line 3 has no messages.", endpoint: "https://api.openai.com/v1",
            model: "gpt-4.1-mini-2025-04-14")
        #expect(fault.rule == "bad-training-file" && fault.kind == .endsRun)
        #expect(fault.message == "api.openai.com could not use the training file. It says: Line 3 has no messages.")
        let strange = ServiceFault.read(
            jobCode: nil, message: "sk-abcdefgh was odd", endpoint: "https://api.openai.com/v1", model: nil)
        #expect(strange.message == "api.openai.com failed: [key] was odd" && strange.kind == .endsRun)
    }

    @Test func aServerThatDoesNotRunIsSaidToBeSo() {
        let fault = ServiceFault.network(
            NetworkFailure(curl: 7), reason: "Failed to connect to localhost port 8080 after 0 ms",
            endpoint: "http://localhost:8080/v1", hasAnswered: false)
        #expect(fault.kind == .endsRun)
        #expect(
            fault.message
                == "Nothing takes requests at localhost:8080: is the server running? (Failed to connect to localhost port 8080 after 0 ms)"
        )
        #expect(fault.hint?.contains("OPENAI_BASE_URL") == true)
        let later = ServiceFault.network(.refused, reason: "", endpoint: "http://localhost:8080/v1", hasAnswered: true)
        #expect(
            later.kind == .again && later.message == "Nothing takes requests at localhost:8080: is the server running?")
        #expect(NetworkFailure(curl: 60) == .untrusted && NetworkFailure(curl: 28) == .timedOut)
        #expect(Set((0...99).map { NetworkFailure(curl: $0) }) == Set(NetworkFailure.allCases))
    }

    @Test func nothingThatAServerSendsBreaksTheReading() {
        for body in ["", "{", "null", "[]", "{\"error\":[1]}", "\u{0}\u{1}", String(repeating: "{\"a\":", count: 500)] {
            for flavour in ServiceProfile.Flavour.allCases {
                for status in [-1, 0, 200, 302, 399, 400, 451, 499, 500, 599, 999] {
                    let fault = ServiceFault.read(
                        status: status, headers: [:], body: Array(body.utf8), flavour: flavour, endpoint: "nonsense")
                    #expect(!fault.message.isEmpty)
                }
            }
        }
    }
}

import Foundation
import PipelineSyntax
import Rendering
import Testing

/// What `distnb explain` says is tried: the wrong programs give their code and message, the right ones no mistake.
@Suite struct ExplanationTests {
    private static let isRecording = ProcessInfo.processInfo.environment["DISTNB_RECORD"] != nil
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func everyCodeIsExplained() {
        #expect(Explanation.all.map(\.code.rawValue) == DiagnosticCode.allCases.map(\.rawValue).sorted())
    }

    @Test(arguments: Explanation.all.map(\.code)) func theWrongProgramGivesTheCodeAndTheMessage(
        _ code: DiagnosticCode
    ) throws {
        let explanation = try #require(Explanation.named(code.rawValue))
        guard !explanation.wrong.isEmpty else { return }
        let found = try Laboratory.outcome(of: explanation.wrong).diagnostics
        #expect(found.first?.code == code, "\(found.map(\.message))")
        guard !Self.isRecording else { return }
        #expect(found.map { DiagnosticText.render($0) }.joined(separator: "\n") == explanation.message)
    }

    @Test(arguments: Explanation.all.map(\.code)) func theRightProgramHasNoMistake(_ code: DiagnosticCode) throws {
        let explanation = try #require(Explanation.named(code.rawValue))
        let found = try Laboratory.outcome(of: explanation.right).diagnostics
        #expect(found.map(\.message) == [], "\(explanation.right)")
    }

    @Test func codesAreFoundAsPeopleWriteThem() {
        for name in ["E0204", "e0204", "W0204", "204", "0204"] {
            #expect(Explanation.named(name)?.code == .unknownColumn, "\(name)")
        }
        for name in ["", "E", "E02040", "XE0204", "column"] { #expect(Explanation.named(name) == nil, "\(name)") }
        #expect(Explanation.suggestion(for: "E0612") == .checkFailed)
        #expect(Explanation.suggestion(for: "unknwonColumn") == .unknownColumn)
    }

    @Test func thePageOfAllCodesIsCurrent() throws {
        let page = try String(contentsOf: Self.root.appendingPathComponent("docs/errors.md"), encoding: .utf8)
        #expect(page == ExplanationText.page(), "make it anew: distnb explain --markdown > docs/errors.md")
    }

    /// Writes the messages where `DISTNB_RECORD` asks for it; the run then fails.
    @Test func messagesAreRecordedOnDemand() throws {
        guard Self.isRecording else { return }
        var text = """
            /// The messages of the explanations' wrong programs, by code. Written by
            /// `DISTNB_RECORD=1 swift test --filter ExplanationTests`; do not change them by hand.
            enum ExplanationMessages {
                static let all: [String: String] = [

            """
        for explanation in Explanation.all where !explanation.wrong.isEmpty {
            let message = try Laboratory.outcome(of: explanation.wrong).diagnostics.map { DiagnosticText.render($0) }
                .joined(separator: "\n")
            let lines = message.split(separator: "\n").map { "        \($0)" }.joined(separator: "\n")
            text += "        \"\(explanation.code.rawValue)\": #\"\"\"\n\(lines)\n        \"\"\"#,\n"
        }
        text += "    ]\n}\n"
        let path = "Sources/PipelineSyntax/Diagnostics/Explanations/ExplanationMessages.swift"
        try text.write(to: Self.root.appendingPathComponent(path), atomically: true, encoding: .utf8)
        Issue.record("The messages were recorded; read them, build, then run without DISTNB_RECORD.")
    }
}

import OrderedCollections
import Tables
import Testing

@testable import Distillation

/// What is read of replies that were reasoned: lenient in form, strict in meaning.
@Suite struct ReasonedReplyTests {
    private static let letters = AnswerRule.label(["A", "B", "C"])

    private func thought(_ reply: String, _ rule: AnswerRule = letters, isCut: Bool = false) throws -> ReasonedReply {
        try ReasonedReply(reply, .chainOfThought(.choice), rule: rule, isCut: isCut)
    }

    private func fault(_ reply: String, _ rule: AnswerRule = letters, isCut: Bool = false) -> UnreadableReply.Kind? {
        do {
            _ = try thought(reply, rule, isCut: isCut)
            return nil
        } catch let error as UnreadableReply { return error.kind } catch { return nil }
    }

    @Test(arguments: [
        #"{"reason": "Fish swim.", "answer_choice": "B"}"#,
        "```json\n{\"reason\": \"Fish swim.\", \"answer_choice\": \"B\"}\n```\n",
        "Let me think about {fish}.\n\n{\"reason\": \"Fish swim.\", \"answer_choice\": \"(b)\"}",
        #"The set \frac{1}{2} says: {"reason": "Fish swim.", "answer": "B."}"#,
    ]) func textBeforeAndFencesAreNoHindrance(_ reply: String) throws {
        let read = try thought(reply)
        #expect(read.answer == "B" && read.reasoning == "Fish swim.")
    }

    @Test func lineBreaksInsideTextsAreRead() throws {
        let read = try thought("{\"reason\": \"one\ntwo\tthree\", \"answer_choice\": \"A\"}")
        #expect(read.reasoning == "one\ntwo\tthree")
    }

    @Test func anAnswerWithoutReasonIsAnAnswer() throws {
        #expect(try thought(#"{"answer_choice": "C"}"#).reasoning == .null)
    }

    @Test func whatCannotBeReadSaysWhy() {
        #expect(fault("B") == .json)
        #expect(fault("  ") == .empty)
        #expect(fault(#"{"reason": "so", "answer_choice": "#, isCut: true) == .cut)
        #expect(fault(#"{"reason": "so"}"#) == .fields)
        #expect(fault(#"{"reason": "so", "answer_choice": "E"}"#) == .answer)
        #expect(fault(#"{"reason": "so", "answer_choice": ["A"]}"#) == .answer)
        #expect(fault(#"[{"reason": "so", "answer_choice": "A"}]"#) == .json)
    }

    @Test func twoAnswersAreNone() {
        #expect(fault(#"{"reason": "x", "answer_choice": "A", "answer": "B"}"#) == .several)
        #expect(
            fault(#"{"reason": "x", "answer_choice": "A"} No: {"reason": "y", "answer_choice": "B"}"#) == .several)
        // What stands behind the JSON may take it back.
        #expect(fault(#"{"reason": "x", "answer_choice": "A"} No, wait, it is B."#) == .json)
    }

    @Test(arguments: [
        ("42", "42"), ("42.0", "42"), ("-3.50", "-3.5"), ("\"-3.50\"", "-3.50"), ("\"1,234\"", "1234"),
        ("\"1,234.5\"", "1234.5"),
        ("\" 7 \"", "7"), ("1e3", "1000"), ("\"007\"", "007"), ("12345678901234567", "12345678901234567"),
    ]) func plainNumbersAreAnswers(_ json: String, _ expected: String) throws {
        #expect(try thought("{\"reason\": \"r\", \"answer\": \(json)}", .number).answer == expected)
    }

    @Test(arguments: ["\"18 dollars\"", "\"$18\"", "\"1,23\"", "\"\"", "null", "true", "\"1.2.3\"", "\"-\"", "\"1.\""])
    func otherThanPlainNumbersAreNone(_ json: String) {
        #expect(fault("{\"reason\": \"r\", \"answer\": \(json)}", .number) == .answer)
    }

    @Test func ofAChainOfDensityTheLastSummaryIsKept() throws {
        let rounds = (1...4).map { "{\"Missing_Entities\": \"e\($0)\", \"Denser_Summary\": \"s\($0)\"}" }
        let reply = "Here [1] they are:\n```json\n[\(rounds.joined(separator: ",\n"))]\n```"
        let read = try ReasonedReply(reply, .chainOfDensity(longest: 80))
        #expect(read.answer == "s4" && read.reasoning.list?.count == 4)
        for (broken, kind) in [
            ("[\(rounds.dropLast().joined(separator: ","))]", UnreadableReply.Kind.rounds),
            ("[\((rounds.dropLast() + ["{\"Denser_Summary\": \"s\"}"]).joined(separator: ","))]", .fields),
            (
                "[\((rounds.dropLast() + ["{\"Missing_Entities\": \"e\", \"Denser_Summary\": \" \"}"]).joined(separator: ","))]",
                .fields
            ),
            (rounds.joined(separator: "\n"), .json),
        ] {
            #expect(throws: UnreadableReply.self) { try ReasonedReply(broken, .chainOfDensity(longest: 80)) }
            do { _ = try ReasonedReply(broken, .chainOfDensity(longest: 80)) } catch { #expect(error.kind == kind) }
        }
    }

    @Test func hostileRepliesAreReadInLinearTime() {
        let reply = String(repeating: "{\"a\":", count: 20_000) + "}"
        #expect(fault(reply) == .json)
        #expect(fault(String(repeating: "{", count: 200_000) + "}") == .json)
    }

    @Test(arguments: [
        Reasoning.chainOfThought(.free), .chainOfThought(.choice), .chainOfThought(.number),
        .chainOfDensity(longest: 80), .chainOfDensity(longest: 125),
    ]) func theRequestToReasonComesOffAgain(_ reasoning: Reasoning) throws {
        for plain in [
            [ChatMessage(role: "system", content: "Be brief."), ChatMessage(role: "user", content: "Why?")],
            [ChatMessage(role: "user", content: "Why?")],
        ] {
            let asked = reasoning.asked(plain)
            #expect(asked.count == 2 && asked[1] == plain.last)
            let found = try #require(Reasoning.found(in: asked))
            #expect(found.reasoning == reasoning && found.plain == plain)
            #expect(Reasoning.found(in: plain) == nil)
        }
    }

    @Test func aChainOfDensityHasRoomForAllItsRounds() {
        #expect(Reasoning.chainOfThought(.free).tokens == 200)
        #expect(Reasoning.chainOfDensity(longest: 80).tokens == 4 * (120 + 50))
    }
}

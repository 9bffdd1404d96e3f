import OrderedCollections
import Tables
import Testing

@testable import Distillation

@Suite struct SplitTests {
    @Test func everyRowIsInExactlyOnePart() {
        let strata = (0..<100).map { "\($0 % 7)" }
        let parts = Split.parts(shares: [0.6, 0.1, 0.3], strata: strata, seed: 7)
        #expect(parts.flatMap { $0 }.sorted() == Array(0..<100))
        #expect(parts.map(\.count) == [60, 10, 30])
    }

    @Test func eachStratumHasItsShareInEveryPart() {
        let strata = (0..<200).map { $0 < 100 ? "a" : "b" }
        let parts = Split.parts(shares: [0.8, 0.2], strata: strata, seed: 1)
        #expect(parts.map { part in part.count { $0 < 100 } } == [80, 20])
    }

    @Test func sharesBelowOneLeaveRowsOut() {
        let parts = Split.parts(shares: [0.5, 0.2], strata: Array(repeating: "", count: 10), seed: 3)
        #expect(parts.map(\.count) == [5, 2])
    }

    @Test func sharesBelowOneHoldForTinyStrataToo() {
        let strata = (0..<100).map { "\($0)" }
        #expect(Split.parts(shares: [0.6], strata: strata, seed: 1).map(\.count) == [60])
        #expect(Split.parts(shares: [0.5, 0.2], strata: strata, seed: 1).map(\.count) == [50, 20])
    }

    @Test func theSeedChoosesTheParts() {
        let strata = Array(repeating: "", count: 50)
        #expect(
            Split.parts(shares: [0.5, 0.5], strata: strata, seed: 1)
                == Split.parts(shares: [0.5, 0.5], strata: strata, seed: 1))
        #expect(
            Split.parts(shares: [0.5, 0.5], strata: strata, seed: 1)
                != Split.parts(shares: [0.5, 0.5], strata: strata, seed: 2))
    }
}

@Suite struct ScoreSummaryTests {
    /// Wilson's interval as statsmodels 0.14 gives it: proportion_confint(7, 10, method="wilson").
    @Test func proportionsHaveWilsonsInterval() throws {
        let summary = ScoreSummary(scores: Array(repeating: 1, count: 7) + Array(repeating: 0, count: 3))
        #expect(summary.n == 10)
        #expect(summary.mean == 0.7)
        let interval = try #require(summary.interval)
        #expect(abs(interval.low - 0.3967781) < 1e-6)
        #expect(abs(interval.high - 0.8922087) < 1e-6)
    }

    @Test func failuresAreCountedAndNeverScoredZero() {
        let summary = ScoreSummary(scores: [1, .error(RowError("timeout")), nil, 1])
        #expect(summary.n == 2)
        #expect(summary.failures == 2)
        #expect(summary.mean == 1)
    }

    @Test func otherScoresHaveABootstrapIntervalAroundTheMean() throws {
        let summary = ScoreSummary(scores: [1, 2, 3, 4, 5].map { .double($0) })
        let interval = try #require(summary.interval)
        #expect(interval.low < 3 && interval.high > 3)
        #expect(ScoreSummary(scores: [1, 2, 3, 4, 5].map { .double($0) }) == summary)
    }

    @Test func nothingHasNoMean() {
        #expect(ScoreSummary(scores: []).mean == nil)
    }
}

@Suite struct ConversationTests {
    @Test func thePromptFollowsTheModelsSystemPrompt() throws {
        let messages = try Conversation.messages(prompt: "hi", messages: .null, system: "be short")
        #expect(messages.map(\.role) == ["system", "user"])
    }

    @Test func theModelsSystemPromptReplacesTheRows() throws {
        let row: Value = [["role": "system", "content": "old"], ["role": "user", "content": "hi"]]
        #expect(try Conversation.messages(prompt: .null, messages: row, system: "new").map(\.content) == ["new", "hi"])
        #expect(try Conversation.messages(prompt: .null, messages: row, system: nil).map(\.content) == ["old", "hi"])
    }

    @Test(arguments: [
        ("{\"a\": 1}", "{\"a\":1}"), (" {\"a\": 1}\n", "{\"a\":1}"), ("```json\n{\"a\": 1}\n```", "{\"a\":1}"),
        ("Sure! {\"a\": 1}", "null"),
        ("", "null"), ("[1]", "[1]"), ("yes", "null"),
    ]) func jsonInARepliesIsFoundOrNull(_ reply: String, _ json: String) {
        #expect(JSON.text(Conversation.json(in: reply)) == json)
    }
}

@Suite struct IdentityTests {
    private func request(_ change: (inout Sampling) -> Void = { _ in }, ordinal: Int = 0, model: String = "m")
        -> CompletionRequest
    {
        var sampling = Sampling(maxTokens: 10)
        change(&sampling)
        return CompletionRequest(
            model: ModelIdentity(endpoint: "e", id: model), messages: [ChatMessage(role: "user", content: "hi")],
            sampling: sampling, ordinal: ordinal)
    }

    @Test func everyPartOfARequestIsInItsKey() {
        let keys = [
            request(), request { $0.temperature = 0.5 }, request { $0.topP = 0.5 }, request { $0.maxTokens = 11 },
            request { $0.seed = 1 },
            request { $0.stop = ["x"] }, request(ordinal: 1), request(model: "n"),
        ].map(\.key)
        #expect(Set(keys).count == keys.count)
        #expect(request().key == request().key)
    }

    @Test func aRowIsTheSameRowWhateverItsReplyOrSystemPrompt() {
        let asked = [ChatMessage(role: "user", content: "hi")]
        let answered =
            [ChatMessage(role: "system", content: "s")] + asked + [ChatMessage(role: "assistant", content: "yo")]
        #expect(RowHash(messages: asked) == RowHash(messages: answered))
    }
}

@Suite struct StringCheckTests {
    private let row: Record = ["intent": "refund", "output": "REFUND {{item.intent}}", "output_json": ["x": 5]]

    @Test(arguments: [(StringCheck.Operation.eq, 0), (.ne, 1), (.like, 0), (.ilike, 1)])
    func operationsAreOpenAIs(_ operation: StringCheck.Operation, _ score: Int) throws {
        let check = StringCheck(
            name: "c", input: try Template("{{sample.output_text}}"), reference: try Template("{{item.intent}}"),
            operation: operation)
        #expect(check.score(row) == .integer(score))
    }

    @Test func filledTextIsNotFilledAgain() throws {
        #expect(try Template("{{sample.output_text}}").filled(with: row) == "REFUND {{item.intent}}")
        #expect(try Template("{{sample.output_json.x}}").filled(with: row) == "5")
    }

    @Test func aMissingValueIsAnErrorNotAZero() throws {
        let check = StringCheck(
            name: "c", input: try Template("{{item.nope}}"), reference: try Template("x"), operation: .eq)
        #expect(check.score(row).rowError != nil)
    }

    @Test(arguments: ["{{item.x", "{{foo.x}}", "{{item}}"]) func badTemplatesAreRefused(_ text: String) {
        #expect(throws: TemplateError.self) { try Template(text) }
    }
}

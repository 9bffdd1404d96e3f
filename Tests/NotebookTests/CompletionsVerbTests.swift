import Distillation
import Foundation
import OrderedCollections
import PipelineRuntime
import PipelineSyntax
import Tables
import Testing

@testable import Notebook

private let rows = "{\"prompt\": \"Where is my order?\"}\n{\"prompt\": \"Can I return paint?\"}\n"

/// `completions`, and what `generate` keeps for it.
@Suite struct CompletionsVerbTests {
    private func shown(_ cells: [String], provider: ScriptedProvider = ScriptedProvider { _ in "yes" }) throws
        -> Listener
    {
        let scratch = try Scratch(cells: cells, files: ["rows.jsonl": rows])
        let listener = Listener()
        _ = try scratch.session(provider: provider).run(observer: listener)
        return listener
    }

    private static let stored = """
        let a = load("rows.jsonl") | generate (model "teacher", name: "cora"), store: {lab: "3.3"}
        let b = load("rows.jsonl") | generate (model "student"), store: {lab: "3.3"}
        """

    @Test(arguments: [
        ("model: \"cora\"", 2), ("model: \"small\"", 2), ("model: (model \"teacher\")", 2), ("model: \"nobody\"", 0),
        ("contains: \"ORDER\"", 2), ("contains: \"yes\"", 4), ("contains: \"rugs\"", 0),
        ("until: \"1970-01-01\"", 4), ("until: \"1970-01-01T00:16Z\"", 0), ("since: \"1970-01-02\"", 0),
        ("model: \"cora\", contains: \"paint\", limit: 5", 1),
    ]) func itFindsByModelWordsAndDay(_ arguments: String, _ count: Int) throws {
        // The session's clock stands at 1,000 s after 1970.
        let listener = try shown([Self.stored, "len((completions \(arguments)))"])
        #expect(listener.messages == [])
        #expect(listener.shown == [.integer(count)], "\(arguments)")
    }

    @Test func tagsOfOurOwnAreRefused() throws {
        let listener = try shown(["load(\"rows.jsonl\") | generate (model \"teacher\"), store: {distnb_key: \"1\"}"])
        #expect(
            listener.mistakes.map(\.message) == [
                "Expected a tag of your own; `distnb_key` begins with `distnb_`, as distnb's own tags do."
            ])
    }

    @Test func sixteenTagsAreTheMost() throws {
        func tags(_ count: Int) -> String { (1...count).map { "t\($0): \"\($0)\"" }.joined(separator: ", ") }
        let fine = try shown(["load(\"rows.jsonl\") | generate (model \"teacher\"), store: {\(tags(16))}"])
        #expect(fine.messages == [])
        let many = try shown(["load(\"rows.jsonl\") | generate (model \"teacher\"), store: {\(tags(17))}"])
        #expect(many.mistakes.map(\.message) == ["Expected at most 16 tags, found 17."])
    }

    @Test func logProbabilitiesAreInTheSampleAndInTheStore() throws {
        let logprobs: Value = [["token": "yes", "logprob": -0.25, "top_logprobs": [["token": "no", "logprob": -1.5]]]]
        let provider = ScriptedProvider(results: { request in
            .success(
                Completion(
                    text: "yes", finishReason: "stop", usage: Usage(promptTokens: 3, completionTokens: 1), seconds: 0.5,
                    logprobs: request.sampling.topLogprobs == 1 ? logprobs : nil))
        })
        let listener = try shown(
            [
                "let a = load(\"rows.jsonl\") | generate (model \"teacher\"), logprobs: 1, store: {lab: \"x\"}",
                "a | each .sample.logprobs", "completions where: {lab: \"x\"} | each .sample.logprobs",
            ], provider: provider)
        #expect(listener.messages == [])
        #expect(listener.shown == [.list([logprobs, logprobs]), .list([logprobs, logprobs])])
        #expect(!listener.log.contains { $0.contains("log-probabilities") })
    }

    @Test func aKernelThatGivesNoneIsTold() throws {
        let listener = try shown([
            "let a = load(\"rows.jsonl\") | generate (model \"teacher\", name: \"cora\"), logprobs: 0"
        ])
        #expect(listener.messages == [])
        #expect(
            listener.log.contains {
                $0.contains("cora: .sample.logprobs is null; the kernel scripted gave no log-probabilities.")
            }, "\(listener.log)")
    }

    /// docs/completions.md.
    @Test func thePagesProgramRuns() throws {
        let page = try String(
            contentsOf: URL(fileURLWithPath: #filePath).appending(path: "../../../docs/completions.md")
                .standardizedFileURL, encoding: .utf8)
        func block(_ opening: String) -> String? {
            page.components(separatedBy: "```\(opening)\n").dropFirst().first?.components(separatedBy: "```").first
        }
        let questions = try #require(block("jsonl questions.jsonl"))
        let scratch = try Scratch(cells: [try #require(block("distnb files"))], files: ["questions.jsonl": questions])
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        #expect(listener.messages == [])
        #expect(listener.shown.first?.rows?.count == 1)
    }
}

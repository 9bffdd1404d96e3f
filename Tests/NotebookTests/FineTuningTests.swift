import Distillation
import OrderedCollections
import PipelineSyntax
import Rendering
import Tables
import Testing

@testable import Notebook

/// `finetune` on a scripted kernel: what it asks for, refuses and says.
@Suite struct FineTuningTests {
    private static let rows = (1...4).map { "{\"prompt\":\"q\($0)\"}\n" }.joined()

    private func run(_ last: String) throws -> Listener {
        let scratch = try Scratch(
            cells: ["let q = load \"q.jsonl\"\nlet s = model \"student\"", last], files: ["q.jsonl": Self.rows])
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        return listener
    }

    @Test func aRankHasNoPlaceInFullFineTuning() throws {
        #expect(
            try run("let t = q | finetune s, target: \"OK\", update: \"full\", rank: 4").messages == [
                """
                E0406 cell 2, 1:61   let t = q | finetune s, target: "OK", update: "full", rank: 4
                                                                                                 ^
                  Expected no rank; `update: "full"` trains every weight.
                  Hint: leave out rank, or update
                """
            ])
    }

    @Test(arguments: [
        ("update: \"half\"", "\"lora\" or \"full\""),
        ("schedule: \"steps\"", "\"linear\" or \"cosine\" or \"constant\""),
        ("warmup: -1", "a whole number from 0 to 10000"), ("epochs: 0", "a whole number from 1 to 50"),
    ]) func optionsSayWhatTheyTake(_ option: String, _ expected: String) throws {
        let messages = try run("let t = q | finetune s, target: \"OK\", \(option)").messages
        #expect(messages.count == 1 && messages[0].contains("Expected \(expected)"), "\(messages)")
    }

    @Test func theSuffixGoesIntoTheName() throws {
        let listener = try run(
            "compare [s, (q | take 2 | finetune s, target: \"OK\", suffix: \"cora\")], on: (q | skip 2), with: (grader .output == \"yes\", name: \"yes\"), latency: 0"
        )
        #expect(listener.messages == [])
        let text = ValueText.render(try #require(listener.shown.last), style: TextStyle(width: 100))
        #expect(text.contains("\nstudent:cora  yes"), "\(text)")
    }

    @Test func theModelSaysHowItWasMade() throws {
        let listener = try run("let t = q | finetune s, target: \"OK\"")
        #expect(
            listener.log.contains("loss 0.500 → 0.500 in 1 steps at 10 tokens/s; by epoch 0.500."), "\(listener.log)")
        #expect(listener.log.last?.contains("4 rows seen") == true, "\(listener.log)")
    }
}

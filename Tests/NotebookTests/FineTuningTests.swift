import Distillation
import Foundation
import OrderedCollections
import PipelineSyntax
import Rendering
import Tables
import Testing
import Verbs

@testable import Notebook

/// `finetune` on a scripted kernel: what it asks for, refuses and says.
@Suite struct FineTuningTests {
    private static let rows = (1...4).map { "{\"prompt\":\"q\($0)\"}\n" }.joined()

    private func run(
        _ last: String, rows: String = FineTuningTests.rows,
        provider: ScriptedProvider = ScriptedProvider { _ in "yes" }, memory: MemoryLimit? = nil
    ) throws -> Listener {
        let scratch = try Scratch(
            cells: ["let q = load \"q.jsonl\", format: \"jsonl\"\nlet s = model \"student\"", last],
            files: ["q.jsonl": rows])
        let listener = Listener()
        _ = try scratch.session(provider: provider, memory: memory).run(observer: listener)
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
        #expect(text.contains("\nstudent:cora  2 "), "\(text)")
    }

    @Test func theModelSaysHowItWasMade() throws {
        let listener = try run("let t = q | finetune s, target: \"OK\"")
        #expect(
            listener.log.contains("loss 0.500 → 0.500 in 1 step at 10 tokens/s, prompts included; by epoch 0.500."),
            "\(listener.log)")
        #expect(listener.log.last?.contains("4 rows seen") == true, "\(listener.log)")
    }

    @Test(arguments: [
        ("patience: 2", "Expected validation rows with .output; `patience` is about their loss."),
        ("evaluate_every: 5", "Expected validation rows with .output; `evaluate_every` is about their loss."),
        ("watch_every: 5", "Expected prompts to watch; `watch_every` says how often they are answered."),
        ("watch: [1]", "Expected texts in `watch`, found a whole number."),
        ("patience: 2, validation: (q | take 0)", "Expected validation rows with .output"),
    ]) func whatNeedsAnotherOptionSaysSo(_ option: String, _ expected: String) throws {
        let messages = try run("let t = q | finetune s, target: \"OK\", \(option)").messages
        #expect(messages.count == 1 && messages[0].contains(expected), "\(messages)")
    }

    @Test func everyOptionReachesTheProviderAndIsRemembered() throws {
        let provider = ScriptedProvider { _ in "yes" }
        let listener = try run(
            """
            let t = q | take 2 | finetune s, target: "OK", validation: (q | skip 2), patience: 2, evaluate_every: 5, accumulate: 3, weight_decay: 0.01, max_gradient_norm: 0.5, max_tokens: 99, watch: "hi", watch_every: 4
            t.options
            """, provider: provider)
        #expect(listener.messages == [])
        let options = try #require(provider.jobs.first?.options)
        #expect(options.patience == 2 && options.evaluateEvery == 5 && options.accumulate == 3)
        #expect(options.weightDecay == 0.01 && options.maxGradientNorm == 0.5 && options.maxTokens == 99)
        #expect(options.watch == ["hi"] && options.watchEvery == 4)
        let shown = try #require(listener.shown.last?.record)
        #expect(shown["accumulate"]?.integer == 3 && shown["weight_decay"]?.double == 0.01)
        #expect(shown["learning_rate"]?.double == 1e-3 && shown["seed"]?.integer == 0)
    }

    private static let weighted = """
        {"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","weight":0},{"role":"user","content":"c"},{"role":"assistant","content":"d","weight":1}]}
        {"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"e"},{"role":"assistant","content":"f"}]}
        {"messages":[{"role":"user","content":"g"},{"role":"assistant","content":"h","weight":0}]}

        """

    @Test func assistantMessagesAreLearntByTheirWeight() throws {
        let provider = ScriptedProvider { _ in "yes" }
        let listener = try run("let t = q | finetune s", rows: Self.weighted, provider: provider)
        #expect(listener.messages == [])
        let learnt = (provider.jobs.first?.examples ?? []).map { $0.filter(\.isLearnt).map(\.content) }
        #expect(learnt == [["a", "c", "d"], ["a", "b", "e", "f"]])
        #expect(
            listener.log.contains("finetune: left out 1 row whose replies all have weight 0."), "\(listener.log)")
    }

    @Test(arguments: ["2", "0.5", "\"1\"", "true"]) func anotherWeightIsAMistake(_ weight: String) throws {
        let rows = Self.weighted.replacingOccurrences(of: "\"weight\":1", with: "\"weight\":\(weight)")
        let messages = try run("let t = q | finetune s", rows: rows).messages
        #expect(messages.count == 1, "\(messages)")
        #expect(messages.first?.contains("Expected a weight of 0 or 1 on assistant messages only; row 1 has ") == true)
    }

    @Test func aWeightOnAUsersMessageIsAMistake() throws {
        let rows =
            "{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"weight\":1},{\"role\":\"assistant\",\"content\":\"b\"}]}\n"
        #expect(
            try run("let t = q | finetune s", rows: rows).messages.first?.contains("on a message of the user") == true)
    }

    private static func preparation(leftOut: [Int] = [], bytes: Int = 300_000_000) -> TrainingPreparation {
        TrainingPreparation(
            rows: 4 - leftOut.count, tokens: 40, targets: 8, validationRows: 0, limit: 64,
            leftOut: TrainingPreparation.LeftOut(rows: leftOut, longest: 99),
            validationLeftOut: TrainingPreparation.LeftOut(),
            memory: TrainingMemory([
                TrainingMemory.Part("weights", bytes: 200_000_000, isHeld: true),
                TrainingMemory.Part("activations", bytes: bytes),
            ]))
    }

    @Test func worstShowsTheRowsWithTheGreatestLoss() throws {
        let provider = ScriptedProvider(preparation: Self.preparation(leftOut: [3])) { _ in "yes" }
        let listener = try run(
            "let t = q | finetune s, target: \"OK\"\nt.rows | show 9\nworst t, 2", provider: provider)
        #expect(listener.messages == [])
        #expect(
            listener.log.contains(
                "finetune: 1 of 4 rows is longer than 64 tokens, by up to 35, and was left out; none was cut."),
            "\(listener.log)")
        #expect(listener.log.contains("finetune needs about 500 MB of memory: activations 300 MB, weights 200 MB."))
        #expect(
            ValueText.render(try #require(listener.shown.last), style: TextStyle(width: 80)) == """
                loss  first_loss  prompt  target  tokens
                ────  ──────────  ──────  ──────  ──────
                   2           3  q3      OK          10
                   1           2  q2      OK          10
                """)
    }

    @Test func onlyTrainedModelsHaveWorstRows() throws {
        #expect(
            try run("worst s").messages == [
                """
                E0406 cell 2, 1:7    worst s
                                           ^
                  Expected a fine-tuned model; `s` was not trained here.
                  Hint: lessons | finetune student
                """
            ])
    }

    @Test func rowsCleanedByTheirLossAreTrainedOnAgain() throws {
        let provider = ScriptedProvider { _ in "yes" }
        let listener = try run(
            "let t = q | finetune s, target: \"OK\"\nlet u = t.rows | where .loss < 2 | finetune s, target: .target\nlen(u.rows)",
            provider: provider)
        #expect(listener.messages == [])
        #expect(listener.shown.last?.integer == 2 && provider.jobs.last?.examples.count == 2)
    }

    @Test func aTrainingThatDoesNotFitIsRefused() throws {
        let provider = ScriptedProvider(preparation: Self.preparation()) { _ in "yes" }
        func memory(left: Int) -> MemoryLimit {
            MemoryLimit(limit: 1 << 40, now: { 0 }, resident: { 1 << 20 }, available: { left })
        }
        let messages = try run(
            "let t = q | finetune s, target: \"OK\"", provider: provider, memory: memory(left: 299_000_000)
        )
        .messages
        #expect(messages.first?.contains("E0512 cell 2") == true)
        #expect(
            messages.first?.contains(
                "it needs about 500 MB of memory: activations 300 MB, weights 200 MB. 299 MB are left") == true,
            "\(messages)")
        #expect(messages.first?.contains("Hint: batch_size: 4, accumulate: 2") == true, "\(messages)")
        #expect(provider.trainings == 0)
        // The weights are there already.
        #expect(
            try run("let t = q | finetune s, target: \"OK\"", provider: provider, memory: memory(left: 300_000_000))
                .messages == [])
    }

    @Test func whatWasWatchedIsAFilmStrip() throws {
        let listener = try run("let t = q | finetune s, target: \"OK\", watch: [\"hi\", \"who?\"]\nt.watched")
        #expect(listener.messages == [])
        #expect(listener.log.contains("step 0 · hi → um well…"), "\(listener.log)")
        let strip = """
            › hi
            step  loss   answer
            ────  ─────  ──────────────
            0     –      um ⏎ well …
            1 ✓   0.500  yes

            › who?
            step  loss   answer
            ────  ─────  ──────────────
            0     –      um ⏎ well …
            1 ✓   0.500  yes
            """
        let text = ValueText.render(try #require(listener.shown.last), style: TextStyle(width: 80))
        #expect(
            text.replacingOccurrences(of: "─", with: "") == strip.replacingOccurrences(of: "─", with: ""), "\(text)")
        #expect(listener.shown.last?.rows?.columnNames == ["prompt", "step", "loss", "answer"])
    }

    @Test func whatAModelRemembersIsSaved() throws {
        let scratch = try Scratch(
            cells: [
                "let q = load \"q.jsonl\"", "let t = q | finetune (model \"student\"), target: \"OK\", watch: \"hi\"",
                "worst t, 1", "len(t.watched)",
            ], files: ["q.jsonl": Self.rows])
        _ = try scratch.session().run()
        try scratch.edit { $0.cells[2].source = "worst t, 2" }
        let provider = ScriptedProvider { _ in "yes" }
        let listener = Listener()
        _ = try scratch.session(provider: provider).run(observer: listener)
        #expect(listener.messages == [] && provider.trainings == 0)
        #expect(listener.shown.last?.rows?.count == 2)
    }

    @Test func aTrainedModelIsTrainedFurtherFromItsWeights() throws {
        let provider = ScriptedProvider { _ in "yes" }
        let listener = try run(
            "let t = q | take 2 | finetune s, target: \"OK\"\nlet u = q | skip 2 | finetune t, target: \"OK\"\nu",
            provider: provider)
        #expect(listener.messages == [])
        #expect(
            provider.jobs.map { $0.baseWeights.map { String(decoding: $0, as: UTF8.self) } } == [
                nil, "adapter of 2 rows",
            ])
        #expect(listener.log.last?.contains("4 rows seen") == true, "\(listener.log)")
    }

    @Test(arguments: [
        (
            "method: \"soft\"",
            "Expected `teacher:`; `method: \"soft\"` learns a teacher's probabilities."
        ),
        ("teacher: s", "Expected no `teacher`; only `method: \"soft\" or \"on_policy\"` uses it."),
        ("temperature: 2", "Expected no `temperature`; only `method: \"soft\" or \"on_policy\"` uses it."),
        (
            "method: \"soft\", teacher: s, lambda: 0.5",
            "Expected no `lambda`; only `method: \"on_policy\"` uses it."
        ),
        (
            "method: \"on_policy\", teacher: s, top_k: 8",
            "Expected no `top_k`; only `method: \"soft\"` uses it."
        ),
        ("method: \"hard\"", "Expected \"sft\" or \"soft\" or \"on_policy\""),
        ("method: \"soft\", teacher: s, kd_ratio: 2", "Expected a number from 0 to 1"),
    ]) func methodsSayWhatTheyNeed(_ options: String, _ expected: String) throws {
        let messages = try run("let t = q | finetune s, target: \"OK\", \(options)").messages
        #expect(messages.count == 1 && messages[0].contains(expected), "\(messages)")
    }

    @Test func aMethodThatIsComputedIsCheckedWhenItRuns() throws {
        let messages = try run("let t = q | finetune s, target: \"OK\", method: lower(\"SOFT\")").messages
        #expect(messages.count == 1 && messages[0].contains("Expected `teacher:`"), "\(messages)")
    }

    @Test func aProviderThatCannotPruneSaysSo() throws {
        let messages = try run("let t = q | prune s, to: 1").messages
        #expect(
            messages.count == 1 && messages[0].contains("The layers of `s` are not to be had: it runs elsewhere."),
            "\(messages)")
        let unanswered = try run("let t = q | prune s, to: 1, by: \"loss\"").messages
        #expect(unanswered.count == 1 && unanswered[0].contains("Expected rows with .output"), "\(unanswered)")
    }
}

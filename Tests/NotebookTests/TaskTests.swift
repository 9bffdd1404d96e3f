import Distillation
import Foundation
import OrderedCollections
import PipelineSyntax
import Rendering
import Synchronization
import Tables
import Testing

@testable import Notebook

/// `task` and `generate … task:, reasoning:` on a scripted kernel.
@Suite struct TaskTests {
    private static let rows = (1...10).map { "{\"prompt\":\"q\($0)\",\"answer\":\($0)}\n" }.joined()
    private static let models = """
        let sums = task "math"
        let cora = model "teacher", system: sums.system
        let student = model "student", system: "Be brief."
        let right = sums.grader
        let q = load "q.jsonl"
        """

    /// The number that a request asks for.
    private static func number(_ request: CompletionRequest) -> Int {
        Int((request.messages.last?.content ?? "").drop { !$0.isNumber }) ?? 0
    }

    private static func thought(_ answer: String) -> String { "{\"reason\": \"It is so.\", \"answer\": \(answer)}" }

    private func run(
        _ last: String, cells: [String] = [TaskTests.models], files: [String: String] = ["q.jsonl": TaskTests.rows],
        provider: ScriptedProvider = ScriptedProvider { TaskTests.thought("\(TaskTests.number($0))") }
    ) throws -> Listener {
        let scratch = try Scratch(cells: cells + [last], files: files)
        let listener = Listener()
        _ = try scratch.session(provider: provider).run(observer: listener)
        return listener
    }

    // MARK: Reasoning

    @Test func theOutputIsTheAnswerAloneAndTheReasoningStandsBeside() throws {
        let listener = try run("q | take 1 | generate cora, reasoning: \"cot\"")
        #expect(listener.messages == [])
        let row = try #require(listener.shown.last?.rows?.row(0))
        #expect(row["output"] == "1" && row["output_json"] == 1)
        let sample = try #require(row["sample"])
        #expect(sample[field: "reasoning"] == "It is so." && sample[field: "raw"].text == Self.thought("1"))
        let plain = sample[field: "messages"].list ?? []
        let asked = sample[field: "asked"].list ?? []
        #expect(plain.count == 2 && asked.count == 2 && plain[1] == asked[1])
        #expect(
            plain[0][field: "content"].text
                == "Solve the problem. Reply with the result alone: a whole number without unit or words.")
        #expect(asked[0][field: "content"].text?.contains("at most 80 words") == true)
    }

    @Test func whatIsTrainedIsTheOriginalPromptAndTheAnswer() throws {
        let provider = ScriptedProvider { Self.thought("\(Self.number($0))") }
        let listener = try run(
            "let tuned = q | generate cora, reasoning: \"cot\" | finetune student\ntuned.rows | take 1",
            provider: provider)
        #expect(listener.messages == [])
        let job = try #require(provider.jobs.first)
        #expect(
            job.examples.first == [
                ChatMessage(role: "system", content: "Be brief."), ChatMessage(role: "user", content: "q1"),
                ChatMessage(role: "assistant", content: "1"),
            ])
        #expect(job.examples.count == 10)
        for message in job.examples.joined() { #expect(!message.content.contains("reason")) }
        // With `prompt:` the words come from the sample, which has the plain request.
        let other = ScriptedProvider { Self.thought("\(Self.number($0))") }
        _ = try run(
            "q | drop .prompt | generate cora, prompt: \"n${.answer}\", reasoning: \"cot\" | finetune student",
            provider: other)
        #expect(other.jobs.first?.examples.first?.map(\.content) == ["Be brief.", "n1", "1"])
    }

    @Test func savedLessonsAndStoredCompletionsAreWithoutTheReasoningToo() throws {
        let scratch = try Scratch(
            cells: [
                Self.models,
                "q | take 2 | generate cora, reasoning: \"cot\", store: {lab: \"x\"} | save \"out/l.jsonl\", format: \"openai\"",
                "completions where: {lab: \"x\"} | save \"out/c.jsonl\", format: \"openai\"",
            ], files: ["q.jsonl": Self.rows])
        let provider = ScriptedProvider { Self.number($0) == 2 ? "no idea" : Self.thought("\(Self.number($0))") }
        let listener = Listener()
        _ = try scratch.session(provider: provider).run(observer: listener)
        #expect(listener.messages == [])
        for name in ["out/l.jsonl", "out/c.jsonl"] {
            let text = String(decoding: try scratch.read(name), as: UTF8.self)
            #expect(text.split(separator: "\n").count == 1, "\(text)")
            #expect(!text.contains("reason") && !text.contains("Think before"), "\(text)")
            let messages = try JSON.parse(Array(text.utf8))[field: "messages"].list ?? []
            #expect(messages.map { $0[field: "content"].text ?? "" }.suffix(2) == ["q1", "1"])
        }
    }

    @Test func aReplyThatCannotBeReadIsAnErrorThatCounts() throws {
        let provider = ScriptedProvider { request in
            switch Self.number(request) {
            case 3: "I think it is 3."
            case 4: Self.thought("\"four\"")
            case let number: "Well:\n```json\n\(Self.thought("\(number)"))\n```"
            }
        }
        let listener = try run(
            """
            let l = q | generate cora, reasoning: "cot", task: sums, least: 10 | grade right
            [(l | scores)[0].n, (l | scores)[0].failures, (l | where .output is error | each .sample.raw)]
            """, provider: provider)
        #expect(listener.messages == [])
        #expect(listener.shown.last == [8, 2, ["I think it is 3.", .string(Self.thought("\"four\""))]])
        #expect(
            listener.log.contains(
                "cora: 2 of 10 rows failed. There were 1 reply without the JSON that was asked for, "
                    + "1 reply with another answer than was asked for; the first: the reply does not end in the JSON "
                    + "that was asked for (“I think it is 3.”)."), "\(listener.log)")
    }

    @Test func reasoningIsAskedAndStoredForItself() throws {
        let scratch = try Scratch(
            cells: [
                Self.models, "let a = q | generate cora", "let b = q | generate cora, reasoning: \"cot\"",
                "let c = q | generate cora, reasoning: \"cod\", success_ratio: 0",
            ], files: ["q.jsonl": Self.rows])
        let provider = ScriptedProvider { Self.thought("\(Self.number($0))") }
        _ = try scratch.session(provider: provider).run()
        #expect(provider.requests == 30)
        // Run twice, nothing is asked twice and no row stands twice.
        let listener = Listener()
        try scratch.edit { $0.cells[3].source = "[len(a), len(b)]" }
        _ = try scratch.session(provider: provider).run(.all, observer: listener)
        #expect(provider.requests == 30 && listener.shown.last == [10, 10])
    }

    @Test func samplesAreRowsOfTheirOwnWithOrdinalsOfTheirOwn() throws {
        // Program 6 of the language's page.
        let answers = Mutex<[Int: Int]>([:])
        let provider = ScriptedProvider { request in
            let number = Self.number(request)
            answers.withLock { $0[request.ordinal, default: 0] += 1 }
            return Self.thought("\(request.ordinal == number % 4 ? number : 99)")
        }
        let listener = try run(
            """
            let good = grader last_number(.output) == .answer
            let sums4 = q | generate cora, reasoning: "cot", samples: 4, seed: 1
              | grade good
            let kept = sums4 | where .good == 1 | distinct .prompt
            [len(sums4), len(kept), mean(sums4.good)]
            """, provider: provider)
        #expect(listener.messages == [])
        #expect(listener.shown.last == [40, 10, 0.25])
        #expect(answers.withLock { $0 } == [0: 10, 1: 10, 2: 10, 3: 10])
        #expect(listener.log.contains("generate: 4 samples a row are drawn at temperature 0.8."), "\(listener.log)")
    }

    // MARK: Before anything is spent

    @Test(arguments: [
        ("q | generate cora, task: \"math\"", "Expected at least 40 rows for `math`; there are 10"),
        ("q | generate cora, task: \"nli\"", "Expected at least 65 rows for `nli`; there are 10"),
        (
            "q | generate (model \"teacher\"), task: sums, least: 5",
            "10 of 10 rows are none, so nothing was asked. row 1 and 9 more: the first message is of the user, not the system's."
        ),
        (
            "q | derive prompt: if .answer == 4 then \" \" else .prompt | generate cora, task: sums, least: 5",
            "1 of 10 rows are none, so nothing was asked. row 4: message 2, of the user, is empty."
        ),
        ("q | generate cora, task: sums, least: 5, temperature: 1.5", "Expected a number from 0 to 1 in `temperature`"),
        ("q | generate cora, task: \"maths\"", "Hint: task: \"math\""),
        ("q | generate cora, success_ratio: 70", "Expected a number from 0 to 1"),
        ("q | generate cora, task: \"conversation\", reasoning: \"cot\"", "Expected no reasoning for `conversation`"),
        ("q | generate cora, task: (task \"summarization\"), reasoning: \"cot\"", "Expected \"cod\" or \"none\""),
        ("q | generate cora, task: \"nlu_qa\", reasoning: \"cod\"", "Expected \"cot\" or \"none\" for `nlu_qa`"),
        ("q | generate cora, task: sums, reasoning: \"cod\"", "Expected \"cot\" or \"none\" for `math`"),
        ("q | generate cora, max_summary: 50", "Expected `reasoning: \"cod\"`"),
        ("q | generate cora, least: 5", "Expected a task; `least` is about"),
        ("(task \"conversation\").grader", "Expected a member of a task: least, max_tokens"),
    ]) func whatDoesNotFitIsRefusedBeforeAnythingIsAsked(_ code: String, _ message: String) throws {
        let provider = ScriptedProvider { _ in "yes" }
        let listener = try run(code, provider: provider)
        #expect(listener.messages.count == 1 && listener.messages[0].contains(message), "\(listener.messages)")
        #expect(provider.requests == 0)
    }

    @Test func aGradersGoldIsMissedBeforeAnythingIsAsked() throws {
        let provider = ScriptedProvider { _ in "yes" }
        let listener = try run("q | rename gold: .answer | generate cora | grade sums.grader", provider: provider)
        #expect(listener.messages.first?.contains("there is no `.answer`") == true, "\(listener.messages)")
        #expect(provider.requests == 0)
    }

    @Test func aFirstRequestThatFailsIsTheLast() throws {
        let provider = FailingProvider()
        let scratch = try Scratch(
            cells: [Self.models, "q | generate cora, task: sums, least: 5"], files: ["q.jsonl": Self.rows])
        let listener = Listener()
        _ = try scratch.session(provider: provider.provider).run(observer: listener)
        #expect(provider.provider.requests == 1)
        #expect(
            listener.messages.first?.contains("it failed, so no other was sent: no such deployment.") == true,
            "\(listener.messages)")
    }

    /// A provider that has no answer.
    private struct FailingProvider {
        let provider = ScriptedProvider(results: { _ in .failure(RowError("no such deployment")) })
    }

    @Test func tooFewAnswersAreNoRun() throws {
        let provider = ScriptedProvider { Self.number($0) > 6 ? "?" : Self.thought("\(Self.number($0))") }
        let listener = try run("q | generate cora, task: sums, least: 5", provider: provider)
        #expect(
            listener.messages == [
                """
                E0405 cell 2, 1:5    q | generate cora, task: sums, least: 5
                                         ^^^^^^^^
                  Expected answers for at least 70 % of the rows; 6 of 10 (60 %) have one. There were 4 replies without the JSON that was asked for; the first: the reply does not end in the JSON that was asked for (“?”). All replies are in the store: asking again as it is gives the same.
                  Hint: a larger teacher, reasoning: "none", or success_ratio: 0 to go on with what there is
                """
            ], "\(listener.messages)")
        let content = try run("q | generate cora, task: sums, least: 5, success_ratio: 0.6\n1", provider: provider)
        #expect(content.messages == [])
        // Nothing at all is a run only where that was said.
        let silent = ScriptedProvider { _ in "?" }
        #expect(
            try run("q | generate cora, reasoning: \"cot\"", provider: silent).messages.first?.contains(
                "all 10 rows failed") == true)
        #expect(try run("q | generate cora, reasoning: \"cot\", success_ratio: 0", provider: silent).messages == [])
    }

    @Test func theTeacherIsAskedAsThePresetSays() throws {
        let asked = Mutex<[Sampling]>([])
        let provider = ScriptedProvider { request in
            asked.withLock { $0.append(request.sampling) }
            return Self.thought("1")
        }
        _ = try run(
            """
            let a = q | take 1 | generate cora, task: sums, least: 1
            let b = q | take 1 | generate cora, task: sums, least: 1, temperature: 0.3, top_p: 0.9, max_tokens: 400
            let c = q | take 1 | generate cora, reasoning: "cot"
            let d = q | take 1 | generate cora
            let e = q | take 1 | generate cora, task: "summarization", least: 1, success_ratio: 0
            """, provider: provider)
        #expect(
            asked.withLock { $0 } == [
                Sampling(temperature: 0.8, maxTokens: 200), Sampling(temperature: 0.3, topP: 0.9, maxTokens: 400),
                Sampling(maxTokens: 200), Sampling(maxTokens: 16), Sampling(temperature: 0.8, maxTokens: 680),
            ])
    }

    // MARK: Conversations

    @Test func everyReplyOfAConversationIsWrittenAnewAndLearnt() throws {
        let talk = """
            {"messages":[{"role":"system","content":"Own."},{"role":"user","content":"q1"},{"role":"assistant","content":"old"},{"role":"user","content":"q2"}]}
            {"messages":[{"role":"user","content":"q3"}]}

            """
        let provider = ScriptedProvider { "\($0.messages.count):\($0.messages.last?.content ?? "")" }
        let scratch = try Scratch(
            cells: [
                "let cora = model \"teacher\", system: (task \"conversation\").system\nlet bare = model \"student\"",
                "let t = load \"t.jsonl\", format: \"jsonl\"",
                "let l = t | generate cora, task: \"conversation\", least: 2\nl | each .messages",
                "let tuned = l | finetune bare",
                "compare [bare, tuned], on: t, with: (grader .output == \"x\", name: \"x\"), latency: 0",
            ], files: ["t.jsonl": talk])
        let listener = Listener()
        _ = try scratch.session(provider: provider).run(observer: listener)
        let job = try #require(provider.jobs.first)
        #expect(
            job.examples.map { $0.map(\.content) } == [
                ["Own.", "q1", "2:q1", "q2", "4:q2"], ["q3", "2:q3"],
            ])
        // The rows as they were are rows that the model has seen.
        #expect(listener.messages.last?.contains("Expected rows new to `tuned`") == true, "\(listener.messages)")
        #expect(provider.requests == 3)
    }

    @Test(arguments: [
        ("nli", "q", "The answer is: Neutral.", "neutral", 1), ("nli", "q", "entailment or neutral", "neutral", 0),
        ("nlu_qa", "q", "(B)", "b", 1), ("nlu_qa", "q", "A", "B", 0), ("math", "q", "So 1,200 in all.", "1200", 1),
        ("math", "q", "18", "9 + 9 = 18 #### 18", 1), ("math", "q", "none", "18", 0),
        ("summarization", "Lee flew from Rome to Oslo.", "Lee went to Oslo.", "", 0.5),
        (
            "summarization", "Lee flew from Rome to Oslo.",
            "Lee flew from Rome to Oslo " + String(repeating: "and on ", count: 40), "", 0
        ),
    ]) func eachTaskGradesWhatItsAnswersAre(
        _ task: String, _ prompt: String, _ output: String, _ gold: String, _ score: Double
    ) throws {
        let row = JSON.text(["prompt": .string(prompt), "answer": .string(gold)])
        let listener = try run(
            """
            let right = (task "\(task)").grader
            let graded = load "r.jsonl" | generate (model "student") | grade right
            round(graded.right[0], 4)
            """, files: ["q.jsonl": Self.rows, "r.jsonl": row + "\n"], provider: ScriptedProvider { _ in output })
        #expect(listener.messages == [])
        #expect(listener.shown.last?.double == score, "\(listener.shown) \(listener.log)")
    }

    @Test func aTaskComesBackFromTheFile() throws {
        let scratch = try Scratch(cells: [Self.models, "sums"], files: ["q.jsonl": Self.rows])
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        #expect(listener.messages == [])
        let text = ValueText.render(try #require(listener.shown.last), style: TextStyle(width: 100))
        #expect(text.contains("last_number(.output) == last_number(text(.answer)), where .answer is gold"), "\(text)")
        try scratch.edit { $0.cells[1].source = "[sums.least, sums.reasoning, sums.grader.name]" }
        _ = try scratch.session().run(observer: listener)
        #expect(listener.shown.last == [40, "cot", "grade"])
    }
}

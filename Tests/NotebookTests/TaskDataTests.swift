import Distillation
import Foundation
import OrderedCollections
import PipelineRuntime
import Rendering
import Tables
import Testing

@testable import Notebook

/// The presets on public data where these lie beside the project: CommonsenseQA, GSM8K, SVAMP, SciTLDR.
@Suite struct TaskDataTests {
    private static let folder = URL(fileURLWithPath: #filePath).appending(path: "../../../../shared/data")
        .standardizedFileURL

    /// The first lines of a file; nil, and said so, where it is not there.
    private func lines(_ path: String, _ count: Int) -> [String]? {
        guard let text = try? String(contentsOf: Self.folder.appending(path: path), encoding: .utf8) else {
            print("SKIPPED: \(path) is not in \(Self.folder.path)")
            return nil
        }
        return text.split(separator: "\n", maxSplits: count).prefix(count).map(String.init)
    }

    private func run(_ program: String, _ file: String, _ text: String, _ provider: ScriptedProvider) throws -> Listener
    {
        let scratch = try Scratch(cells: [program], files: [file: text])
        let listener = Listener()
        _ = try scratch.session(provider: provider).run(observer: listener)
        #expect(listener.messages == [])
        return listener
    }

    @Test func commonsenseQA() throws {
        guard let lines = lines("commonsenseqa/train_rand_split.jsonl", 100) else { return }
        let answers = lines.compactMap { line -> (question: String, answer: String)? in
            let row = try? JSON.parse(Array(line.utf8))
            guard let stem = row?[field: "question"][field: "stem"].text else { return nil }
            return (stem, row?[field: "answerKey"].text ?? "")
        }
        #expect(answers.count == 100)
        let provider = ScriptedTeacher.provider(answers) { $0 % 10 == 3 }
        let listener = try run(
            """
            let quiz = task "nlu_qa"
            let cora = model "teacher", system: quiz.system
            let student = model "student", system: quiz.system
            let right = quiz.grader
            fn menu(c) = join_text((c | each "${.label}) ${.text}"), "\\n")
            let lessons = load "csqa.jsonl"
              | derive prompt: "${.question.stem}\\n${menu(.question.choices)}"
              | rename answer: .answerKey
              | generate cora, task: quiz
              | grade right
            let tuned = lessons | finetune student
            lessons | scores
            """, "csqa.jsonl", lines.joined(separator: "\n"), provider)
        let scores = try #require(listener.shown.first?.rows?.rows.first)
        #expect(scores["n"] == 90 && scores["failures"] == 10 && scores["mean"] == 1)
        #expect(listener.log.contains { $0.hasPrefix("cora: 10 of 100 rows failed. ") }, "\(listener.log)")
        #expect(provider.requests == 100)
        let examples = try #require(provider.jobs.first?.examples)
        #expect(examples.count == 90)
        for example in examples {
            #expect(example.map(\.role) == ["system", "user", "assistant"])
            #expect(example[0].content == TaskPreset.multipleChoice.system && example[2].content.count == 1)
        }
    }

    @Test(arguments: [0.2, 0.4]) func gsm8kAndTheShareThatMustBeAnswered(_ share: Double) throws {
        guard let lines = lines("gsm8k/train.jsonl", 50) else { return }
        let answers = lines.compactMap { line -> (question: String, answer: String)? in
            let row = try? JSON.parse(Array(line.utf8))
            guard let question = row?[field: "question"].text, let answer = row?[field: "answer"].text else {
                return nil
            }
            return (question, answer.components(separatedBy: "#### ").last ?? "")
        }
        let provider = ScriptedTeacher.provider(answers) { Double($0 % 10) < share * 10 }
        let scratch = try Scratch(
            cells: [
                """
                let sums = task "math"
                let cora = model "teacher", system: sums.system
                let right = sums.grader
                load "g.jsonl" | rename prompt: .question | generate cora, task: sums | grade right | scores
                """
            ], files: ["g.jsonl": lines.joined(separator: "\n")])
        let listener = Listener()
        _ = try scratch.session(provider: provider).run(observer: listener)
        if share < 0.3 {
            let scores = try #require(listener.shown.last?.rows?.rows.first)
            #expect(scores["n"] == 40 && scores["failures"] == 10 && scores["mean"] == 1)
        } else {
            #expect(listener.messages.first?.contains("30 of 50 (60 %) have one.") == true, "\(listener.messages)")
        }
    }

    @Test func svamp() throws {
        guard let lines = lines("svamp/SVAMP.json", 100_000) else { return }
        let listener = try run(
            """
            let sums = task "math"
            let cora = model "teacher", system: sums.system
            let right = sums.grader
            load "svamp.json" | take 60
              | derive prompt: "${.Body}. ${.Question}" | rename answer: .Answer
              | generate cora, task: sums
              | grade right
              | group n: count(), right: mean(.right)
            """, "svamp.json", lines.joined(separator: "\n"),
            // Half of the answers are one off.
            ScriptedProvider { request in
                let rows = Self.svamp
                let question = request.messages.last?.content ?? ""
                guard let place = rows.firstIndex(where: { question == $0.question }) else { return "?" }
                return ScriptedTeacher.reply("\(rows[place].answer + Double(place % 2))", to: request)
            })
        #expect(listener.shown.last?.rows?.rows.first?["right"] == 0.5)
    }

    private static let svamp: [(question: String, answer: Double)] = {
        guard let data = try? Data(contentsOf: folder.appending(path: "svamp/SVAMP.json")),
            let rows = (try? JSON.parse(Array(data)))?.list
        else { return [] }
        return rows.map {
            ("\($0[field: "Body"].plainText). \($0[field: "Question"].plainText)", $0[field: "Answer"].double ?? 0)
        }
    }()

    @Test func sciTLDR() throws {
        guard let lines = lines("scitldr/test.jsonl", 70) else { return }
        let answers = lines.compactMap { line -> (question: String, answer: String)? in
            let row = try? JSON.parse(Array(line.utf8))
            guard let source = row?[field: "source"].list?.first?.text,
                let target = row?[field: "target"].list?.first?.text
            else { return nil }
            return (source, target)
        }
        #expect(answers.count == 70)
        let provider = ScriptedTeacher.provider(answers) { $0 % 7 == 0 }
        let listener = try run(
            """
            let brief = task "summarization"
            let cora = model "teacher", system: brief.system
            let covered = brief.grader
            load "tldr.jsonl"
              | derive prompt: join_text(.source, " "), answer: .target[0]
              | generate cora, task: brief
              | grade covered
              | scores
            """, "tldr.jsonl", lines.joined(separator: "\n"), provider)
        let scores = try #require(listener.shown.last?.rows?.rows.first)
        // Ten replies cannot be read, and some abstracts name nothing; one sentence names a part of the others.
        let (n, failures) = (scores["n"]?.integer ?? 0, scores["failures"]?.integer ?? 0)
        #expect(n > 30 && n + failures == 70 && failures >= 10, "\(scores)")
        #expect((scores["mean"]?.double).map { $0 > 0.05 && $0 < 0.95 } == true, "\(scores)")
    }
}

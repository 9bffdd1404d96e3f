import Distillation
import Foundation
import OrderedCollections
import PipelineRuntime
import Rendering
import Tables
import Testing

@testable import Notebook

/// The programs of docs/tasks.md, with a teacher that knows the page's answers.
@Suite struct TaskDocumentationTests {
    private static let page =
        (try? String(
            contentsOf: URL(fileURLWithPath: #filePath).appending(path: "../../../docs/tasks.md").standardizedFileURL,
            encoding: .utf8)) ?? ""

    /// The data files that the page shows.
    private static let files: [String: String] = {
        var files: [String: String] = [:]
        for block in page.components(separatedBy: "```jsonl ").dropFirst() {
            let lines = block.components(separatedBy: "```").first?.split(separator: "\n", maxSplits: 1) ?? []
            if let name = lines.first, let text = lines.last { files[String(name)] = String(text) }
        }
        return files
    }()

    static let programs = page.components(separatedBy: "```distnb files\n").dropFirst().compactMap {
        $0.components(separatedBy: "```").first
    }

    private func run(_ program: String) throws -> (Listener, ScriptedProvider) {
        let provider = ScriptedTeacher.provider(
            Self.files.filter { $0.key != "talks.jsonl" }.values.flatMap { ScriptedTeacher.answers(in: $0) })
        let scratch = try Scratch(cells: [program], files: Self.files)
        let listener = Listener()
        _ = try scratch.session(provider: provider).run(observer: listener)
        #expect(listener.messages == [], "\(program)")
        return (listener, provider)
    }

    @Test func thereIsAProgramForEachTask() {
        #expect(Self.programs.count == TaskPreset.allCases.count && Self.files.count == 5)
        for preset in TaskPreset.allCases {
            #expect(Self.programs.contains { $0.contains("task \"\(preset.rawValue)\"") }, "\(preset)")
        }
    }

    @Test(arguments: programs) func eachProgramRunsAndGradesAGoodTeacherGood(_ program: String) throws {
        let (listener, provider) = try run(program)
        let shown = try #require(listener.shown.first)
        #expect(provider.requests > 0)
        for row in shown.rows?.rows ?? [] where row["mean"] != nil {
            // A good summary leaves things out.
            let least = row["grader"] == "covered" ? 0.5 : 1
            #expect(row["failures"] == 0 && (row["mean"]?.double ?? 0) >= least, "\(program)\n\(row)")
        }
        #expect(!listener.log.contains { $0.contains("failed") }, "\(listener.log)")
    }

    @Test func whatThePageSaysOfTheRefusalIsWhatIsSaid() throws {
        let scratch = try Scratch(
            cells: [
                """
                let sums = task "math"
                let cora = model "teacher", system: sums.system
                load "sums.jsonl" | rename prompt: .question
                  | generate cora, task: sums, least: 4
                """
            ], files: Self.files)
        let listener = Listener()
        _ = try scratch.session(provider: ScriptedProvider { _ in "Hm." }).run(observer: listener)
        let told = (listener.messages.first ?? "").split(separator: "\n")
        let block = Self.page.components(separatedBy: "```text\n").last?.components(separatedBy: "```").first ?? ""
        for (line, said) in zip(block.split(separator: "\n"), told) {
            #expect(said.hasPrefix(line.hasSuffix("…") ? String(line.dropLast()) : String(line)), "\(said)")
        }
        #expect(told.count >= 4)
    }
}

/// A teacher that knows answers by what the question holds, and replies in the form that it is asked for.
enum ScriptedTeacher {
    /// Questions and answers of JSON lines.
    static func answers(in lines: String) -> [(question: String, answer: String)] {
        lines.split(separator: "\n").compactMap { line in
            guard let row = try? JSON.parse(Array(line.utf8)) else { return nil }
            let question = ["question", "hypothesis", "text"].compactMap { row[field: $0].text }.first
            return question.map { ($0, row[field: "answer"].plainText) }
        }
    }

    /// - Parameter broken: which questions, in the order of the answers, get a reply that cannot be read.
    static func provider(
        _ answers: [(question: String, answer: String)], broken: @escaping @Sendable (Int) -> Bool = { _ in false }
    ) -> ScriptedProvider {
        ScriptedProvider { request in
            let question = request.messages.last?.content ?? ""
            let place = answers.firstIndex { question.contains($0.question) }
            guard let place else { return "I am glad to help with that." }
            if broken(place) { return "It must be \(answers[place].answer), I would say." }
            return reply(answers[place].answer, to: request)
        }
    }

    static func reply(_ answer: String, to request: CompletionRequest) -> String {
        switch Reasoning.found(in: request.messages)?.reasoning {
        case .chainOfThought(let form):
            let field = form == .choice ? "answer_choice" : "answer"
            return JSON.text([
                "reason": "One can see it.", field == "answer" ? "answer" : "answer_choice": .string(answer),
            ])
        case .chainOfDensity:
            return JSON.text(
                .list(
                    (1...4).map { round in
                        [
                            "Missing_Entities": .string("entity \(round)"),
                            "Denser_Summary": .string(round == 4 ? answer : "draft \(round)"),
                        ]
                    }))
        case nil: return answer
        }
    }
}

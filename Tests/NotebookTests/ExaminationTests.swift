import Distillation
import OrderedCollections
import PipelineSyntax
import Tables
import Testing

@testable import Notebook

/// What `doctor` finds of a notebook.
@Suite struct ExaminationTests {
    private static func question(_ number: Int) -> String {
        let things = ["hammer", "ladder", "bucket", "garden hose", "kitchen sink", "white paint"]
        return "Where is the \(things[number % 6]) that I ordered under the number \(1_000 + number * 137)?"
    }

    private static let rows =
        ((0..<40).map {
            "{\"prompt\":\"\(question($0))\",\"intent\":\"\($0 == 0 ? "rare" : $0 % 2 == 0 ? "a" : "b")\"}"
        }
        + ["{\"prompt\":\"  \",\"intent\":\"a\"}", "{\"prompt\":\"\(question(3).uppercased())\",\"intent\":\"b\"}"])
        .joined(separator: "\n") + "\n"
    private static let held =
        (0..<30).map {
            "{\"prompt\":\"Tell me \($0 * 7) things about tiles and \($0 * 13) about doors\",\"intent\":\"a\"}\n"
        }
        .joined() + "{\"prompt\":\"\(question(5))!\",\"intent\":\"a\"}\n"
    private static let cells = [
        "let parts = {train: load(\"rows.jsonl\"), test: load(\"held.jsonl\")}",
        "let t = model \"teacher\"\nlet s = model \"student\"",
        "let lessons = parts.train | generate t",
        "let tuned = lessons | finetune s, max_tokens: 50",
    ]

    private static func examination(_ cells: [String] = cells, provider: ScriptedProvider? = nil) throws
        -> NotebookExamination
    {
        let scratch = try Scratch(cells: cells, files: ["rows.jsonl": rows, "held.jsonl": held])
        let provider =
            provider
            ?? ScriptedProvider(tokens: { $0.reduce(0) { $0 + $1.content.count } }) { _ in "yes" }
        return NotebookExamination(try scratch.session(provider: provider), trial: false)
    }

    private func findings(_ title: String, _ examination: NotebookExamination) throws -> [Finding] {
        try #require(examination.groups.first { $0.title == title }, "\(examination.groups.map(\.title))").findings
    }

    @Test func emptyAndDoubledRowsAreCounted() throws {
        let found = try findings("parts.train (cell 1)", try Self.examination())
        #expect(found[0].text == "42 rows: prompt, intent")
        #expect(found[1].text.hasPrefix("1 of them ask nothing"))
        #expect(found[2].text.hasPrefix("1 of them ask what an earlier row asks"))
        #expect(found[1].level == .warning && found[2].level == .warning)
    }

    @Test func labelsThatAreFarFromEvenAreTold() throws {
        let found = try findings("parts.train (cell 1)", try Self.examination())
        #expect(found[3].text == ".intent: 3 values, from 1 rows (rare) to 21 (b)")
        #expect(found[3].level == .warning)
    }

    @Test func rowsAlikeAcrossPartsAreTold() throws {
        let found = try findings("parts: parts", try Self.examination())
        #expect(found.count == 1)
        #expect(found[0].text.hasPrefix("train and test: 1 of 31 rows of test are nearly rows of train"), "\(found)")
    }

    @Test func whatIsTrainedOnIsShownWithWhatIsLearnt() throws {
        let examination = try Self.examination()
        let row = try #require(examination.rows.first)
        #expect(row.title == "cell 4, finetune s, row 1 of 42")
        #expect(row.runs.filter(\.isSpecial).map(\.text) == ["<|user|>", "<|assistant|>"])
        #expect(row.runs.filter(\.isTrained).map(\.text).count == 1)
        #expect(row.isMadeUp)
    }

    @Test func rowsThatAreTooLongAreCounted() throws {
        let found = try findings("finetune s (cell 4)", try Self.examination())
        #expect(found.contains { $0.level == .warning && $0.text.contains("the limit is 50") }, "\(found)")
    }

    @Test func cellsThatHaveNotRunAreSaidToBeSoAndNothingIsAsked() throws {
        let provider = ScriptedProvider { _ in "yes" }
        let examination = try Self.examination(provider: provider)
        #expect(provider.requests + provider.trainings == 0)
        #expect(try findings("cells", examination).contains { $0.text.hasPrefix("not run yet: cells 1, 2, 3, 4.") })
        #expect(!examination.hasProblem)
    }

    @Test func mistakesAreProblems() throws {
        let examination = try Self.examination(Self.cells + ["lessons | whre .x"])
        #expect(examination.hasProblem)
        #expect(try findings("cells", examination).contains { $0.level == .problem && $0.text.hasPrefix("cell 5: ") })
    }

    @Test func savedValuesAreUsedWhereCellsAreCurrent() throws {
        let scratch = try Scratch(cells: Self.cells, files: ["rows.jsonl": Self.rows, "held.jsonl": Self.held])
        let provider = ScriptedProvider { _ in "yes" }
        let session = try scratch.session(provider: provider)
        #expect(try session.run().failed == nil)
        session.releaseLock()
        try scratch.remove("rows.jsonl")
        try scratch.remove("held.jsonl")
        let asked = provider.requests
        let examination = NotebookExamination(try scratch.session(provider: provider), trial: false)
        #expect(try findings("parts.train (cell 1)", examination)[0].text == "42 rows: prompt, intent")
        #expect(examination.rows.first?.isMadeUp == false)
        #expect(examination.time == ["Nothing is to run: all 4 cells are current."])
        #expect(provider.requests == asked)
    }
}

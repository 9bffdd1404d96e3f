import Synchronization
import Tables
import Testing

@testable import Notebook

/// A clock that goes on by a second whenever it is read.
final class TickingClock: Sendable {
    private let seconds = Mutex(1_000.0)

    func now() -> Double {
        seconds.withLock { seconds in
            seconds += 1
            return seconds
        }
    }
}

@Suite struct StalenessReasonsTests {
    private static let rows = (1...6).map { "{\"prompt\":\"q\($0)\"}\n" }.joined()
    private static let cells = [
        "let rows = load \"rows.jsonl\"", "let m = model \"teacher\"", "let done = rows | generate m",
        "param n = 2\nn + len(done)",
    ]

    private func scratch() throws -> Scratch {
        let scratch = try Scratch(cells: Self.cells, files: ["rows.jsonl": Self.rows])
        _ = try scratch.session(now: TickingClock().now).run()
        return scratch
    }

    @Test func currentCellsHaveNoReasons() throws {
        let scratch = try scratch()
        let session = try scratch.session()
        #expect((1...4).map(session.reasons) == [[], [], [], []])
        #expect(session.reasons(for: 0) == [])
        #expect(session.reasons(for: 9) == [])
    }

    @Test func aCellThatNeverRanHasNone() throws {
        #expect(try Scratch(cells: ["1"]).session().reasons(for: 1) == [])
    }

    @Test func changedCodeIsTheReasonOfItsCellAndItsNameOfThoseBelow() throws {
        let scratch = try scratch()
        try scratch.edit { $0.cells[1].source = "let m = model \"student\"" }
        let session = try scratch.session()
        #expect(session.reasons(for: 1) == [])
        #expect(session.reasons(for: 2) == ["its code", "the model student", "the model teacher"])
        #expect(session.reasons(for: 3) == ["`m`"])
        #expect(session.reasons(for: 4) == ["`done`"])
    }

    @Test func aCommentIsNoReason() throws {
        let scratch = try scratch()
        try scratch.edit { $0.cells[2].source = "# now\n\n" + $0.cells[2].source + "  # done" }
        let session = try scratch.session()
        #expect((1...4).map(session.reasons) == [[], [], [], []])
        #expect(session.plan().steps.isEmpty)
    }

    @Test func aChangedFileIsTheReasonOfItsReader() throws {
        let scratch = try scratch()
        try scratch.write("rows.jsonl", "{\"prompt\":\"other\"}\n")
        let session = try scratch.session()
        #expect(session.reasons(for: 1) == ["the file rows.jsonl"])
        #expect(session.reasons(for: 2) == [])
        #expect(session.reasons(for: 3) == ["`rows`"])
    }

    @Test func aFileThatIsNotHereMakesNothingStale() throws {
        let scratch = try Scratch(cells: ["len((load \"a.jsonl\"))"], files: ["a.jsonl": Self.rows])
        _ = try scratch.session().run()
        try scratch.edit { _ in }
        try scratch.remove("a.jsonl")
        #expect(try scratch.session().statuses().map(\.status) == [.current])
        try scratch.write("a.jsonl", "{\"prompt\":\"other\"}\n")
        #expect(try scratch.session().reasons(for: 1) == ["the file a.jsonl"])
    }

    @Test func anotherKernelIsAReasonWhereModelsAreReached() throws {
        let scratch = try scratch()
        let session = try scratch.session(kernel: "other")
        #expect(session.reasons(for: 1) == [])
        #expect(session.reasons(for: 2) == ["the kernel"])
        #expect(session.reasons(for: 3) == ["the kernel", "`m`"])
    }

    @Test func aParameterIsAReasonWhereItDiffersFromTheCode() throws {
        let scratch = try scratch()
        #expect(try scratch.session(parameters: ["n": 3]).reasons(for: 4) == ["the parameter n"])
        #expect(try scratch.session(parameters: ["n": 2]).reasons(for: 4) == [])
    }

    @Test func thePlanSaysWhatAndWhyAndWhatItTook() throws {
        let scratch = try scratch()
        try scratch.edit {
            $0.cells[2].source += "\n# a remark\ndone | take 1"
            $0.cells.append(NotebookCell(id: "new", kind: .code, source: "# title\nlen(rows)"))
        }
        let plan = try scratch.session().plan()
        #expect(plan.steps.map(\.number) == [3, 4, 5])
        #expect(plan.steps.map(\.why) == ["its code changed", "`done` changed", "never ran"])
        #expect(plan.steps.map(\.title) == ["let done = rows | generate m", "param n = 2", "len(rows)"])
        // Its rows are stored, but for those that changed: none.
        #expect(plan.steps.map(\.estimate.requests) == [0, 0, 0])
        #expect(plan.steps.map(\.estimate.stored) == [6, 0, 0])
        #expect(plan.steps.allSatisfy { $0.estimate.seconds != nil && $0.estimate.problem == nil })
        #expect(plan.total == 5)
    }

    @Test func thePlansSentenceAddsUpWhatIsKnown() throws {
        let scratch = try scratch()
        #expect(
            try scratch.session().plan().summary == ["Nothing to run: all 4 cells are current."])
        try scratch.edit {
            $0.cells[0].source += " | take 3"
            $0.cells.append(NotebookCell(id: "new", kind: .code, source: "1"))
        }
        let plan = try scratch.session().plan()
        let seconds = DurationText.of(plan.steps.compactMap(\.estimate.seconds).reduce(0, +))
        #expect(
            plan.summary == [
                "4 of 5 cells would run; about \(seconds).", "What the store has is not asked for again.",
            ])
    }

    @Test func whatAModelWasAskedIsKeptWithTheCell() throws {
        let scratch = try scratch()
        let first = try scratch.session().document.cells.map { $0.state?.usage }
        #expect(first[0]?.isEmpty == true)
        #expect(first[2]?.requests == 6)
        #expect(first[2]?.stored == 0)
        #expect(first[2]?.promptTokens == 18)
        #expect(first[2]?.completionTokens == 12)
        _ = try scratch.session().run(.all)
        let second = try scratch.session().document.cells[2].state?.usage
        #expect(second?.requests == 0)
        #expect(second?.stored == 6)
    }

    @Test func cellsThatMadeEmbeddingsAreStaleByAnotherModelForThem() throws {
        let scratch = try Scratch(
            cells: [
                "let rows = load \"rows.jsonl\"", "let m = model \"teacher\"",
                "let near = grader \"text_similarity\", metric: \"cosine\", input: \"{{sample.output_text}}\", "
                    + "reference: \"{{item.prompt}}\"",
                "let vectors = rows | embed .prompt", "let done = rows | generate m", "len(vectors)",
                "done | grade near | count",
            ], files: ["rows.jsonl": Self.rows])
        _ = try scratch.session(now: TickingClock().now).run()
        let same = try scratch.session(provider: ScriptedProvider { _ in "yes" })
        #expect(same.plan().steps.isEmpty)
        let other = try scratch.session(provider: ScriptedProvider(embedding: "sounds") { _ in "yes" })
        #expect(other.statuses().map(\.status.needsRun) == [false, false, false, true, false, true, true])
        #expect(other.reasons(for: 4) == ["the model for embeddings"])
        #expect(other.reasons(for: 6) == ["`vectors`"])
        #expect(other.reasons(for: 7) == ["the model for embeddings"])
        _ = try other.run()
        #expect(try scratch.session(provider: ScriptedProvider(embedding: "sounds") { _ in "" }).plan().steps.isEmpty)
    }
}

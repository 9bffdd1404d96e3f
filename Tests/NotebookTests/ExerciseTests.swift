import OrderedCollections
import Tables
import Testing
import Verbs

@testable import Notebook

@Suite struct ExerciseTests {
    private static let teachers = [
        "let a = 1", "# Two and two\nlet b = 4  # solution: 4", "check a + b == 5, \"the sum is five\"",
        "let c = b  # solution: b\nlet d = 1",
    ]

    /// The learners' notebook in a folder of its own.
    private func scratch() throws -> Scratch {
        let scratch = try Scratch(cells: Self.teachers)
        try scratch.edit { $0 = try Handout(builtins: StandardLanguage.builtins).make(from: $0).document }
        return scratch
    }

    private func progress(_ scratch: Scratch) throws -> LearnerProgress {
        LearnerProgress(try scratch.session().document, builtins: StandardLanguage.builtins)
    }

    private func states(_ scratch: Scratch) throws -> [Exercise.Progress] {
        try progress(scratch).exercises.map(\.progress)
    }

    @Test func cellsWithHolesOrChecksAreExercises() throws {
        let exercises = try progress(scratch()).exercises
        #expect(exercises.map(\.number) == [2, 3, 4])
        #expect(exercises.map(\.title) == ["Two and two", "check a + b == 5, \"the sum is five\"", "let c = ___"])
        #expect(exercises.map(\.id) == ["cell-1", "cell-2", "cell-3"])
    }

    @Test func allAreOpenAsHandedOut() throws {
        let scratch = try scratch()
        #expect(try states(scratch) == [.open, .open, .open])
        #expect(try progress(scratch).summary == "0 of 3 exercises are solved; next is cell 2.")
    }

    @Test func runningAHoleIsNotYetTrying() throws {
        let scratch = try scratch()
        _ = try scratch.session().run()
        #expect(try states(scratch) == [.open, .open, .open])
    }

    @Test func editedCodeThatDidNotRunIsTried() throws {
        let scratch = try scratch()
        try scratch.edit { $0.cells[1].source = "let b = 5" }
        #expect(try states(scratch) == [.tried, .open, .open])
        try scratch.edit { $0.cells[1].source = "let b = = 5" }
        _ = try scratch.session().run()
        #expect(try states(scratch)[0] == .tried)
    }

    @Test func codeThatRanAsItStandsIsSolved() throws {
        let scratch = try scratch()
        try scratch.edit { $0.cells[1].source = "# Two and two\nlet b = 4" }
        _ = try scratch.session().run(.staleUpTo(3))
        #expect(try states(scratch) == [.solved, .solved, .open])
        try scratch.edit { $0.cells[1].source = "# A remark\nlet b =  4" }
        #expect(try states(scratch)[0] == .solved)
        try scratch.edit { $0.cells[1].source = "let b = 3" }
        #expect(try states(scratch)[0] == .tried)
        try scratch.edit { $0.cells[1].source = "let b = ___" }
        #expect(try states(scratch)[0] != .solved)
    }

    @Test func aCheckThatDoesNotHoldIsTriedAndCounted() throws {
        let scratch = try scratch()
        try scratch.edit { $0.cells[1].source = "let b = 3" }
        _ = try scratch.session().run(.staleUpTo(3))
        _ = try scratch.session().run(.staleUpTo(3))
        let progress = try progress(scratch)
        #expect(progress.exercises.map(\.progress) == [.tried, .tried, .open], "what a check refuses is not solved")
        #expect(progress.exercises[1].attempts == 2)
        #expect(progress.summary == "0 of 3 exercises are solved; at work on cell 3 (2 attempts).")
        #expect(progress.rows.rows[1]["attempts"] == 2)
    }

    @Test func allSolvedIsSaid() throws {
        let scratch = try scratch()
        try scratch.edit {
            $0.cells[1].source = "let b = 4"
            $0.cells[3].source = "let c = b\nlet d = 1"
        }
        _ = try scratch.session().run()
        #expect(try progress(scratch).summary == "All 3 exercises are solved.")
        #expect(try progress(scratch).next == nil)
    }

    @Test func cellsThatLearnersAddedOrMovedChangeNoExercise() throws {
        let scratch = try scratch()
        try scratch.edit {
            $0.cells[1].source = "let b = 4"
            $0.cells.insert(NotebookCell(id: "mine", kind: .code, source: "a + 1"), at: 0)
        }
        _ = try scratch.session().run(.staleUpTo(4))
        let exercises = try progress(scratch).exercises
        #expect(exercises.map(\.number) == [3, 4, 5])
        #expect(exercises.map(\.id) == ["cell-1", "cell-2", "cell-3"])
    }

    @Test func aDeletedExerciseCountsAsNotSolved() throws {
        let scratch = try scratch()
        try scratch.edit { $0.cells.remove(at: 1) }
        let exercises = try progress(scratch).exercises
        #expect(exercises.map(\.id) == ["cell-2", "cell-3", "cell-1"])
        #expect(exercises[2].progress == .tried && exercises[2].title == "(deleted)")
    }

    @Test func aChangedCheckIsNotSolved() throws {
        let scratch = try scratch()
        try scratch.edit {
            $0.cells[1].source = "let b = 4"
            $0.cells[2].source = "check true"
            $0.cells[3].source = "let c = b\nlet d = 1"
        }
        _ = try scratch.session().run()
        #expect(try states(scratch)[1] == .tried)
    }

    @Test func aCheckThatHeldForOtherCodeIsNotSolved() throws {
        let scratch = try scratch()
        try scratch.edit {
            $0.cells[1].source = "let b = 4"
            $0.cells[3].source = "let c = b\nlet d = 1"
        }
        _ = try scratch.session().run()
        try scratch.edit { $0.cells[1].source = "let b = 7" }
        #expect(try states(scratch) == [.tried, .tried, .tried])
    }

    @Test func aNotebookWithoutExercisesSaysSo() throws {
        let scratch = try Scratch(cells: ["1"])
        #expect(try progress(scratch).summary == "This notebook has no exercises: no hole ___ and no check.")
    }
}

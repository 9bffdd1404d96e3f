import Testing

@testable import Notebook

@Suite struct RunSelectionTests {
    /// Cell 4 needs 2 and 1; cell 5 needs 3.
    private static let cells = ["let a = 1", "let b = a + 1", "let c = 5", "b + 1", "c"]

    private func ran(_ scratch: Scratch, _ selection: RunSelection) throws -> [Int] {
        let listener = Listener()
        _ = try scratch.session().run(selection, observer: listener)
        return listener.started
    }

    @Test func oneCellRunsAfterWhatItNeeds() throws {
        #expect(try ran(Scratch(cells: Self.cells), .one(4)) == [1, 2, 4])
    }

    @Test func oneCellRunsEvenWhereItIsCurrentAndWhatItNeedsDoesNot() throws {
        let scratch = try Scratch(cells: Self.cells)
        _ = try scratch.session().run()
        #expect(try ran(scratch, .one(4)) == [4])
    }

    @Test func whatOneCellNeedsRunsWhereItIsStale() throws {
        let scratch = try Scratch(cells: Self.cells)
        _ = try scratch.session().run()
        try scratch.edit {
            $0.cells[1].source = "let b = a + 2"
            $0.cells[2].source = "let c = 6"
        }
        #expect(try ran(scratch, .one(4)) == [2, 4])
        #expect(try scratch.session().statuses().map(\.status) == [.current, .current, .stale, .current, .stale])
    }

    @Test func aRangeRunsItsCellsAndBeforeThemWhatTheyNeed() throws {
        let scratch = try Scratch(cells: Self.cells)
        #expect(try ran(scratch, .range(from: 4, to: 4)) == [1, 2, 4])
        #expect(try ran(scratch, .range(from: 4, to: nil)) == [3, 4, 5])
        #expect(try ran(scratch, .range(from: 4, to: nil)) == [4, 5])
        #expect(try ran(scratch, .range(from: nil, to: 2)) == [1, 2])
        #expect(try ran(scratch, .range(from: nil, to: nil)) == [1, 2, 3, 4, 5])
        #expect(try ran(scratch, .range(from: 3, to: 2)) == [])
    }

    @Test func staleUpToACellLeavesTheRest() throws {
        let scratch = try Scratch(cells: Self.cells)
        #expect(try ran(scratch, .staleUpTo(3)) == [1, 2, 3])
        #expect(try ran(scratch, .staleUpTo(3)) == [])
        #expect(try ran(scratch, .stale) == [4, 5])
    }

    @Test func allRunsEveryCell() throws {
        let scratch = try Scratch(cells: Self.cells)
        _ = try scratch.session().run()
        #expect(try ran(scratch, .all) == [1, 2, 3, 4, 5])
    }

    @Test(arguments: [
        RunSelection.one(0), .one(6), .one(-1), .range(from: 6, to: nil), .range(from: nil, to: 6),
        .range(from: 0, to: 2), .staleUpTo(6), .staleUpTo(0),
    ]) func aCellThatIsNotThereIsToldAndNothingRuns(_ selection: RunSelection) throws {
        let scratch = try Scratch(cells: Self.cells)
        let session = try scratch.session()
        let listener = Listener()
        let error = #expect(throws: SessionError.self) { try session.run(selection, observer: listener) }
        #expect(error?.description.contains("code cells have the numbers 1 to 5") == true)
        #expect(listener.started == [])
    }

    @Test(arguments: [RunSelection.stale, .all, .range(from: nil, to: nil)])
    func anEmptyNotebookRunsNothing(_ selection: RunSelection) throws {
        let scratch = try Scratch(cells: [])
        let summary = try scratch.session().run(selection)
        #expect(summary == RunSummary())
    }

    @Test func aPlanNamesTheCellsThatRun() throws {
        let scratch = try Scratch(cells: Self.cells)
        for selection in [RunSelection.stale, .all, .one(4), .range(from: 4, to: nil), .staleUpTo(2)] {
            try scratch.write(cells: Self.cells)
            let planned = try scratch.session().plan(selection).steps.map(\.number)
            #expect(try ran(scratch, selection) == planned)
        }
    }

    @Test func aRunThatLeavesACellOutKeepsItsCheckpoint() throws {
        let scratch = try Scratch(
            cells: ["1", "2"], files: [".distnb/checkpoints/key.safetensors": "half a training"])
        _ = try scratch.session().run(.one(1))
        #expect(scratch.checkpoints == ["key.safetensors"])
        _ = try scratch.session().run()
        #expect(scratch.checkpoints == [])
    }
}

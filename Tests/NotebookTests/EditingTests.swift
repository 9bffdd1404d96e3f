import OrderedCollections
import Tables
import Testing

@testable import Notebook

@Suite struct EditingTests {
    private func scratch() throws -> Scratch { try Scratch(cells: ["let a = 1", "let b = 2", "let c = 3"]) }

    private func ids(_ scratch: Scratch) throws -> [String] { try scratch.session().document.cells.map(\.id) }

    private func sources(_ scratch: Scratch) throws -> [String] { try scratch.session().document.cells.map(\.source) }

    // MARK: Places

    private func named() throws -> NotebookSession {
        let scratch = try Scratch(cells: [])
        try scratch.edit {
            $0.cells = [
                NotebookCell(id: "title", kind: .markdown, source: "# T"),
                NotebookCell(id: "abc-1", kind: .code, source: "1"),
                NotebookCell(id: "abc-2", kind: .code, source: "2"),
                NotebookCell(id: "12345678", kind: .code, source: "3"),
            ]
        }
        return try scratch.session()
    }

    @Test func aNumberIsACodeCells() throws {
        let session = try named()
        #expect(try session.place(of: "1") == 1)
        #expect(try session.place(of: "3") == 3)
    }

    @Test func anIdOrItsUniqueBeginningNamesAnyCell() throws {
        let session = try named()
        #expect(try session.place(of: "title") == 0)
        #expect(try session.place(of: "t") == 0)
        #expect(try session.place(of: "abc-2") == 2)
        #expect(try session.place(of: "12345678") == 3)
    }

    @Test(arguments: ["0", "4", "-1", "abc", "abc-", "zzz", "", "12345679", "title "])
    func whatNamesNoCellOrSeveralIsToldWithTheNumbersThatThereAre(_ name: String) throws {
        let session = try named()
        let error = #expect(throws: SessionError.self) { try session.place(of: name) }
        #expect(error?.description.contains("code cells have the numbers 1 to 3") == true)
    }

    // MARK: Changes

    @Test func aNewCellComesAtTheEndOrBeforeAnother() throws {
        let scratch = try scratch()
        let session = try scratch.session()
        let last = try session.addCell("last")
        let first = try session.addCell("# first", kind: .markdown, before: 0)
        #expect(try ids(scratch) == [first, "cell-0", "cell-1", "cell-2", last])
        #expect(try scratch.session().document.cells[0].kind == .markdown)
    }

    @Test func equalNewCellsHaveDifferentIds() throws {
        let scratch = try scratch()
        let session = try scratch.session()
        let new = [try session.addCell("x"), try session.addCell("x")]
        try session.deleteCell(at: 3)
        #expect(new[0] != new[1])
        #expect(try session.addCell("x") != new[1])
        #expect(Set(try ids(scratch)).count == 5)
    }

    @Test func anEditedCellKeepsItsIdAndOutputsAndIsStale() throws {
        let scratch = try Scratch(cells: ["1 + 1"])
        let session = try scratch.session()
        _ = try session.run()
        try session.editCell(at: 0, "1 + 2")
        let saved = try scratch.session()
        #expect(saved.document.cells[0].id == "cell-0")
        #expect(saved.document.cells[0].source == "1 + 2")
        #expect(OutputText.of(saved.document.cells[0].outputs) == "2")
        #expect(saved.statuses().map(\.status) == [.stale])
    }

    @Test(arguments: [
        (0, 3, ["cell-1", "cell-2", "cell-0"]), (0, 2, ["cell-1", "cell-0", "cell-2"]),
        (2, 0, ["cell-2", "cell-0", "cell-1"]), (1, 1, ["cell-0", "cell-1", "cell-2"]),
        (1, 2, ["cell-0", "cell-1", "cell-2"]),
    ]) func aCellIsMovedBeforeAnother(_ place: Int, _ target: Int, _ order: [String]) throws {
        let scratch = try scratch()
        try scratch.session().moveCell(at: place, before: target)
        #expect(try ids(scratch) == order)
    }

    @Test func aMovedCellReadsWhatIsAboveItNow() throws {
        let scratch = try Scratch(cells: ["let a = 1", "a", "let a = 2"])
        _ = try scratch.session().run()
        try scratch.session().moveCell(at: 2, before: 1)
        #expect(try scratch.session().statuses().map(\.status) == [.current, .current, .stale])
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        #expect(listener.shown == [2])
    }

    @Test func aDeletedCellIsGoneAndTheOthersStay() throws {
        let scratch = try scratch()
        try scratch.session().deleteCell(at: 1)
        #expect(try ids(scratch) == ["cell-0", "cell-2"])
    }

    @Test func anotherProcesssNotebookIsNotChanged() throws {
        let scratch = try scratch()
        let other = try scratch.session()
        try other.editCell(at: 0, "let a = 5")
        let session = try scratch.session()
        #expect(throws: SessionError.self) { try session.deleteCell(at: 0) }
        #expect(session.document.cells.count == 3)
        #expect(try sources(scratch) == ["let a = 5", "let b = 2", "let c = 3"])
        _ = other.document
    }

    // MARK: Back

    @Test func eachChangeIsTakenBackInTurn() throws {
        let scratch = try scratch()
        let before = try scratch.read("lab.distnb")
        let session = try scratch.session()
        var files: [[UInt8]] = [before]
        let changes: [(NotebookSession) throws -> Void] = [
            { try $0.addCell("x") }, { try $0.editCell(at: 0, "let a = 7") }, { try $0.moveCell(at: 0, before: 3) },
            { try $0.deleteCell(at: 1) }, { try $0.clear(canUndo: true) },
        ]
        for change in changes {
            try change(session)
            files.append(try scratch.read("lab.distnb"))
        }
        while files.count > 1 {
            files.removeLast()
            try session.undo()
            #expect(try scratch.read("lab.distnb") == files.last)
        }
        let error = #expect(throws: SessionError.self) { try session.undo() }
        #expect(error?.description == "There is nothing to undo.")
    }

    @Test func aTypedCellIsTakenBack() throws {
        let scratch = try scratch()
        let session = try scratch.session()
        _ = try session.run()
        #expect(try session.runNewCell("a + b"))
        try session.undo()
        #expect(try ids(scratch) == ["cell-0", "cell-1", "cell-2"])
    }

    @Test func whatCellsComputedStaysWhenAChangeIsTakenBack() throws {
        let scratch = try scratch()
        let session = try scratch.session()
        _ = try session.run()
        try session.deleteCell(at: 0)
        try session.undo()
        #expect(try scratch.session().statuses().map(\.status) == [.current, .current, .current])
    }

    @Test func whatCellsComputedSinceAChangeStaysWhenItIsTakenBack() throws {
        let scratch = try scratch()
        let session = try scratch.session()
        try session.addCell("a + b")
        _ = try session.run()
        try session.undo()
        #expect(session.document.cells.count == 3)
        #expect(try scratch.session().statuses().map(\.status) == [.current, .current, .current])
    }

    @Test func outputsThatWereClearedComeBack() throws {
        let scratch = try Scratch(cells: ["1 + 1"])
        let session = try scratch.session()
        _ = try session.run()
        let before = try scratch.read("lab.distnb")
        try session.clear(canUndo: true)
        try session.undo()
        #expect(try scratch.read("lab.distnb") == before)
    }

    @Test func valuesOfCodeThatWasTakenBackAreNotRead() throws {
        let scratch = try scratch()
        let session = try scratch.session()
        _ = try session.run()
        try session.editCell(at: 0, "let a = 10")
        _ = try session.run()
        try session.undo()
        let listener = Listener()
        #expect(try session.runNewCell("a + b", observer: listener))
        #expect(listener.shown == [3])
    }

    // MARK: As handed out

    @Test func aCellGoesBackToWhatWasHandedOut() throws {
        let scratch = try Scratch(cells: ["let a = ___"])
        try scratch.edit {
            $0.cells[0].handout = "let a = ___"
            $0.cells[0].source = "let a = 5\na"
        }
        let session = try scratch.session()
        _ = try session.run()
        try session.resetCell(at: 0)
        let cell = try scratch.session().document.cells[0]
        #expect(cell.source == "let a = ___")
        #expect(cell.outputs.isEmpty && cell.state == nil && cell.executionCount == nil)
        #expect(cell.handout == "let a = ___")
        #expect(session.value(of: "a") == nil)
    }

    @Test func aCellThatNobodyHandedOutStays() throws {
        let scratch = try scratch()
        let session = try scratch.session()
        let error = #expect(throws: SessionError.self) { try session.resetCell(at: 1) }
        #expect(error?.description.contains("Cell 2 was not handed out") == true)
        #expect(try sources(scratch)[1] == "let b = 2")
    }
}

import OrderedCollections
import Tables
import Testing

@testable import Notebook

@Suite struct NotebookDifferenceTests {
    private func cell(_ id: String, _ source: String = "1", output: String = "") -> NotebookCell {
        NotebookCell(
            id: id, kind: .code, source: source,
            outputs: output.isEmpty ? [] : [["output_type": "stream", "name": "stdout", "text": .string(output)]])
    }

    private func document(_ cells: [NotebookCell], kernel: String = "embedded") -> NotebookDocument {
        var document = NotebookDocument.empty(kernel: kernel)
        document.cells = cells
        return document
    }

    /// The changes in short: `added c 2`.
    private func changes(
        _ old: NotebookDocument, _ new: NotebookDocument, ignoresOutputs: Bool = false
    ) -> [String] {
        NotebookDifference(old, new, ignoresOutputs: ignoresOutputs).changes.map { change in
            switch change {
            case .added(let cell, let place): "added \(cell.id) \(place)"
            case .removed(let cell, let place): "removed \(cell.id) \(place)"
            case .moved(let cell, let from, let to): "moved \(cell.id) \(from) \(to)"
            case .source(let cell, let place, let from): "source \(cell.id) \(place) \(from) → \(cell.source)"
            case .outputs(let cell, let place, let from): "outputs \(cell.id) \(place) \(from)"
            case .kernel(let from, let to): "kernel \(from) \(to)"
            case .parameters: "parameters"
            }
        }
    }

    @Test func equalNotebooksHaveNoDifference() {
        let one = document([cell("a", output: "x"), cell("b")])
        #expect(changes(one, one) == [])
    }

    @Test func addedAndRemovedCellsAreTold() {
        let old = document([cell("a"), cell("b")])
        let new = document([cell("b"), cell("c", "2")])
        #expect(changes(old, new) == ["removed a 1", "added c 2"])
    }

    @Test func cellsWithOtherIdsAreKnownByTheirText() {
        let old = document([cell("a", "1"), cell("b", "2")])
        let new = document([cell("x", "1"), cell("y", "2"), cell("z", "3")])
        #expect(changes(old, new) == ["added z 3"])
    }

    @Test func aMovedCellIsNoNewOne() {
        let old = document([cell("a"), cell("b"), cell("c"), cell("d")])
        let new = document([cell("b"), cell("c"), cell("d"), cell("a")])
        #expect(changes(old, new) == ["moved a 1 4"])
    }

    @Test func whatOnlyGaveWayDidNotMove() {
        let old = document([cell("a"), cell("b")])
        let new = document([cell("x", "0"), cell("a"), cell("b")])
        #expect(changes(old, new) == ["added x 1"])
    }

    @Test func aCellMayBeMovedAndEdited() {
        let old = document([cell("a"), cell("b"), cell("c")])
        let new = document([cell("b"), cell("c"), cell("a", "2")])
        #expect(changes(old, new) == ["moved a 1 3", "source a 3 1 → 2"])
    }

    @Test func sourcesAndOutputsAreTold() {
        let old = document([cell("a", "1", output: "x"), cell("b", "1")])
        let new = document([cell("a", "1", output: "y"), cell("b", "2")])
        #expect(changes(old, new) == ["outputs a 1 x", "source b 2 1 → 2"])
        #expect(changes(old, new, ignoresOutputs: true) == ["source b 2 1 → 2"])
    }

    @Test func kernelAndParametersAreTold() {
        let old = document([])
        var new = document([], kernel: "openai")
        new.parameters = ["n": 3]
        #expect(changes(old, new) == ["kernel embedded openai", "parameters"])
        #expect(changes(old, new, ignoresOutputs: true) == ["kernel embedded openai"])
    }

    @Test func stateAndCountsAreNoDifference() {
        let old = document([cell("a")])
        var new = old
        new.cells[0].state = CellState(status: .ok, fingerprint: "f")
        new.cells[0].executionCount = 4
        #expect(changes(old, new) == [])
    }
}

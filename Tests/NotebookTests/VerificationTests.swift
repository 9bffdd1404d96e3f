import OrderedCollections
import Tables
import Testing

@testable import Notebook

@Suite struct VerificationTests {
    private func cell(
        _ id: String, _ text: String, status: CellState.Status? = .ok, source: String = "x"
    ) -> NotebookCell {
        var cell = NotebookCell(
            id: id, kind: .code, source: source,
            outputs: text.isEmpty ? [] : [["output_type": "execute_result", "data": ["text/plain": .string(text)]]])
        cell.state = status.map { CellState(status: $0, fingerprint: "f", seconds: 2) }
        return cell
    }

    private func verdicts(_ saved: [NotebookCell], _ fresh: [NotebookCell]) -> [Verification.Verdict] {
        verification(saved, fresh).cells.map(\.verdict)
    }

    private func verification(_ saved: [NotebookCell], _ fresh: [NotebookCell]) -> Verification {
        Verification(saved: NotebookDocument(cells: saved), fresh: NotebookDocument(cells: fresh), tolerance: 0.01)
    }

    @Test func eachCellGetsAVerdict() {
        let saved = [
            cell("a", "0.500"), cell("b", "yes"), cell("c", "", status: nil), cell("d", "1"), cell("e", "1"),
            cell("f", "", status: nil, source: " \n"),
        ]
        let fresh = [
            cell("a", "0.501"), cell("b", "no"), cell("c", "1"), cell("d", "1", status: nil),
            cell("e", "1", status: .failed), cell("f", "", status: nil, source: " \n"),
        ]
        #expect(verdicts(saved, fresh) == [.same, .different, .notSaved, .notReached, .failed, .same])
    }

    @Test func aFailureThatWasSavedIsTheSameAgain() {
        #expect(verdicts([cell("a", "E1", status: .failed)], [cell("a", "E1", status: .failed)]) == [.same])
        #expect(verdicts([cell("a", "E1", status: .failed)], [cell("a", "E1")]) == [.different])
    }

    @Test func anInterruptedFreshRunFailed() {
        #expect(verdicts([cell("a", "1")], [cell("a", "1", status: .interrupted)]) == [.failed])
    }

    @Test func cellsAreFoundByTheirIds() {
        #expect(verdicts([cell("a", "1"), cell("b", "2")], [cell("b", "2"), cell("a", "1")]) == [.same, .same])
        #expect(verdicts([cell("a", "1")], []) == [.notReached])
    }

    @Test func itHoldsOnlyWhereEveryCellIsTheSame() {
        #expect(verification([cell("a", "1")], [cell("a", "1")]).holds)
        #expect(!verification([cell("a", "1"), cell("b", "2")], [cell("a", "1")]).holds)
        #expect(verification([], []).holds)
    }

    @Test func theReportShowsBothTextsWhereTheyDiffer() {
        let json = verification([cell("a", "1"), cell("b", "2")], [cell("a", "1"), cell("b", "3")]).json
        #expect(json[field: "holds"] == false)
        let cells = json[field: "cells"].list ?? []
        #expect(
            cells == [
                ["cell": 1, "id": "a", "verdict": "same", "seconds": 2],
                ["cell": 2, "id": "b", "verdict": "different", "seconds": 2, "saved": "2", "fresh": "3"],
            ])
    }

    @Test func aNotebookVerifiesAgainstItsOwnRun() throws {
        let scratch = try Scratch(cells: ["let a = 2\na", "load \"nope.jsonl\"", "a * 3"])
        try scratch.edit { $0.cells[1].metadata["tags"] = ["raises-exception"] }
        _ = try scratch.session().run()
        let saved = try scratch.session().document
        let fresh = try scratch.session()
        try fresh.clear()
        _ = try fresh.run(.all)
        #expect(Verification(saved: saved, fresh: fresh.document, tolerance: 0).holds)
    }
}

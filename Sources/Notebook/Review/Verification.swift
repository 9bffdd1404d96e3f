internal import OrderedCollections
public import PipelineRuntime
public import Tables
public import Verbs

/// The saved outputs of a notebook held against those of a fresh run.
public struct Verification: Sendable {
    /// What came of one cell.
    public enum Verdict: String, Sendable {
        case same, different
        /// It had no saved outputs to compare with.
        case notSaved = "not saved"
        /// The fresh run did not get so far.
        case notReached = "not reached"
        /// The fresh run failed, the saved one had not.
        case failed
    }

    public struct Cell: Sendable {
        public let number: Int
        public let id: String
        public let verdict: Verdict
        public let saved: String
        public let fresh: String
        public let seconds: Double?
    }

    public let cells: [Cell]
    public let tolerance: Double

    /// Whether every cell says the same again.
    public var holds: Bool { cells.allSatisfy { $0.verdict == .same } }

    /// Compares two versions of one notebook.
    /// - Parameter builtins: tells which cells reach a model; only what these say may hold times that differ.
    public init(
        saved: NotebookDocument, fresh: NotebookDocument, tolerance: Double,
        builtins: BuiltinTable = StandardLanguage.builtins
    ) {
        let again = Dictionary(fresh.cells.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.tolerance = tolerance
        let outline = NotebookOutline(
            saved.codeCells.enumerated().map {
                CellAnalysis(source: saved.cells[$1].source, number: $0 + 1, builtins: builtins)
            })
        cells = saved.codeCells.enumerated().map { offset, index in
            let cell = saved.cells[index]
            let new = again[cell.id]
            // A time may come from a model that a cell above asked.
            let asks = ([offset + 1] + outline.ancestors(of: offset + 1)).contains {
                outline.cells[$0 - 1].reachesModel
            }
            let comparison = OutputComparison(tolerance: tolerance, ignoresTimes: asks)
            let texts = (OutputText.of(cell.outputs), OutputText.of(new?.outputs ?? []))
            let verdict: Verdict
            switch (Self.status(cell), new?.state?.status) {
            // An empty cell has nothing to say and nothing to compare.
            case _ where cell.source.allSatisfy(\.isWhitespace): verdict = .same
            case (nil, _): verdict = .notSaved
            case (_, nil): verdict = .notReached
            case (.ok?, .failed?), (.ok?, .interrupted?): verdict = .failed
            case let (old, now):
                let isSame =
                    old == now && comparison.areEqual(texts.0, texts.1)
                    && comparison.areEqual(Self.charts(cell.outputs), Self.charts(new?.outputs ?? []))
                verdict = isSame ? .same : .different
            }
            return Cell(
                number: offset + 1, id: cell.id, verdict: verdict, saved: texts.0, fresh: texts.1,
                seconds: new?.state?.seconds)
        }
    }

    /// How the saved cell ended. A cell whose state was taken out before the notebook was passed on is known by its
    /// outputs.
    private static func status(_ cell: NotebookCell) -> CellState.Status? {
        if let state = cell.state { return state.status }
        if cell.outputs.isEmpty { return nil }
        return cell.outputs.contains { $0[field: "output_type"] == "error" } ? .failed : .ok
    }

    /// Whether there is anything to compare with.
    public static func isPossible(_ saved: NotebookDocument) -> Bool {
        saved.codeCells.contains { status(saved.cells[$0]) != nil }
    }

    /// The charts of outputs as data. Pictures are left aside: fonts differ between machines.
    private static func charts(_ outputs: [Value]) -> String {
        outputs.map { $0[field: "data"][field: "application/vnd.vegalite.v5+json"] }.filter { !$0.isNull }
            .map { JSON.text($0, .notebook) }.joined(separator: "\n")
    }

    /// For machines.
    public var json: Value {
        [
            "holds": .bool(holds), "tolerance": .double(tolerance),
            "cells": .list(
                cells.map { cell in
                    var fields: Record = [
                        "cell": .integer(cell.number), "id": .string(cell.id),
                        "verdict": .string(cell.verdict.rawValue),
                        "seconds": cell.seconds.map { .double($0) } ?? .null,
                    ]
                    if cell.verdict != .same {
                        fields["saved"] = .string(cell.saved)
                        fields["fresh"] = .string(cell.fresh)
                    }
                    return .record(fields)
                }),
        ]
    }
}

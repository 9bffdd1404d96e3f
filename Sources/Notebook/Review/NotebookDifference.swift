/// What two notebooks have different, cell by cell: cells are known by their ids, so a moved cell is no new one.
public struct NotebookDifference: Sendable {
    /// One change.
    public enum Change: Sendable {
        case added(NotebookCell, place: Int)
        case removed(NotebookCell, place: Int)
        case moved(NotebookCell, from: Int, to: Int)
        case source(NotebookCell, place: Int, from: String)
        case outputs(NotebookCell, place: Int, from: String)
        case kernel(from: String, to: String)
        case parameters
    }

    public let changes: [Change]

    /// - Parameter ignoresOutputs: whether only what people wrote counts.
    public init(_ old: NotebookDocument, _ new: NotebookDocument, ignoresOutputs: Bool = false) {
        var changes: [Change] = []
        if old.kernel != new.kernel { changes.append(.kernel(from: old.kernel, to: new.kernel)) }
        if old.parameters != new.parameters, !ignoresOutputs { changes.append(.parameters) }
        let before = Dictionary(
            old.cells.enumerated().map { ($1.id, (place: $0, cell: $1)) }, uniquingKeysWith: { first, _ in first })
        let after = Set(new.cells.map(\.id))
        for (place, cell) in old.cells.enumerated() where !after.contains(cell.id) {
            changes.append(.removed(cell, place: place))
        }
        // Of the cells in both, those out of the old order were moved.
        let common = old.cells.map(\.id).filter(after.contains)
        let order = new.cells.map(\.id).filter { before[$0] != nil }
        var moved: Set<String> = []
        for change in order.difference(from: common) { if case .insert(_, let id, _) = change { moved.insert(id) } }
        for (place, cell) in new.cells.enumerated() {
            guard let (from, was) = before[cell.id] else {
                changes.append(.added(cell, place: place))
                continue
            }
            if moved.contains(cell.id) { changes.append(.moved(cell, from: from, to: place)) }
            if cell.source != was.source { changes.append(.source(cell, place: place, from: was.source)) }
            guard !ignoresOutputs else { continue }
            let texts = (OutputText.of(was.outputs), OutputText.of(cell.outputs))
            if texts.0 != texts.1 { changes.append(.outputs(cell, place: place, from: texts.0)) }
        }
        self.changes = changes
    }
}

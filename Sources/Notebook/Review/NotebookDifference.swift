/// What two notebooks have different, cell by cell: cells are known by their ids, so a moved cell is no new one; those
/// without a partner by their text, for notebooks that came through a script.
///
/// Places are the numbers that people know: of code cells among code cells, from 1; 0 for others.
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
        let new = Self.named(new, after: old)
        let (oldNumbers, newNumbers) = (Self.numbers(old), Self.numbers(new))
        if old.kernel != new.kernel { changes.append(.kernel(from: old.kernel, to: new.kernel)) }
        if old.parameters != new.parameters, !ignoresOutputs { changes.append(.parameters) }
        let before = Dictionary(
            old.cells.enumerated().map { ($1.id, (place: $0, cell: $1)) }, uniquingKeysWith: { first, _ in first })
        let after = Set(new.cells.map(\.id))
        for (place, cell) in old.cells.enumerated() where !after.contains(cell.id) {
            changes.append(.removed(cell, place: oldNumbers[place]))
        }
        // Of the cells in both, those out of the old order were moved.
        let common = old.cells.map(\.id).filter(after.contains)
        let order = new.cells.map(\.id).filter { before[$0] != nil }
        var moved: Set<String> = []
        for change in order.difference(from: common) { if case .insert(_, let id, _) = change { moved.insert(id) } }
        for (place, cell) in new.cells.enumerated() {
            let number = newNumbers[place]
            guard let (from, was) = before[cell.id] else {
                changes.append(.added(cell, place: number))
                continue
            }
            if moved.contains(cell.id) { changes.append(.moved(cell, from: oldNumbers[from], to: number)) }
            if cell.source != was.source { changes.append(.source(cell, place: number, from: was.source)) }
            guard !ignoresOutputs else { continue }
            let texts = (OutputText.of(was.outputs), OutputText.of(cell.outputs))
            if texts.0 != texts.1 { changes.append(.outputs(cell, place: number, from: texts.0)) }
        }
        self.changes = changes
    }

    private static func numbers(_ document: NotebookDocument) -> [Int] {
        var number = 0
        return document.cells.map { cell in
            if cell.kind == .code { number += 1 }
            return cell.kind == .code ? number : 0
        }
    }

    /// The newer notebook with the older one's ids for cells that only their text shows to be the same.
    private static func named(_ new: NotebookDocument, after old: NotebookDocument) -> NotebookDocument {
        let newIDs = Set(new.cells.map(\.id))
        let oldIDs = Set(old.cells.map(\.id))
        var free = old.cells.filter { !newIDs.contains($0.id) }
        guard !free.isEmpty, newIDs != oldIDs else { return new }
        var result = new
        for (index, cell) in new.cells.enumerated() where !oldIDs.contains(cell.id) {
            guard let place = free.firstIndex(where: { $0.kind == cell.kind && $0.source == cell.source }) else {
                continue
            }
            let id = free.remove(at: place).id
            result.cells[index] = NotebookCell(
                id: id, kind: cell.kind, source: cell.source, metadata: cell.metadata, outputs: cell.outputs,
                executionCount: cell.executionCount, other: cell.other)
        }
        return result
    }
}

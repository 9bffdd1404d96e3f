/// Which cells a run is about; cells are numbered from 1.
public enum RunSelection: Sendable, Equatable {
    /// Those that are stale, failed or new.
    case stale
    /// Every cell.
    case all
    /// This one in any case, and before it what it needs and is stale.
    case one(Int)
    /// These in any case, and before them what they need and is stale. Nil stands for the notebook's end on that side.
    case range(from: Int?, to: Int?)
    /// Like `stale`, down to this cell.
    case staleUpTo(Int)
}

extension RunSelection {
    /// The numbers of the cells that it names.
    var named: [Int] {
        switch self {
        case .stale, .all: []
        case .one(let number), .staleUpTo(let number): [number]
        case .range(let from, let to): [from, to].compactMap { $0 }
        }
    }

    /// The cells in the order in which they run.
    func items(in outline: NotebookOutline) -> [RunQueue.Item] {
        let count = outline.cells.count
        func item(_ number: Int, forced: Bool) -> RunQueue.Item { RunQueue.Item(cell: number, isForced: forced) }
        func forced(_ numbers: ClosedRange<Int>) -> [RunQueue.Item] {
            outline.ancestors(of: numbers).filter { !numbers.contains($0) }.map { item($0, forced: false) }
                + numbers.map { item($0, forced: true) }
        }
        switch self {
        case .stale: return (1...max(1, count)).prefix(count).map { item($0, forced: false) }
        case .all: return (1...max(1, count)).prefix(count).map { item($0, forced: true) }
        case .one(let number): return (1...max(1, count)).contains(number) && count > 0 ? forced(number...number) : []
        case .range(let from, let to):
            let first = max(1, from ?? 1)
            let last = min(count, to ?? count)
            return first <= last ? forced(first...last) : []
        case .staleUpTo(let last): return (1...max(1, count)).prefix(min(count, last)).map { item($0, forced: false) }
        }
    }
}

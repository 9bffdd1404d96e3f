/// What is still to run, and what a cell's end means for the rest.
///
/// A pure state machine: it knows no clock, no file and no terminal, only what it is told. Whoever drives it asks
/// `next`, does that, says `finished`, and asks again until there is nothing.
public struct RunQueue: Sendable, Equatable {
    /// A cell that was asked for.
    public struct Item: Sendable, Equatable {
        /// Its number, from 1.
        public let cell: Int
        /// Whether it runs even where it is current.
        public let isForced: Bool
    }

    /// How a cell ended.
    public enum Ending: Sendable, Equatable {
        case ok, failed, interrupted
        /// It failed, as it was meant to.
        case failedAsExpected
    }

    private var pending: [Item] = []
    /// The cell that is running now.
    public private(set) var running: Int?
    /// What happened so far.
    public private(set) var summary = RunSummary()

    public init() {}

    /// Puts cells at the end. A cell that waits already is not queued twice; forced once, it stays forced.
    public mutating func enqueue(_ items: [Item]) {
        for item in items {
            if let index = pending.firstIndex(where: { $0.cell == item.cell }) {
                pending[index] = Item(cell: item.cell, isForced: item.isForced || pending[index].isForced)
            } else {
                pending.append(item)
            }
        }
    }

    /// The cells that would run now if each keeps its status.
    public func planned(status: (Int) -> CellStatus) -> [Int] {
        pending.filter { $0.isForced || status($0.cell).needsRun }.map(\.cell)
    }

    /// The next cell to run; cells that are current by now are passed over and counted. Nil when nothing is left, or
    /// while a cell is running.
    public mutating func next(status: (Int) -> CellStatus) -> Int? {
        guard running == nil else { return nil }
        while !pending.isEmpty {
            let item = pending.removeFirst()
            if item.isForced || status(item.cell).needsRun {
                running = item.cell
                return item.cell
            }
            summary.current += 1
        }
        return nil
    }

    /// The running cell ended. A failure that nobody expected, or an interrupt, drops the rest.
    public mutating func finished(_ ending: Ending) {
        guard let cell = running else { return }
        running = nil
        summary.ran += 1
        switch ending {
        case .ok: break
        case .failedAsExpected: summary.failedAsExpected += 1
        case .failed, .interrupted:
            summary.failed = cell
            summary.wasInterrupted = ending == .interrupted
            pending = []
        }
    }

    /// The running cell could not even start: a mistake was found before.
    public mutating func refused() {
        guard let cell = running else { return }
        running = nil
        summary.failed = cell
        pending = []
    }

    /// Drops what waits; the running cell ends by itself.
    public mutating func interrupt() { pending = [] }
}

/// What a run did.
public struct RunSummary: Sendable, Equatable {
    /// Cells that ran.
    public var ran = 0
    /// Cells that were current and were left alone.
    public var current = 0
    /// The number of the cell that stopped the run.
    public var failed: Int?
    public var wasInterrupted = false
    /// Cells that failed as they were meant to.
    public var failedAsExpected = 0

    public init() {}
}

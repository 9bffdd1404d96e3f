internal import Synchronization

/// Lends pools to whoever sends, one at a time each, and keeps those that come back: their connections stay open.
package final class TransportLender: Sendable {
    private let idle = Mutex<[any TransportPool]>([])
    private let make: @Sendable () -> any TransportPool

    package init(_ make: @escaping @Sendable () -> any TransportPool) { self.make = make }

    /// Exchanges that are still under way when `work` ends are ended.
    package func lend<Outcome>(_ work: (any TransportPool) throws -> Outcome) rethrows -> Outcome {
        let pool = idle.withLock { $0.popLast() } ?? make()
        defer {
            pool.cancelAll()
            idle.withLock { $0.append(pool) }
        }
        return try work(pool)
    }
}

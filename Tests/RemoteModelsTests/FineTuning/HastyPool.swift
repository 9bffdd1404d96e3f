import Foundation
import RemoteModels
import Synchronization

/// Sends over the network; where nothing is under way, time passes at once.
final class HastyPool: TransportPool {
    private let pool: any TransportPool
    private let underWay = Mutex<Set<Int>>([])
    private let clock: HastyClock

    init(_ pool: any TransportPool, _ clock: HastyClock) {
        self.pool = pool
        self.clock = clock
    }

    func start(_ request: HTTPExchange.Request, as id: Int) {
        _ = underWay.withLock { $0.insert(id) }
        pool.start(request, as: id)
    }

    func events(waiting seconds: Double) -> [TransportEvent] {
        guard !underWay.withLock(\.isEmpty) else {
            clock.pass(seconds)
            return []
        }
        let events = pool.events(waiting: seconds)
        underWay.withLock { underWay in for event in events { underWay.remove(event.id) } }
        return events
    }

    func cancel(_ id: Int) {
        _ = underWay.withLock { $0.remove(id) }
        pool.cancel(id)
    }

    func cancelAll() {
        underWay.withLock { $0 = [] }
        pool.cancelAll()
    }
}

final class HastyClock: Sendable {
    private let seconds = Mutex(0.0)
    var now: Double { seconds.withLock { $0 } }
    func pass(_ more: Double) { seconds.withLock { $0 += more } }
}

extension RemoteSurroundings {
    /// The real network, and pauses that are over at once.
    static func hasty(_ environment: [String: String]) -> RemoteSurroundings {
        let clock = HastyClock()
        return RemoteSurroundings(
            now: { clock.now }, date: { Date().timeIntervalSince1970 }, seed: 1,
            secrets: ServiceSecret(environment: environment),
            network: TransportLender { HastyPool(CurlPool(agent: "distnb/test"), clock) })
    }
}

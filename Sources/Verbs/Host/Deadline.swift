internal import Synchronization

/// The moment at which a cell has taken too long; none unless one is set.
public final class Deadline: Sendable {
    private struct State {
        var moment: Double?
        var seconds = 0.0
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Double

    init(now: @escaping @Sendable () -> Double) { self.now = now }

    /// Starts the clock for a cell; nil for no limit.
    public func start(_ seconds: Double?) {
        state.withLock { $0 = State(moment: seconds.map { now() + $0 }, seconds: seconds ?? 0) }
    }

    /// Whether the time is over.
    public var isPassed: Bool {
        guard let moment = state.withLock(\.moment) else { return false }
        return now() >= moment
    }

    /// The limit that was set, in seconds.
    public var seconds: Double { state.withLock(\.seconds) }
}

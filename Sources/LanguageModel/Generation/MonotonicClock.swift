/// The default source of time: seconds that only go forward, counted from an arbitrary moment.
public enum MonotonicClock {
    public static let seconds: @Sendable () -> Double = {
        let elapsed = start.duration(to: .now).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    }

    private static let start = ContinuousClock.now
}

internal import Tables

/// How long single requests take, one at a time, none from the store.
public struct LatencySummary: Sendable, Hashable {
    /// Requests measured.
    public let n: Int
    /// Seconds that half of them, and 95 of 100, stay within (nearest rank).
    public let median: Double
    public let p95: Double

    public init(n: Int, median: Double, p95: Double) {
        self.n = n
        self.median = median
        self.p95 = p95
    }

    /// Seconds for people: "97 ms", "1.25 s".
    public static func text(_ seconds: Double) -> String {
        seconds < 1 ? "\(Number.fixed(1_000 * seconds, decimals: 0)) ms" : "\(Number.fixed(seconds, decimals: 2)) s"
    }

    /// - Returns: nil where nothing was measured.
    public init?(seconds: [Double]) {
        guard !seconds.isEmpty else { return nil }
        let sorted = seconds.sorted()
        func rank(_ share: Double) -> Double { sorted[max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1)] }
        self.init(n: sorted.count, median: rank(0.5), p95: rank(0.95))
    }
}

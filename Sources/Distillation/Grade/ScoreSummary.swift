public import Tables

/// A mean with what it rests on.
public struct ScoreSummary: Sendable, Hashable {
    /// Rows that were scored.
    public let n: Int
    /// Rows whose score is missing because something failed; never counted as 0.
    public let failures: Int
    public let mean: Double?
    /// The 95 % interval of the mean.
    public let interval: Interval?

    /// A range that covers the true mean in 95 of 100 such experiments.
    public struct Interval: Sendable, Hashable {
        public let low: Double
        public let high: Double

        public init(low: Double, high: Double) {
            self.low = low
            self.high = high
        }
    }

    /// A summary from its numbers.
    public init(n: Int, failures: Int, mean: Double?, interval: Interval?) {
        self.n = n
        self.failures = failures
        self.mean = mean
        self.interval = interval
    }

    /// Summarises scores: numbers count, errors and nulls are failures.
    ///
    /// The interval is Wilson's (1927) where every score is 0 or 1, else a percentile bootstrap of 2,000
    /// resamples with a fixed seed (Efron 1979).
    public init(scores: [Value]) {
        var numbers: [Double] = []
        var failures = 0
        for score in scores {
            if let number = score.score { numbers.append(number) } else { failures += 1 }
        }
        n = numbers.count
        self.failures = failures
        guard !numbers.isEmpty else {
            mean = nil
            interval = nil
            return
        }
        let average = numbers.reduce(0, +) / Double(numbers.count)
        mean = average
        if numbers.allSatisfy({ $0 == 0 || $0 == 1 }) {
            interval = Self.wilson(successes: numbers.reduce(0, +), n: Double(numbers.count))
        } else {
            interval = Self.bootstrap(numbers)
        }
    }

    private static func wilson(successes: Double, n: Double) -> Interval {
        let z = 1.959963984540054
        let share = successes / n
        let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return Interval(low: share == 0 ? 0 : max(0, centre - half), high: share == 1 ? 1 : min(1, centre + half))
    }

    private static func bootstrap(_ numbers: [Double]) -> Interval? {
        guard numbers.count > 1 else { return nil }
        var random = RandomStream(seed: 0x5EED)
        var means: [Double] = []
        means.reserveCapacity(2_000)
        for _ in 0..<2_000 {
            var sum = 0.0
            for _ in numbers.indices { sum += numbers[random.below(numbers.count)] }
            means.append(sum / Double(numbers.count))
        }
        means.sort()
        return Interval(low: means[49], high: means[1_949])
    }
}

extension Value {
    /// The value as a score: a finite number, or 1 and 0 for true and false; nil for what failed.
    var score: Double? {
        switch self {
        case .number(let number) where number.double.isFinite: number.double
        case .bool(let flag): flag ? 1 : 0
        default: nil
        }
    }
}

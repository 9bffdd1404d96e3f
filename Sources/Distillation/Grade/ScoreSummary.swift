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
    public typealias Interval = ConfidenceInterval

    /// A summary from its numbers.
    public init(n: Int, failures: Int, mean: Double?, interval: Interval?) {
        self.n = n
        self.failures = failures
        self.mean = mean
        self.interval = interval
    }

    /// Summarises scores: numbers count, errors and nulls are failures.
    ///
    /// The interval is Wilson's where every score is 0 or 1, else the bootstrap's; it is nil where scores other than 0
    /// and 1 are all equal, for they do not tell how they vary.
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
            interval = Wilson.interval(successes: numbers.count { $0 == 1 }, n: n)
        } else {
            interval = Bootstrap.interval(ofMean: numbers)
        }
    }
}

extension Value {
    /// The value as a score: a finite number, or 1 and 0 for true and false; nil for what failed.
    public var score: Double? {
        switch self {
        case .number(let number) where number.double.isFinite: number.double
        case .bool(let flag): flag ? 1 : 0
        default: nil
        }
    }
}

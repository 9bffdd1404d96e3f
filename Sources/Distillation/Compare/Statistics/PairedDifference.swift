public import Tables

/// How one model's grades differ from another's on the same rows.
///
/// Rows are compared with themselves, not means with means: what makes a row hard for both models cancels out, and far
/// fewer rows tell the two apart.
public struct PairedDifference: Sendable, Hashable {
    /// How the p-value and the interval were found.
    public enum Test: String, Sendable, CaseIterable {
        /// All grades are 0 or 1: McNemar's exact test, Tango's interval.
        case mcNemar = "McNemar"
        /// Random signs for p, the bootstrap for the interval.
        case signFlips = "sign flips"
    }

    /// Rows that have a grade on both sides.
    public let n: Int
    /// Rows that lack one on either side; they do not count.
    public let unpaired: Int
    /// Rows on which the first is better, equal, worse.
    public let wins: Int
    public let ties: Int
    public let losses: Int
    /// The mean of the first minus the second; nil without rows.
    public let mean: Double?
    /// The 95 % interval of the mean difference; nil where the rows do not say how it varies.
    public let interval: ConfidenceInterval?
    /// The two-sided p-value of there being no difference; nil without rows.
    public let p: Double?
    public let test: Test
    /// The standard deviation of a row's difference.
    public let spread: Double
    private let bootstrapped: BootstrapEnds?

    /// What the bootstrap says of a bound, without the resamples.
    private struct BootstrapEnds: Hashable {
        let bound: Double
        let p: Double
    }

    /// Compares grades row by row.
    /// - Parameters:
    ///   - grades: of the first model; numbers and truth values count, all else is a missing grade.
    ///   - others: of the second model, for the same rows; what is beyond the shorter list is missing.
    ///   - margin: how much worse the first may be and still be as good; `pWorse` is about it.
    public init(of grades: [Value], to others: [Value], margin: Double? = nil) {
        var pairs: [(Double, Double)] = []
        let rows = max(grades.count, others.count)
        for index in 0..<min(grades.count, others.count) {
            if let a = grades[index].score, let b = others[index].score { pairs.append((a, b)) }
        }
        let differences = pairs.map { $0.0 - $0.1 }
        n = pairs.count
        unpaired = rows - pairs.count
        wins = differences.count { $0 > 0 }
        losses = differences.count { $0 < 0 }
        ties = n - wins - losses
        let areShares = pairs.allSatisfy { ($0.0 == 0 || $0.0 == 1) && ($0.1 == 0 || $0.1 == 1) }
        test = areShares ? .mcNemar : .signFlips
        guard n > 0 else {
            (mean, interval, p, spread, bootstrapped) = (nil, nil, nil, 0, nil)
            return
        }
        let mean = differences.reduce(0, +) / Double(n)
        let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        spread = n > 1 ? (squares / Double(n - 1)).squareRoot() : 0
        if areShares {
            interval = Tango.interval(wins: wins, losses: losses, n: n)
            p = McNemar.p(wins: wins, losses: losses)
            bootstrapped = nil
        } else {
            let resampled = BootstrappedMean(differences, seed: 0x5EED)
            interval = resampled?.interval
            p = n > 1 ? SignFlips.p(differences) : nil
            bootstrapped = margin.flatMap { margin in
                resampled.map { BootstrapEnds(bound: -margin, p: $0.p(ofMeanUpTo: -margin)) }
            }
        }
    }

    /// The one-sided p-value of the first being worse by the margin or more; it is as good within the margin where this
    /// is under 2.5 %, which is the same as an interval of 95 % that ends above −margin.
    /// - Parameter margin: for grades other than 0 and 1 the one that the difference was made with.
    /// - Returns: nil where that cannot be told.
    public func pWorse(byMargin margin: Double) -> Double? {
        guard n > 0, margin >= 0 else { return nil }
        switch test {
        case .mcNemar: return Tango.p(wins: wins, losses: losses, n: n, differenceUpTo: -margin)
        case .signFlips: return bootstrapped.flatMap { $0.bound == -margin ? $0.p : nil }
        }
    }

    /// Rows needed to see a difference of the size found, with 80 % power at 5 % over all `tests`.
    /// - Returns: nil where no difference was found, or it is too small for any number of rows.
    public func rowsToSee(tests: Int = 1) -> Int? {
        guard let mean else { return nil }
        switch test {
        case .mcNemar: return RowsNeeded.toSee(wins: wins, losses: losses, n: n, tests: tests)
        case .signFlips: return RowsNeeded.toSee(difference: mean, spread: spread, tests: tests)
        }
    }

    /// Rows needed to show that the first is as good within a margin, if the difference found is the true one.
    /// - Returns: nil where the difference found is itself no better than −margin.
    public func rowsToShow(margin: Double, tests: Int = 1) -> Int? {
        guard let mean, mean + margin > 0 else { return nil }
        return RowsNeeded.toSee(difference: mean + margin, spread: max(spread, leastSpread), tests: tests)
    }

    /// Rows that were all equal say no more than that fewer than about 1 in n/2 differs.
    private var leastSpread: Double {
        test == .mcNemar && wins + losses == 0 && n > 0 ? (2 / Double(n)).squareRoot() : 0
    }
}

internal import Foundation

/// McNemar's exact test (1947) whether two models are right equally often on the same rows.
///
/// Only rows on which exactly one of the two is right tell them apart. If the models are equal, each such row falls on
/// either side with probability ½, so p is the two-sided binomial probability of a division at least as uneven. Exact
/// and not mid-p: its false positives are at most 5 % whatever the number of rows, at the price of some power.
public enum McNemar {
    /// The two-sided p-value.
    /// - Parameters:
    ///   - wins: rows on which only the first is right.
    ///   - losses: rows on which only the second is right.
    /// - Returns: 0…1; 1 where no row tells them apart.
    public static func p(wins: Int, losses: Int) -> Double {
        let wins = max(0, wins)
        let losses = max(0, losses)
        let (n, partial) = wins.addingReportingOverflow(losses)
        guard !partial, n > 0, wins != losses else { return 1 }
        let fewer = min(wins, losses)
        let logarithm = logChoices(n, fewer) - Double(n) * log(2.0)
        var term = exp(logarithm)
        var sum = term
        var k = fewer
        // From the largest term downwards, each from the one before it: C(n, k−1) = C(n, k) · k / (n − k + 1).
        while k > 0, term > sum * 1e-17 {
            let ratio = Double(k) / Double(n - k + 1)
            term *= ratio
            sum += term
            k -= 1
        }
        return min(1, 2 * sum)
    }

    /// ln C(n, k).
    private static func logChoices(_ n: Int, _ k: Int) -> Double {
        let all: Double = lgamma(Double(n) + 1)
        let chosen: Double = lgamma(Double(k) + 1)
        let others: Double = lgamma(Double(n - k) + 1)
        return all - chosen - others
    }
}

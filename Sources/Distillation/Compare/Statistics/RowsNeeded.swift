/// How many rows an experiment needs: so many that a paired test at 5 % finds a difference in 80 of 100 experiments.
///
/// With K = z₁₋α/₂·s₀ + z₀.₈·s₁, where s₀ and s₁ are the standard deviations of a row's difference without and with a
/// true difference d, rows n must fulfil n·d − ½·step ≥ K·√n. For grades of 0 and 1 this is Connor's (1987) number
/// with a correction for the exact test, whose sums go by steps.
public enum RowsNeeded {
    /// No experiment is told to have more rows than this.
    public static let most = 10_000_000

    /// Rows to see a difference of shares with McNemar's test.
    /// - Parameters:
    ///   - wins: rows of `n` on which only the first model is right, with `losses` the estimate of how often they differ.
    ///   - tests: how many differences are tested at once; the level is divided by it.
    /// - Returns: nil where no difference was found, or `most` would not do.
    public static func toSee(wins: Int, losses: Int, n: Int, tests: Int = 1) -> Int? {
        guard n > 0, wins != losses, wins >= 0, losses >= 0 else { return nil }
        let difference = abs(Double(wins) - Double(losses)) / Double(n)
        let discordant = (Double(wins) + Double(losses)) / Double(n)
        return rows(
            difference: difference, spread: discordant.squareRoot(),
            trueSpread: max(0, discordant - difference * difference).squareRoot(), step: 2, tests: tests)
    }

    /// Rows to see a mean difference of scores.
    /// - Parameter spread: the standard deviation of a row's difference.
    /// - Returns: nil where there is no difference, or `most` would not do.
    public static func toSee(difference: Double, spread: Double, tests: Int = 1) -> Int? {
        rows(
            difference: abs(difference), spread: (spread * spread + difference * difference).squareRoot(),
            trueSpread: spread, step: 0, tests: tests)
    }

    private static func rows(
        difference: Double, spread: Double, trueSpread: Double, step: Double, tests: Int
    ) -> Int? {
        let level = 0.05 / Double(max(1, tests))
        guard difference > 0, spread.isFinite, trueSpread.isFinite,
            let z = NormalDistribution.quantile(1 - level / 2), let power = NormalDistribution.quantile(0.8)
        else { return nil }
        let k = z * spread + power * trueSpread
        let root = (k + (k * k + 2 * step * difference).squareRoot()) / (2 * difference)
        let rows = (root * root).rounded(.up)
        guard rows.isFinite, rows <= Double(most) else { return nil }
        return max(2, Int(rows))
    }
}

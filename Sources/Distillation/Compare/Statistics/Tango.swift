/// The difference of two shares that were measured on the same rows (Tango 1998).
///
/// The score statistic for a supposed difference d is (wins − losses − n·d) / √(n(2q + d(1 − d))), where q is the share
/// of losses that is most likely if d is true. The interval holds all d for which it stays within ±1.96; it has its
/// length also where few rows or none tell the models apart.
public enum Tango {
    /// The 95 % interval of (wins − losses) / n.
    /// - Returns: nil for no rows, or for more wins and losses than rows.
    public static func interval(wins: Int, losses: Int, n: Int) -> ConfidenceInterval? {
        guard isPossible(wins, losses, n) else { return nil }
        let found = (Double(wins) - Double(losses)) / Double(n)
        let z = NormalDistribution.twoSided95
        return ConfidenceInterval(
            low: end(from: found, to: -1) { statistic(wins, losses, n, $0) <= z },
            high: end(from: found, to: 1) { statistic(wins, losses, n, $0) >= -z })
    }

    /// The one-sided p-value of the true difference being a bound or less.
    /// - Returns: 1 for no rows.
    public static func p(wins: Int, losses: Int, n: Int, differenceUpTo bound: Double) -> Double {
        guard isPossible(wins, losses, n), bound < 1 else { return 1 }
        return NormalDistribution.cumulative(-statistic(wins, losses, n, max(-1, bound)))
    }

    private static func isPossible(_ wins: Int, _ losses: Int, _ n: Int) -> Bool {
        guard n > 0, wins >= 0, losses >= 0 else { return false }
        let (sum, isTooMany) = wins.addingReportingOverflow(losses)
        return !isTooMany && sum <= n
    }

    /// The end of the differences that are held possible, by halving: 60 steps give all digits of a double.
    private static func end(from found: Double, to edge: Double, isPossible: (Double) -> Bool) -> Double {
        if isPossible(edge) { return edge }
        var (inside, outside) = (found, edge)
        for _ in 0..<60 {
            let middle = (inside + outside) / 2
            if isPossible(middle) { inside = middle } else { outside = middle }
        }
        return inside
    }

    private static func statistic(_ wins: Int, _ losses: Int, _ n: Int, _ difference: Double) -> Double {
        let (b, c, count) = (Double(wins), Double(losses), Double(n))
        // 2n·q² + B·q − c·d(1 − d) = 0, its larger root.
        let linear = -b - c + (2 * count - b + c) * difference
        let constant = -c * difference * (1 - difference)
        let root = max(0, linear * linear - 8 * count * constant).squareRoot()
        // The share of wins, q + d, is no less than 0 either.
        let q = max(0, -difference, (root - linear) / (4 * count))
        let distance = b - c - count * difference
        let variance = count * (2 * q + difference * (1 - difference))
        guard variance > 0 else { return distance == 0 ? 0 : distance > 0 ? .infinity : -.infinity }
        return distance / variance.squareRoot()
    }
}

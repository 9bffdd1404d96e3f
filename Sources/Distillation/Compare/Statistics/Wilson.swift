/// The interval of a share: Wilson's score interval without continuity correction (Wilson 1927).
///
/// It stays within 0…1, never has length 0, and holds its level also for few rows and shares near 0 or 1, where the
/// textbook's p ± 1.96·√(p(1−p)/n) does not (Brown, Cai, DasGupta 2001).
public enum Wilson {
    /// The 95 % interval.
    /// - Parameter successes: 0…n; what lies outside counts as the nearer end.
    /// - Returns: nil for no rows.
    public static func interval(successes: Int, n: Int) -> ConfidenceInterval? {
        guard n > 0 else { return nil }
        let count = Double(n)
        let share = Double(min(max(successes, 0), n)) / count
        let z = NormalDistribution.twoSided95
        let shrink = 1 / (1 + z * z / count)
        let centre = (share + z * z / (2 * count)) * shrink
        let half = z * shrink * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
        return ConfidenceInterval(
            low: share == 0 ? 0 : max(0, centre - half), high: share == 1 ? 1 : min(1, centre + half))
    }
}

/// The paired permutation test (Fisher 1935) whether two models score the same: if they do, each row's difference could
/// as well have the other sign.
public enum SignFlips {
    /// Random sets of signs that are tried.
    public static let sets = 10_000
    /// From so many rows on the sum of the differences is normal for all purposes.
    private static let mostRows = 20_000

    /// The two-sided p-value, with a fixed seed: (1 + sets of signs whose sum is as far from 0) / (1 + sets), so that it
    /// is never 0 and its false positives stay at their level (Phipson, Smyth 2010). Where there are no more sets of
    /// signs than that, each is tried once and the test is exact.
    /// - Parameter differences: one a row; rows without a difference do not matter.
    /// - Returns: 1 where no row differs.
    public static func p(_ differences: [Double], seed: UInt64 = 0xF11B) -> Double {
        let differing = differences.filter { $0 != 0 && $0.isFinite }
        guard !differing.isEmpty else { return 1 }
        let sum = abs(differing.reduce(0, +))
        if differing.count > mostRows {
            let spread = differing.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return spread.isFinite ? min(1, 2 * NormalDistribution.cumulative(-sum / spread)) : 1
        }
        // What rounding does to sums must not decide whether a set of signs is as far from 0.
        let bound = sum - 1e-9 * differing.reduce(0) { $0 + abs($1) }
        if differing.count <= 13 { return exactP(differing, bound: bound) }
        var random = RandomStream(seed: seed)
        var asFar = 0
        for _ in 0..<sets {
            var total = 0.0
            var bits: UInt64 = 0
            for (index, difference) in differing.enumerated() {
                if index % 64 == 0 { bits = random.next() }
                total += bits & 1 == 0 ? difference : -difference
                bits >>= 1
            }
            if abs(total) >= bound { asFar += 1 }
        }
        return Double(1 + asFar) / Double(1 + sets)
    }

    private static func exactP(_ differences: [Double], bound: Double) -> Double {
        let all = 1 << differences.count
        let asFar = (0..<all).count { signs in
            var total = 0.0
            for (index, difference) in differences.enumerated() {
                total += signs >> index & 1 == 0 ? difference : -difference
            }
            return abs(total) >= bound
        }
        return Double(asFar) / Double(all)
    }
}

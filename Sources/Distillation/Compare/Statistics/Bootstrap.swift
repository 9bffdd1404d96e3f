internal import Foundation

/// The interval of a mean by the bootstrap (Efron 1979): rows are drawn again from the rows that there are.
public enum Bootstrap {
    /// Sets that are drawn.
    public static let resamples = 2_000
    /// From so many rows on the normal distribution gives the same interval at once.
    static let mostRows = 50_000

    /// The 95 % interval of the mean, corrected for bias and skew (BCa, Efron 1987) and widened for few rows as
    /// Student's t is (Hesterberg 2015), with a fixed seed.
    ///
    /// The bias correction is the normal quantile of the share of resampled means below the mean, ties by half; the
    /// acceleration is the jackknife's, which for a mean is Σd³ / 6(Σd²)^1.5 with d the distances from the mean.
    /// - Returns: nil where the numbers say nothing of how they vary: fewer than two, all equal, or not finite.
    public static func interval(ofMean numbers: [Double], seed: UInt64 = 0x5EED) -> ConfidenceInterval? {
        BootstrappedMean(numbers, seed: seed)?.interval
    }
}

/// A mean with the means of resampled rows.
struct BootstrappedMean {
    let mean: Double
    private let standardError: Double
    /// Means of the resamples, ascending; none where there are so many rows that they are not needed.
    private let means: [Double]
    private let bias: Double
    private let acceleration: Double
    /// By how much the normal quantiles are stretched: resampled means vary by √((n − 1)/n) too little, and the spread
    /// itself is estimated.
    private let stretch: Double

    /// - Returns: nil where the numbers say nothing of how they vary: fewer than two, all equal, or not finite.
    init?(_ numbers: [Double], resamples: Int = Bootstrap.resamples, seed: UInt64) {
        let count = Double(numbers.count)
        let mean = numbers.reduce(0, +) / count
        var (squares, cubes) = (0.0, 0.0)
        for number in numbers {
            let distance = number - mean
            squares += distance * distance
            cubes += distance * distance * distance
        }
        guard numbers.count > 1, mean.isFinite, squares.isFinite, cubes.isFinite,
            numbers.contains(where: { $0 != numbers[0] }), squares > 0
        else { return nil }
        self.mean = mean
        standardError = (squares / (count - 1) / count).squareRoot()
        stretch =
            StudentsDistribution.twoSided95(degrees: numbers.count - 1) / NormalDistribution.twoSided95
            * (count / (count - 1)).squareRoot()
        acceleration = cubes / (6 * squares * squares.squareRoot())
        guard numbers.count <= Bootstrap.mostRows, resamples > 0 else {
            (means, bias) = ([], 0)
            return
        }
        var means = Self.resampledMeans(numbers, resamples: resamples, seed: seed)
        means.sort()
        self.means = means
        // What rounding does to sums must not decide on which side of the mean a resample lies.
        let tolerance = 1e-9 * squares.squareRoot()
        let below = means.count { $0 < mean - tolerance }
        let equal = means.count { abs($0 - mean) <= tolerance }
        let share = (Double(below) + Double(equal) / 2) / Double(means.count)
        let quantile = NormalDistribution.quantile(share) ?? 0
        bias = quantile.isFinite ? quantile : 0
    }

    var interval: ConfidenceInterval {
        let z = NormalDistribution.twoSided95
        guard !means.isEmpty else {
            return ConfidenceInterval(low: mean - z * standardError, high: mean + z * standardError)
        }
        return ConfidenceInterval(low: end(-z * stretch), high: end(z * stretch))
    }

    /// The one-sided p-value of the true mean being a bound or less: the level at which the interval's end is the bound.
    func p(ofMeanUpTo bound: Double) -> Double {
        guard !means.isEmpty else { return NormalDistribution.cumulative((bound - mean) / standardError) }
        let below = means.partitioningPlace { $0 <= bound }
        // Among B resamples no p-value is under 1/(B + 1) (Davison, Hinkley 1997).
        let share = min(max(Double(below), 1) / Double(means.count + 1), 1)
        guard share < 1, let z = NormalDistribution.quantile(share) else { return 1 }
        // The end's formula solved for its level.
        let distance = z - bias
        let denominator = 1 + acceleration * distance
        guard denominator > 0 else { return distance > 0 ? 1 : 1 / Double(means.count + 1) }
        let level = distance / denominator - bias
        return min(1, max(1 / Double(means.count + 1), NormalDistribution.cumulative(level / stretch)))
    }

    private func end(_ z: Double) -> Double {
        let shifted = bias + z
        let denominator = 1 - acceleration * shifted
        let share = denominator > 0 ? NormalDistribution.cumulative(bias + shifted / denominator) : (z < 0 ? 0 : 1)
        // Between the two nearest resamples, as numpy's percentile does by default.
        let place = share * Double(means.count - 1)
        let lower = min(max(0, Int(place)), means.count - 1)
        let upper = min(lower + 1, means.count - 1)
        return means[lower] + (place - Double(lower)) * (means[upper] - means[lower])
    }

    /// Two indices from each 64 random bits: a 32-bit number times the count, its upper half. With at most 50,000 rows
    /// the unevenness of that is below one in 80,000.
    private static func resampledMeans(_ numbers: [Double], resamples: Int, seed: UInt64) -> [Double] {
        var random = RandomStream(seed: seed)
        let count = UInt64(numbers.count)
        let pairs = numbers.count / 2
        return numbers.withUnsafeBufferPointer { numbers in
            (0..<resamples).map { _ in
                var (even, odd) = (0.0, 0.0)
                for _ in 0..<pairs {
                    let bits = random.next()
                    even += numbers[Int(truncatingIfNeeded: ((bits & 0xFFFF_FFFF) &* count) >> 32)]
                    odd += numbers[Int(truncatingIfNeeded: ((bits >> 32) &* count) >> 32)]
                }
                if numbers.count % 2 == 1 {
                    even += numbers[Int(truncatingIfNeeded: ((random.next() >> 32) &* count) >> 32)]
                }
                return (even + odd) / Double(numbers.count)
            }
        }
    }
}

extension [Double] {
    /// How many elements of an ascending list fulfil a condition that holds for its beginning only.
    fileprivate func partitioningPlace(_ holds: (Double) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

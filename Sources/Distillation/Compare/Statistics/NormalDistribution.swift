internal import Foundation

/// The standard normal distribution.
public enum NormalDistribution {
    /// The point that a standard normal number stays between, plus or minus, 95 times in 100.
    public static let twoSided95 = 1.959963984540054

    /// The probability of a number up to z.
    public static func cumulative(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

    /// The point below which a number lies with a probability; ±∞ at 0 and 1, and nil outside.
    ///
    /// Acklam's rational approximation (2003, relative error 1.15e-9) and one step of Halley's method on `erfc`, which
    /// brings it to the precision of a double.
    public static func quantile(_ probability: Double) -> Double? {
        guard probability >= 0, probability <= 1 else { return nil }
        guard probability > 0 else { return -.infinity }
        guard probability < 1 else { return .infinity }
        let start = approximateQuantile(probability)
        let error = cumulative(start) - probability
        let step = error * (2 * Double.pi).squareRoot() * exp(start * start / 2)
        let better = start - step / (1 + start * step / 2)
        return better.isFinite ? better : start
    }

    private static func approximateQuantile(_ p: Double) -> Double {
        let tail = 0.02425
        if p < tail { return tailQuantile((-2 * log(p)).squareRoot()) }
        if p > 1 - tail { return -tailQuantile((-2 * log(1 - p)).squareRoot()) }
        let q = p - 0.5
        let r = q * q
        return q * polynomial(centreNumerator, r) / (polynomial(centreDenominator, r) * r + 1)
    }

    private static func tailQuantile(_ q: Double) -> Double {
        polynomial(tailNumerator, q) / (polynomial(tailDenominator, q) * q + 1)
    }

    /// The highest power first.
    private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
        coefficients.reduce(0) { $0 * x + $1 }
    }

    private static let centreNumerator = [
        -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
        -3.066479806614716e+01, 2.506628277459239e+00,
    ]
    private static let centreDenominator = [
        -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
        -1.328068155288572e+01,
    ]
    private static let tailNumerator = [
        -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
        4.374664141464968e+00, 2.938163982698783e+00,
    ]
    private static let tailDenominator = [
        7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00,
    ]
}

/// Student's t distribution, as far as intervals need it.
enum StudentsDistribution {
    /// The point that a number stays between, plus or minus, 95 times in 100.
    ///
    /// The Cornish–Fisher expansion around the normal quantile (Abramowitz and Stegun 26.7.5), from six degrees of
    /// freedom on exact to four digits; below them from a table.
    static func twoSided95(degrees: Int) -> Double {
        let few = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706]
        guard degrees > few.count else { return few[min(max(degrees, 1), few.count) - 1] }
        let z = NormalDistribution.twoSided95
        let (z3, z5, z7) = (z * z * z, z * z * z * z * z, z * z * z * z * z * z * z)
        let z9 = z7 * z * z
        let v = Double(degrees)
        let first = (z3 + z) / 4 / v
        let second = (5 * z5 + 16 * z3 + 3 * z) / 96 / (v * v)
        let third = (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384 / (v * v * v)
        let fourth = (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / 92_160 / (v * v * v * v)
        return z + first + second + third + fourth
    }
}

public import Tables

/// What the numbers of a grader's grades mean: from where to where they go, and how differences are told.
public struct GradeScale: Sendable, Hashable {
    public let low: Double
    public let high: Double
    /// Whether every grade is 0 or 1, so that means are shares and differences points of a hundred.
    public let isShare: Bool
    /// Whether the ends are known, from the grader or because grades are 0 and 1 or lie between; else they are the
    /// lowest and the highest grade seen.
    public let isKnown: Bool

    public init(low: Double, high: Double, isShare: Bool, isKnown: Bool) {
        self.low = low
        self.high = max(low, high)
        self.isShare = isShare
        self.isKnown = isKnown
    }

    /// - Parameters:
    ///   - grades: of all models; what is no number does not count.
    ///   - range: the ends, where the grader has them.
    public init(of grades: [[Value]], range: ClosedRange<Double>? = nil) {
        let numbers = grades.joined().compactMap(\.score)
        let isShare = !numbers.isEmpty && numbers.allSatisfy { $0 == 0 || $0 == 1 } && range.map { $0 == 0...1 } ?? true
        if let range {
            self.init(low: range.lowerBound, high: range.upperBound, isShare: isShare, isKnown: true)
        } else if numbers.allSatisfy({ (0...1).contains($0) }) {
            self.init(low: 0, high: 1, isShare: isShare, isKnown: true)
        } else {
            self.init(low: numbers.min() ?? 0, high: numbers.max() ?? 1, isShare: false, isKnown: false)
        }
    }

    /// How much worse a model may be unless the cell says otherwise: a twentieth of the scale, where its ends are known.
    public var usualMargin: Double? { isKnown && high > low ? (high - low) / 20 : nil }

    /// A grade on a scale from 0 to 10.
    public func outOfTen(_ grade: Double) -> Double { high > low ? 10 * (grade - low) / (high - low) : 0 }

    /// An amount for people, without sign or unit: points of a hundred for shares.
    private func amount(_ difference: Double, trimsZeros: Bool = true) -> String {
        let size = abs(isShare ? 100 * difference : difference)
        let decimals = isShare || high - low > 20 ? (size >= 9.95 ? 0 : 1) : 2
        return Number.fixed(size, decimals: decimals, trimsZeros: trimsZeros)
    }

    /// A difference with its sign.
    func signed(_ difference: Double) -> String {
        amount(difference) == "0"
            ? "0" : "\(difference < 0 ? "-" : "+")\(amount(difference, trimsZeros: false))"
    }

    /// "5 points", "1 point", "0.4".
    func measured(_ difference: Double) -> String {
        let text = amount(difference)
        return isShare ? "\(text) \(text == "1" ? "point" : "points")" : text
    }

    /// "3 to 9 points", "0.4 to 1.2": the ends by size.
    func range(_ interval: ConfidenceInterval) -> String {
        let (near, far) =
            abs(interval.low) <= abs(interval.high)
            ? (interval.low, interval.high) : (interval.high, interval.low)
        // An interval that reaches beyond 0 says nothing of the least.
        guard interval.low * interval.high > 0, amount(near) != amount(far), amount(near) != "0" else {
            return "up to \(measured(far))"
        }
        return "\(amount(near)) to \(measured(far))"
    }
}

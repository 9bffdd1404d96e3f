internal import Tables

/// Maps an axis' values to its length, with ticks at round numbers.
///
/// Steps are 1, 2 or 5 times a power of ten (Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990).
struct ChartScale {
    let low: Double
    let high: Double
    /// Rising, all within `low` and `high`.
    let ticks: [Double]
    private let step: Double

    /// How the ends of an axis follow from its values.
    enum Ends {
        /// At round numbers around the values.
        case round
        /// At the outermost values.
        case tight
        /// A little beyond the outermost values, so that marks do not stand on the axis.
        case loose
        /// Where somebody put them.
        case fixed(ClosedRange<Double>)
    }

    /// - Parameters:
    ///   - values: the axis' values; none make an axis from 0 to 1.
    ///   - about: how many ticks there is room for.
    ///   - includesZero: whether zero must be on the axis, as bars need it.
    ///   - isWhole: whether ticks are whole numbers; nil where the values say it.
    init(
        _ values: some Collection<Double>, ends: Ends, about: Int, includesZero: Bool = false, isWhole: Bool? = nil
    ) {
        var low = values.min() ?? 0
        var high = values.max() ?? 1
        var isRound = true
        switch ends {
        case .round: break
        case .tight: isRound = false
        case .loose:
            let room = (high - low) * 0.03
            (low, high, isRound) = (low - room, high + room, false)
        case .fixed(let range):
            (low, high) = (range.lowerBound, range.upperBound)
            isRound = false
        }
        if includesZero { (low, high) = (min(low, 0), max(high, 0)) }
        let size = max(abs(low), abs(high))
        if high - low <= size * 1e-9 || size < 1e-290 {
            // Equal values stand in the middle, with some room around them.
            let isWhole = size < 1e9 && low == low.rounded()
            let room = isWhole || size < 1e-290 ? 1 : size * 0.1
            (low, high) = (low - room, low + room)
            isRound = true
        }
        let nice = Self.niceStep((high - low) / Double(max(1, about)))
        // There is no step 1.5 and no half row.
        let areWhole = isWhole ?? (high - low > 1 && values.allSatisfy { $0 == $0.rounded() })
        step = areWhole ? max(1, nice) : nice
        if isRound { (low, high) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step) }
        self.low = low
        self.high = high
        // A hair of room, since a tick computed as n × step may miss an end by its last bit.
        let first = (low / step - 1e-6).rounded(.up)
        let last = (high / step + 1e-6).rounded(.down)
        let step = step
        ticks = stride(from: first, through: last, by: 1).map { $0 == 0 ? 0 : min(high, max(low, $0 * step)) }
    }

    /// Equal places for categories, one a whole number.
    init(categories count: Int) {
        low = -0.5
        high = Double(max(1, count)) - 0.5
        step = 1
        ticks = (0..<count).map(Double.init)
    }

    /// Where a value lies, from 0 (low) to 1 (high); what is outside lies at the end.
    func share(_ value: Double) -> Double { min(1, max(0, (value - low) / (high - low))) }

    /// A tick's text: no more decimals than the step needs, an exponent where plain digits would be long.
    func label(_ tick: Double) -> String { Self.label(tick, step: step) }

    /// A number's text beside others that are a step apart.
    static func label(_ tick: Double, step: Double) -> String {
        let exponent = exponent(step)
        guard tick == 0 || (exponent >= -6 && abs(tick) < 1e9) else {
            let power = self.exponent(abs(tick))
            return "\(Number.fixed(tick / self.power(power), decimals: 2, trimsZeros: true))e\(power)"
        }
        return Number.fixed(tick, decimals: min(6, max(0, -exponent)))
    }

    private static func niceStep(_ rough: Double) -> Double {
        let decade = power(exponent(rough))
        let share = rough / decade
        return decade * (share <= 1.0001 ? 1 : share <= 2.0001 ? 2 : share <= 5.0001 ? 5 : 10)
    }

    /// The power of ten at or below a positive number.
    private static func exponent(_ value: Double) -> Int {
        guard value > 0, value.isFinite else { return 0 }
        var exponent = 0
        // 0.1 + 0.2 must count as 0.3, hence the hair.
        while power(exponent + 1) <= value * 1.000_001 { exponent += 1 }
        while power(exponent) > value * 1.000_001 { exponent -= 1 }
        return exponent
    }

    private static func power(_ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<abs(exponent) { result *= 10 }
        return exponent < 0 ? 1 / result : result
    }
}

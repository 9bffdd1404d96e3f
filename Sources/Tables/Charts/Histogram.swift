/// How many of some numbers lie in each of several ranges of one width.
public struct Histogram: Sendable, Hashable {
    /// The width of a bin: 1, 2 or 5 times a power of ten, so that its edges are round numbers.
    public let bins: Chart.Bins
    /// The low edge of each bin, rising; a bin has its low edge, the last one also its high edge.
    public let edges: [Double]
    public let counts: [Int]

    /// Counts numbers; whole numbers get a bin each where there is room, else bins of whole width.
    ///
    /// Without a wish there are about 2·∛n bins, from 5 to 25 (the Rice rule: Lane, "Online Statistics Education",
    /// Rice University, Histograms).
    /// - Parameters:
    ///   - values: what is not finite or beyond ±1e300 is not counted.
    ///   - wish: about how many bins there should be.
    /// - Returns: nil where there is no number.
    public init?(of values: some Sequence<Double>, about wish: Int? = nil) {
        let values = values.filter { abs($0) <= 1e300 }
        guard let low = values.min(), let high = values.max() else { return nil }
        let size = max(abs(low), abs(high))
        let areWhole = size < 1e15 && values.allSatisfy { $0 == $0.rounded() }
        let limit = max(1, min(1_000, wish ?? (areWhole ? 25 : min(25, max(5, Self.twiceCubeRoot(values.count))))))
        let isFlat = high - low <= size * 1e-9
        var width = Self.round(isFlat ? (size < 1e-290 ? 1 : size * 0.1) : high / Double(limit) - low / Double(limit))
        if areWhole {
            width = 1
            // Numbers on both sides of zero take two bins at least.
            while Self.place(high, width) - Self.place(low, width) + 1 > Double(max(2, limit)) {
                width = Self.round(width * 1.5)
            }
        }
        let first = Self.place(low, width)
        var last = Self.place(high, width)
        // The highest value closes the last bin instead of opening one of its own.
        if !areWhole, last > first, Self.isEdge(high, width) { last -= 1 }
        let count = max(1, Int(min(2_000, last - first + 1)))
        var counts = Array(repeating: 0, count: count)
        for value in values {
            let place = Self.place(value, width) - first
            counts[Int(min(Double(count - 1), max(0, place)))] += 1
        }
        self.counts = counts
        edges = (0..<count).map { (first + Double($0)) * width }
        bins = Chart.Bins(width: width, areWhole: areWhole)
    }

    /// The bin of a value, counted from zero; 0.3 lies in the bin from 0.3 whatever its last bit says.
    private static func place(_ value: Double, _ width: Double) -> Double { (value / width + 1e-9).rounded(.down) }

    private static func isEdge(_ value: Double, _ width: Double) -> Bool {
        let place = value / width
        return abs(place - place.rounded()) <= 1e-9
    }

    /// The least number at or above a positive one that is 1, 2 or 5 times a power of ten.
    private static func round(_ width: Double) -> Double {
        var exponent = 0
        while power(exponent + 1) <= width * 1.000_001, exponent < 300 { exponent += 1 }
        while power(exponent) > width * 1.000_001, exponent > -300 { exponent -= 1 }
        let share = width / power(exponent)
        let digit = share <= 1.0001 ? 1 : share <= 2.0001 ? 2 : share <= 5.0001 ? 5 : 10
        return Double("\(digit)e\(exponent)") ?? width
    }

    /// A power of ten; read from text, so that it is the nearest number there is.
    private static func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 1 }

    /// The least whole number whose cube is at least 8 n.
    private static func twiceCubeRoot(_ n: Int) -> Int {
        var root = 1
        while root < 1_000, root * root * root < 8 * min(n, 100_000_000) { root += 1 }
        return root
    }
}

extension Histogram {
    /// The histogram as a chart.
    /// - Parameters:
    ///   - xLabel: what the numbers measure.
    ///   - leftOut: how many values were no numbers.
    public static func chart(of values: [Value], about wish: Int? = nil, title: String? = nil, xLabel: String) -> Chart
    {
        let numbers = values.compactMap { Chart.Point(x: 0, y: $0)?.y }
        let histogram = Histogram(of: numbers, about: wish)
        let points = histogram.map { histogram in
            zip(histogram.edges, histogram.counts).map { Chart.Point(x: .quantity($0), y: Double($1)) }
        }
        let n = Number.integer(Int64(numbers.count)).grouped
        return Chart(
            mark: .histogram, title: title, xLabel: xLabel, yLabel: "values",
            series: [Chart.Series(name: xLabel, points: points ?? [])], bins: histogram?.bins,
            notes: ["n = \(n)" + (histogram.map { "; \($0.bins.sentence)" } ?? "")],
            unplaced: values.count - numbers.count)
    }
}

extension Chart.Bins {
    /// What a bin is, for below the chart.
    fileprivate var sentence: String {
        if areWhole, width == 1 { return "one bin for each whole number" }
        return "bins of \(Number.double(width).grouped)"
            + (areWhole ? " whole numbers" : ", each from its low edge up to the next")
    }
}

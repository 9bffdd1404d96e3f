/// Values over an axis, before anyone decides how they are drawn: one series or several.
public struct Chart: Sendable, Hashable {
    /// How values are drawn.
    public enum Mark: String, Sendable, CaseIterable {
        case bars, line, points
        /// Bins of one width, each with how many values it has; x is the bin's low edge.
        case histogram
        /// Dots beside a name, joined where there are several: p50 and p95 of each model.
        case dots
        /// Cells with counts: a series is a row of the table, x its column.
        case matrix
    }

    /// What the bins of a histogram have in common.
    public struct Bins: Sendable, Hashable {
        public let width: Double
        /// Whether only whole numbers were counted: a bin of width 1 is then a number, not a range.
        public let areWhole: Bool

        public init(width: Double, areWhole: Bool) {
            self.width = width
            self.areWhole = areWhole
        }
    }

    /// A place on the x axis: a number, or a category's name.
    public enum Coordinate: Sendable, Hashable {
        case quantity(Double)
        case category(String)
    }

    /// One value.
    public struct Point: Sendable, Hashable {
        public let x: Coordinate
        public let y: Double
        /// What the value may be, from low to high: an interval or a range.
        public let interval: ClosedRange<Double>?
        /// What stands beside the point. In a table of counts: how many of a cell's pairs agree, where not all do that
        /// its place on the diagonal would make one think.
        public let label: String?

        public init(x: Coordinate, y: Double, interval: ClosedRange<Double>? = nil, label: String? = nil) {
            self.x = x
            self.y = y
            self.interval = interval
            self.label = label
        }

        /// A point from values as data has them; true and false are 1 and 0 on the y axis.
        /// - Returns: nil where `y` is no number or `x` is neither number, text nor truth value; nor are infinities and
        ///   numbers beyond ±1e300 points, for which there is no scale.
        public init?(x: Value, y: Value, interval: ClosedRange<Double>? = nil, label: String? = nil) {
            let place: Coordinate
            switch x {
            case .number(let number) where abs(number.double) <= 1e300: place = .quantity(number.double)
            case .string(let text): place = .category(text)
            case .bool(let flag): place = .category(flag ? "true" : "false")
            default: return nil
            }
            guard let height = y.double ?? y.bool.map({ $0 ? 1 : 0 }), abs(height) <= 1e300 else { return nil }
            self.init(x: place, y: height, interval: interval, label: label)
        }
    }

    /// Points that belong together.
    public struct Series: Sendable, Hashable {
        public let name: String
        public let points: [Point]
        /// How many values had no number to draw: nulls and errors.
        public let leftOut: Int

        /// - Parameter points: nil stands for a value without a number; it is left out and counted.
        public init(name: String, points: [Point?]) {
            self.init(name: name, points: points.compactMap(\.self), leftOut: points.count { $0 == nil })
        }

        init(name: String, points: [Point], leftOut: Int) {
            self.name = name
            self.points = points
            self.leftOut = leftOut
        }
    }

    public let mark: Mark
    public let title: String?
    public let xLabel: String
    public let yLabel: String
    /// The ends of the y axis; nil leaves them to the data.
    public let yRange: ClosedRange<Double>?
    /// On the x axis either all points have numbers, or all have categories; bars always have categories.
    public let series: [Series]
    /// What the bins of a histogram have in common.
    public let bins: Bins?
    /// Whether the points are marked that no other one beats in both: less x and more y (see `ParetoFront`).
    public let marksFront: Bool
    /// Sentences that stand below the chart: how many values there are, what was put together.
    public let notes: [String]
    /// Values that belong to no series, since they have no place on the x axis.
    let unplaced: Int

    /// A chart of series.
    ///
    /// Where some x values are texts, and under bars and dots, numbers become categories as well. A category that comes
    /// again in a series of bars gets a number, so that no bar hides another.
    /// - Parameters:
    ///   - bins: of a histogram.
    ///   - marksFront: whether the points of the Pareto front are marked; for points whose x are numbers.
    ///   - notes: sentences for below the chart.
    ///   - unplaced: how many values were left out that belong to no series.
    public init(
        mark: Mark, title: String? = nil, xLabel: String, yLabel: String, yRange: ClosedRange<Double>? = nil,
        series: [Series], bins: Bins? = nil, marksFront: Bool = false, notes: [String] = [], unplaced: Int = 0
    ) {
        self.mark = mark
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.yRange = yRange
        self.bins = bins
        self.marksFront = marksFront
        self.notes = notes
        self.unplaced = unplaced
        let isNamed = mark == .bars || mark == .dots || mark == .matrix
        let hasCategories = series.contains { series in
            series.points.contains { if case .category = $0.x { true } else { false } }
        }
        guard isNamed || hasCategories else {
            self.series = series
            return
        }
        self.series = series.map { series in
            var seen: [String: Int] = [:]
            let points = series.points.map { point in
                var name = Self.categoryName(point.x)
                if mark == .bars || mark == .dots {
                    let count = seen[name, default: 0] + 1
                    seen[name] = count
                    if count > 1 { name += " (\(count))" }
                }
                return Point(x: .category(name), y: point.y, interval: point.interval, label: point.label)
            }
            return Series(name: series.name, points: points, leftOut: series.leftOut)
        }
    }

    private static func categoryName(_ place: Coordinate) -> String {
        switch place {
        case .quantity(let value): Number.double(value).grouped
        case .category(let name): name
        }
    }

    /// Points of all series.
    public var pointCount: Int { series.reduce(0) { $0 + $1.points.count } }

    /// How many values the points stand for: those that a histogram or a matrix counted, else one a point.
    public var valueCount: Int {
        guard mark == .histogram || mark == .matrix else { return pointCount }
        return series.reduce(0) { sum, series in sum + series.points.reduce(0) { $0 + Int($1.y) } }
    }

    /// Values that had no number or no place, and are not drawn.
    public var leftOut: Int { series.reduce(unplaced) { $0 + $1.leftOut } }

    /// What is not to be seen in the chart, in a sentence; nil where all is drawn.
    public var caption: String? {
        guard leftOut > 0 else { return nil }
        let gaps = series.filter { $0.leftOut > 0 }
        let names =
            series.count > 1 && !gaps.isEmpty
            ? " (\(gaps.prefix(4).map { "\($0.name) \(Self.count($0.leftOut))" }.joined(separator: ", "))"
                + (gaps.count > 4 ? ", …)" : ")") : ""
        return "\(Self.count(leftOut)) of \(Self.count(leftOut + valueCount)) without a value, left out\(names)."
    }

    /// The points of the Pareto front, by series and place in it, with rising x; none where it is not marked.
    public var front: [(series: Int, point: Int)] {
        guard marksFront, mark == .points else { return [] }
        var places: [(series: Int, point: Int)] = []
        var points: [(x: Double, y: Double)] = []
        for (number, series) in series.enumerated() {
            for (index, point) in series.points.enumerated() {
                guard case .quantity(let x) = point.x else { continue }
                places.append((number, index))
                points.append((x, point.y))
            }
        }
        return ParetoFront.indices(of: points).map { places[$0] }
    }

    static func count(_ number: Int) -> String { Number.integer(Int64(number)).grouped }
}

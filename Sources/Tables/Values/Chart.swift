/// Values over an axis, before anyone decides how they are drawn: bars, lines or points, one series or several.
public struct Chart: Sendable, Hashable {
    /// How values are drawn.
    public enum Mark: String, Sendable, CaseIterable { case bars, line, points }

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

        public init(x: Coordinate, y: Double, interval: ClosedRange<Double>? = nil) {
            self.x = x
            self.y = y
            self.interval = interval
        }

        /// A point from values as data has them; true and false are 1 and 0 on the y axis.
        /// - Returns: nil where `y` is no number or `x` is neither number, text nor truth value; nor are infinities and
        ///   numbers beyond ±1e300 points, for which there is no scale.
        public init?(x: Value, y: Value, interval: ClosedRange<Double>? = nil) {
            let place: Coordinate
            switch x {
            case .number(let number) where abs(number.double) <= 1e300: place = .quantity(number.double)
            case .string(let text): place = .category(text)
            case .bool(let flag): place = .category(flag ? "true" : "false")
            default: return nil
            }
            guard let height = y.double ?? y.bool.map({ $0 ? 1 : 0 }), abs(height) <= 1e300 else { return nil }
            self.init(x: place, y: height, interval: interval)
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

    /// A chart of series.
    ///
    /// Where some x values are texts, and under bars, numbers become categories as well. A category that comes again in
    /// a series of bars gets a number, so that no bar hides another.
    public init(
        mark: Mark, title: String? = nil, xLabel: String, yLabel: String, yRange: ClosedRange<Double>? = nil,
        series: [Series]
    ) {
        self.mark = mark
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.yRange = yRange
        let hasCategories = series.contains { series in
            series.points.contains { if case .category = $0.x { true } else { false } }
        }
        guard mark == .bars || hasCategories else {
            self.series = series
            return
        }
        self.series = series.map { series in
            var seen: [String: Int] = [:]
            let points = series.points.map { point in
                var name = Self.categoryName(point.x)
                if mark == .bars {
                    let count = seen[name, default: 0] + 1
                    seen[name] = count
                    if count > 1 { name += " (\(count))" }
                }
                return Point(x: .category(name), y: point.y, interval: point.interval)
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

    /// Values of all series that had no number to draw.
    public var leftOut: Int { series.reduce(0) { $0 + $1.leftOut } }

    /// What is not to be seen in the chart, in a sentence; nil where all is drawn.
    public var caption: String? {
        guard leftOut > 0 else { return nil }
        return "\(Self.count(leftOut)) of \(Self.count(leftOut + pointCount)) values left out: null or an error."
    }

    private static func count(_ number: Int) -> String { Number.integer(Int64(number)).grouped }
}

extension Chart: DomainValue {
    public static let tag = "chart"

    public var kindName: String { "a chart" }

    public var summary: String {
        let kind =
            switch mark {
            case .bars: "a bar chart"
            case .line: "a line chart"
            case .points: "a chart of points"
            }
        let names = series.count <= 1 ? yLabel : series.map(\.name).joined(separator: ", ")
        let gap = leftOut > 0 ? ", \(Self.count(leftOut)) left out" : ""
        return "\(kind): \(names) by \(xLabel), \(Self.count(pointCount)) values\(gap)"
    }

    public var presentation: [PresentationBlock] { [.chart(self)] }

    /// The state: points by column, as they compress and read best.
    public func encoded(with encoder: inout ValueEncoder) throws -> Value {
        [
            "mark": .string(mark.rawValue), "title": title.map { .string($0) } ?? .null, "x": .string(xLabel),
            "y": .string(yLabel), "range": Self.state(yRange),
            "series": .list(
                series.map { series in
                    [
                        "name": .string(series.name), "left_out": .integer(series.leftOut),
                        "x": .list(series.points.map { Self.state($0.x) }),
                        "y": .list(series.points.map { .double($0.y) }),
                        "intervals": series.points.contains { $0.interval != nil }
                            ? .list(series.points.map { Self.state($0.interval) }) : .null,
                    ]
                }),
        ]
    }

    private static func state(_ range: ClosedRange<Double>?) -> Value {
        range.map { [.double($0.lowerBound), .double($0.upperBound)] } ?? .null
    }

    private static func state(_ place: Coordinate) -> Value {
        switch place {
        case .quantity(let value): .double(value)
        case .category(let name): .string(name)
        }
    }

    /// Reads the saved state.
    /// - Throws: `StateError` where it is not a chart's.
    public static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        guard let mark = state[field: "mark"].text.flatMap(Mark.init(rawValue:)),
            let series = state[field: "series"].list
        else { throw StateError("a chart without mark or series") }
        return .domain(
            Chart(
                mark: mark, title: state[field: "title"].text, xLabel: state[field: "x"].text ?? "",
                yLabel: state[field: "y"].text ?? "", yRange: range(state[field: "range"]),
                series: try series.map(decodeSeries)))
    }

    private static func decodeSeries(_ state: Value) throws(StateError) -> Series {
        guard let name = state[field: "name"].text, let x = state[field: "x"].list, let y = state[field: "y"].list,
            x.count == y.count
        else { throw StateError("a chart's series without its values") }
        let intervals = state[field: "intervals"].list ?? []
        let points = x.indices.map { index in
            Point(x: x[index], y: y[index], interval: index < intervals.count ? range(intervals[index]) : nil)
        }
        let drawn = points.compactMap(\.self)
        guard drawn.count == points.count else { throw StateError("a chart's series with values that are no numbers") }
        return Series(name: name, points: drawn, leftOut: state[field: "left_out"].integer ?? 0)
    }

    private static func range(_ state: Value) -> ClosedRange<Double>? {
        guard let ends = state.list, ends.count == 2, let low = ends[0].double, let high = ends[1].double, low <= high
        else { return nil }
        return low...high
    }
}

internal import OrderedCollections

extension Chart: DomainValue {
    public static let tag = "chart"

    public var kindName: String { "a chart" }

    public var summary: String {
        let kind =
            switch mark {
            case .bars: "a bar chart"
            case .line: "a line chart"
            case .points: "a chart of points"
            case .histogram: "a histogram"
            case .dots: "a chart of dots"
            case .matrix: "a confusion matrix"
            }
        let names = series.count <= 1 || mark == .matrix ? yLabel : series.map(\.name).joined(separator: ", ")
        let columns = mark == .histogram ? xLabel : "\(names) by \(xLabel)"
        let gap = leftOut > 0 ? ", \(Self.count(leftOut)) left out" : ""
        return "\(kind): \(columns), \(Self.count(valueCount)) values\(gap)"
    }

    public var presentation: [PresentationBlock] { [.chart(self)] }

    /// The state: points by column, as they compress and read best.
    public func encoded(with encoder: inout ValueEncoder) throws -> Value {
        var state: Record = [
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
                        "labels": series.points.contains { $0.label != nil }
                            ? .list(series.points.map { $0.label.map { .string($0) } ?? .null }) : .null,
                    ]
                }),
        ]
        if let bins { state["bins"] = ["width": .double(bins.width), "whole": .bool(bins.areWhole)] }
        if marksFront { state["front"] = true }
        if !notes.isEmpty { state["notes"] = .list(notes.map { .string($0) }) }
        if unplaced > 0 { state["unplaced"] = .integer(unplaced) }
        return .record(state)
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
                series: try series.map(decodeSeries), bins: bins(state[field: "bins"]),
                marksFront: state[field: "front"].bool ?? false,
                notes: (state[field: "notes"].list ?? []).compactMap(\.text),
                unplaced: max(0, state[field: "unplaced"].integer ?? 0)))
    }

    private static func decodeSeries(_ state: Value) throws(StateError) -> Series {
        guard let name = state[field: "name"].text, let x = state[field: "x"].list, let y = state[field: "y"].list,
            x.count == y.count
        else { throw StateError("a chart's series without its values") }
        let intervals = state[field: "intervals"].list ?? []
        let labels = state[field: "labels"].list ?? []
        let points = x.indices.map { index in
            Point(
                x: x[index], y: y[index], interval: index < intervals.count ? range(intervals[index]) : nil,
                label: index < labels.count ? labels[index].text : nil)
        }
        let drawn = points.compactMap(\.self)
        guard drawn.count == points.count else { throw StateError("a chart's series with values that are no numbers") }
        return Series(name: name, points: drawn, leftOut: max(0, state[field: "left_out"].integer ?? 0))
    }

    private static func bins(_ state: Value) -> Bins? {
        guard let width = state[field: "width"].double, width > 0, width.isFinite else { return nil }
        return Bins(width: width, areWhole: state[field: "whole"].bool ?? false)
    }

    private static func range(_ state: Value) -> ClosedRange<Double>? {
        guard let ends = state.list, ends.count == 2, let low = ends[0].double, let high = ends[1].double, low <= high
        else { return nil }
        return low...high
    }
}

internal import OrderedCollections
internal import Tables

/// The data inside a Vega-Lite chart: a record for each point.
enum VegaRows {
    /// More points than that a line has no mark each.
    static let mostMarks = 30

    static func values(_ frame: ChartFrame) -> [Value] {
        let names = names(frame)
        let numbers = frame.series.flatMap(\.points).map(\.y)
        return frame.series.enumerated().flatMap { number, series in
            let marked = marked(series, number, frame)
            return series.points.enumerated().map { index, point -> Value in
                var row: Record = ["y": .double(point.y), "series": VegaAxes.name(series.name)]
                switch point.x {
                case .quantity(let value): row["x"] = .double(value)
                case .category(let name): row["x"] = VegaAxes.name(name)
                }
                if let interval = point.interval {
                    row["low"] = .double(interval.lowerBound)
                    row["high"] = .double(interval.upperBound)
                }
                switch frame.chart.mark {
                case .bars:
                    row["text"] = VegaAxes.name(
                        BarsText.text(point, among: numbers) + (frame.series.count > 1 ? "  \(series.name)" : ""))
                case .histogram:
                    let edges = frame.edges(point)
                    row["x"] = .double(edges.low)
                    row["x2"] = .double(edges.high)
                    row["text"] = .string(frame.binLabel(point))
                case .line: if marked.contains(index) { row["marked"] = true }
                case .points:
                    if let label = point.label { row["label"] = VegaAxes.name(label) }
                    if let side = names[number]?[index] { row["side"] = .string(side.rawValue) }
                    if frame.isOnFront(number, index) { row["front"] = true }
                case .dots, .matrix: break
                }
                return .record(row)
            }
        }
    }

    /// The points of a line that get a mark: all where they are few, else some, so that lines can be told apart.
    private static func marked(_ series: Chart.Series, _ number: Int, _ frame: ChartFrame) -> Set<Int> {
        guard frame.chart.mark == .line else { return [] }
        if series.points.count <= mostMarks { return Set(series.points.indices) }
        guard frame.series.count > 1 else { return [] }
        var marked: Set<Int> = []
        var next = (Double(number) + 1) / Double(frame.series.count + 1) / 8
        for (index, point) in series.points.enumerated() {
            let share = frame.x.share(frame.place(point))
            guard share >= next else { continue }
            marked.insert(index)
            next = share + 1.0 / 8
        }
        return marked
    }

    /// The sides on which names stand, by series and point: found as in an image, with letters of middle width.
    private static func names(_ frame: ChartFrame) -> [Int: [Int: LabelPlacement.Side]] {
        guard frame.chart.mark == .points else { return [:] }
        let bounds = LabelPlacement.Box(x: 0, y: -6, width: ChartVega.width + 20, height: ChartVega.height + 6)
        let names = PointNames(frame, within: bounds, radius: 5, height: 12) { text in
            (text, 6.6 * Double(min(26, TextWidth.of(text))))
        } place: { point in
            (
                frame.x.share(frame.place(point)) * ChartVega.width,
                (1 - frame.y.share(point.y)) * ChartVega.height
            )
        }
        var sides: [Int: [Int: LabelPlacement.Side]] = [:]
        for name in names.names { sides[name.series, default: [:]][name.point] = name.side }
        return sides
    }
}

internal import Tables

/// The names of points in a picture of a size, as far as they have room; those of the Pareto front first.
struct PointNames {
    struct Name {
        let text: String
        let series: Int
        let point: Int
        let side: LabelPlacement.Side
        let box: LabelPlacement.Box
    }

    /// More names than these make no picture.
    private static let most = 60

    let names: [Name]
    /// Points whose names have no room.
    let unnamed: Int

    /// - Parameters:
    ///   - bounds: what no name may leave.
    ///   - measure: how wide a name is, cut as it will be drawn.
    ///   - place: where a point stands.
    init(
        _ frame: ChartFrame, within bounds: LabelPlacement.Box, radius: Double, height: Double,
        measure: (String) -> (text: String, width: Double), place: (Chart.Point) -> (x: Double, y: Double)
    ) {
        var candidates: [(series: Int, point: Int, isOnFront: Bool)] = []
        for (number, series) in frame.series.enumerated() {
            for (index, point) in series.points.enumerated() where point.label?.isEmpty == false {
                candidates.append((number, index, frame.isOnFront(number, index)))
            }
        }
        let all = candidates.count
        candidates = Array((candidates.filter(\.isOnFront) + candidates.filter { !$0.isOnFront }).prefix(Self.most))
        var texts: [String] = []
        let items = candidates.map { candidate -> LabelPlacement.Item in
            let point = frame.series[candidate.series].points[candidate.point]
            let (text, width) = measure(CellText.oneLine(point.label ?? ""))
            texts.append(text)
            let (x, y) = place(point)
            return LabelPlacement.Item(x: x, y: y, width: width, height: height)
        }
        let marks = all == 0 ? [] : frame.series.flatMap(\.points).map(place)
        let lines = all == 0 ? [] : Self.lines(frame, place)
        let sides = LabelPlacement.sides(of: items, among: marks, radius: radius, lines: lines, within: bounds)
        names = candidates.indices.compactMap { index in
            sides[index].map { side in
                Name(
                    text: texts[index], series: candidates[index].series, point: candidates[index].point, side: side,
                    box: LabelPlacement.box(items[index], side, radius))
            }
        }
        unnamed = all - names.count
    }

    /// The intervals and the stairs of the front.
    private static func lines(
        _ frame: ChartFrame, _ place: (Chart.Point) -> (x: Double, y: Double)
    ) -> [LabelPlacement.Box] {
        func box(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double)) -> LabelPlacement.Box {
            LabelPlacement.Box(
                x: min(a.x, b.x) - 0.5, y: min(a.y, b.y) - 0.5, width: abs(a.x - b.x) + 1, height: abs(a.y - b.y) + 1)
        }
        var lines: [LabelPlacement.Box] = []
        for point in frame.series.flatMap(\.points).prefix(1_000) {
            guard let interval = point.interval else { continue }
            lines.append(
                box(
                    place(Chart.Point(x: point.x, y: interval.lowerBound)),
                    place(Chart.Point(x: point.x, y: interval.upperBound))))
        }
        let corners = frame.front.map { place(frame.series[$0.series].points[$0.point]) }
        for (start, end) in zip(corners, corners.dropFirst()) {
            lines.append(box(start, (end.x, start.y)))
            lines.append(box((end.x, start.y), end))
        }
        return lines
    }

    /// How many names have no room, in a sentence.
    var note: String? {
        guard unnamed > 0 else { return nil }
        let count = Number.integer(Int64(unnamed)).grouped
        return unnamed == 1 ? "1 point has no room for its name." : "\(count) points have no room for their names."
    }
}

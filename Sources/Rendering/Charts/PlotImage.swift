internal import Tables

/// Lines and points in an image, over a light grid.
struct PlotImage: ChartImage {
    private static let plotHeight = 250.0
    /// More points than that are drawn without a dot each.
    private static let mostDots = 30

    private let frame: ChartFrame
    private let left: Double
    private let right: Double
    private let top: Double
    private var names: PointNames?
    private var bottom: Double { top + Self.plotHeight }

    /// Where the next part may begin.
    var end: Double { bottom + 46 }

    var notes: [String] { names?.note.map { [$0] } ?? [] }

    /// Points that are many are drawn small and light, so that it is seen where they are dense.
    private var radius: Double {
        let count = frame.series.map(\.points.count).max() ?? 0
        return frame.chart.mark == .line ? 3 : count > 2_000 ? 1.5 : count > 300 ? 2.5 : frame.front.isEmpty ? 3.5 : 4.5
    }

    /// - Parameters:
    ///   - top: where the y axis' label begins.
    ///   - ruler: measures texts.
    init(_ frame: ChartFrame, width: Double, top: Double, ruler: ImageCanvas) {
        self.frame = frame
        self.top = top + 24
        let labels = frame.y.ticks.map { ruler.width(of: frame.y.label($0), size: 11) }
        left = 16 + (labels.max() ?? 0) + 8
        right = width - 28
        guard frame.series.contains(where: { $0.points.contains { $0.label?.isEmpty == false } }) else { return }
        names = nil
        let bounds = LabelPlacement.Box(x: left + 2, y: self.top - 8, width: width - 8 - left, height: Self.plotHeight)
        let named = PointNames(frame, within: bounds, radius: radius, height: 12) { text in
            let cut = ruler.cut(text, to: 170, size: 11)
            return (cut, ruler.width(of: cut, size: 11))
        } place: { point in
            (column(frame.place(point)), row(point.y))
        }
        names = named
    }

    func draw(on canvas: ImageCanvas) {
        axes(on: canvas)
        front(on: canvas)
        for (number, series) in frame.series.enumerated() {
            if frame.chart.mark == .histogram {
                bins(series, on: canvas)
                continue
            }
            let places = series.points.map { (x: column(frame.place($0)), y: row($0.y)) }
            intervals(series, places, number, on: canvas)
            if frame.chart.mark == .line {
                line(places, number, on: canvas)
            } else {
                points(places, number, on: canvas)
            }
        }
        for name in names?.names ?? [] {
            canvas.text(name.text, x: name.box.x, y: name.box.y + 10, size: 11, colour: ChartInk.text)
        }
        if frame.chart.pointCount == 0 {
            canvas.text(
                "no values", x: (left + right) / 2, y: top + Self.plotHeight / 2, size: 13, colour: ChartInk.faint,
                alignment: .centre)
        }
    }

    // MARK: Marks

    private func line(_ places: [(x: Double, y: Double)], _ number: Int, on canvas: ImageCanvas) {
        let style = SeriesStyle(number)
        canvas.line(places, width: 2, colour: ChartInk.series(number), dash: style.dash)
        var next = -Double.infinity
        if places.count > Self.mostDots {
            // A mark now and then, where there are several lines; each begins elsewhere.
            guard frame.series.count > 1 else { return }
            next = left + (right - left) / 8 * (Double(number) + 1) / Double(frame.series.count + 1)
        }
        for place in places where place.x >= next {
            canvas.mark(style.shape, x: place.x, y: place.y, radius: radius + 0.5, colour: ChartInk.series(number))
            if places.count > Self.mostDots { next = place.x + (right - left) / 8 }
        }
    }

    /// Points; where the Pareto front is marked, those that are not on it are hollow.
    private func points(_ places: [(x: Double, y: Double)], _ number: Int, on canvas: ImageCanvas) {
        let shape = SeriesStyle(number).shape
        let colour = ChartInk.series(number)
        for (index, place) in places.enumerated() where !frame.isOnFront(number, index) {
            canvas.mark(
                shape, x: place.x, y: place.y, radius: radius, colour: colour, opacity: radius < 3 ? 0.5 : 0.85,
                isFilled: frame.front.isEmpty || radius < 3)
        }
        for (index, place) in places.enumerated() where frame.isOnFront(number, index) {
            canvas.mark(shape, x: place.x, y: place.y, radius: max(radius, 4.5), colour: colour)
        }
    }

    /// The stairs of the Pareto front.
    private func front(on canvas: ImageCanvas) {
        var stairs: [(x: Double, y: Double)] = []
        for place in frame.front {
            let point = frame.series[place.series].points[place.point]
            let corner = (x: column(frame.place(point)), y: row(point.y))
            if let last = stairs.last { stairs.append((corner.x, last.y)) }
            stairs.append(corner)
        }
        canvas.line(stairs, width: 1.5, colour: ChartInk.axis, dash: [5, 3])
    }

    /// Bars that touch, a bin each, with their counts above them where these have room.
    private func bins(_ series: Chart.Series, on canvas: ImageCanvas) {
        let texts = series.points.map { $0.y == 0 ? "" : Number.double($0.y).grouped }
        let slots = series.points.map { point in
            let edges = frame.edges(point)
            return (low: column(edges.low), high: column(edges.high))
        }
        let hasRoom = zip(texts, slots).allSatisfy { canvas.width(of: $0, size: 10.5) + 2 <= $1.high - $1.low }
        for ((point, text), slot) in zip(zip(series.points, texts), slots) where point.y > 0 {
            let gap = slot.high - slot.low > 4 ? 0.75 : 0
            canvas.rectangle(
                x: slot.low + gap, y: row(point.y), width: max(0.5, slot.high - slot.low - 2 * gap),
                height: bottom - row(point.y), colour: ChartInk.series(0))
            guard hasRoom else { continue }
            canvas.text(
                text, x: (slot.low + slot.high) / 2, y: row(point.y) - 4, size: 10.5, colour: ChartInk.text,
                alignment: .centre)
        }
    }

    // MARK: Axes

    private func axes(on canvas: ImageCanvas) {
        let isEmpty = frame.chart.pointCount == 0
        for tick in isEmpty ? [] : frame.y.ticks {
            canvas.line([(left, row(tick)), (right, row(tick))], width: 1, colour: ChartInk.grid)
            canvas.text(
                frame.y.label(tick), x: left - 8, y: row(tick) + 4, size: 11, colour: ChartInk.faint,
                alignment: .trailing)
        }
        canvas.line([(left, bottom), (right, bottom)], width: 1, colour: ChartInk.axis)
        var free = 0.0
        let slot = (right - left) / Double(max(1, frame.categories?.count ?? 1))
        for tick in isEmpty ? [] : frame.x.ticks {
            let text = canvas.cut(CellText.oneLine(frame.xLabel(tick)), to: max(48, slot - 8), size: 11)
            let half = canvas.width(of: text, size: 11) / 2
            let x = column(tick)
            guard x - half >= free else { continue }
            canvas.line([(x, bottom), (x, bottom + 4)], width: 1, colour: ChartInk.axis)
            let middle = min(x, ChartPNG.width - 6 - half)
            canvas.text(text, x: middle, y: bottom + 18, size: 11, colour: ChartInk.faint, alignment: .centre)
            free = middle + half + 8
        }
        let (xLabel, yLabel) = (frame.chart.xLabel, frame.chart.yLabel)
        let room = right - 16
        canvas.text(
            canvas.cut(CellText.oneLine(yLabel), to: room, size: 12), x: 16, y: top - 12, size: 12,
            colour: ChartInk.text)
        canvas.text(
            canvas.cut(CellText.oneLine(xLabel), to: right - left, size: 12), x: (left + right) / 2, y: bottom + 38,
            size: 12, colour: ChartInk.text, alignment: .centre)
    }

    private func intervals(
        _ series: Chart.Series, _ places: [(x: Double, y: Double)], _ number: Int, on canvas: ImageCanvas
    ) {
        // Caps of many intervals would run together.
        let hasCaps = series.points.count <= Self.mostDots
        for (point, place) in zip(series.points, places) {
            guard let interval = point.interval else { continue }
            let (low, high) = (row(interval.lowerBound), row(interval.upperBound))
            let colour = ChartInk.series(number)
            let opacity = hasCaps ? 0.9 : 0.35
            canvas.line([(place.x, low), (place.x, high)], width: 1.5, colour: colour, opacity: opacity)
            for y in hasCaps ? [low, high] : [] {
                canvas.line([(place.x - 4, y), (place.x + 4, y)], width: 1.5, colour: colour, opacity: opacity)
            }
        }
    }

    private func column(_ value: Double) -> Double { left + frame.x.share(value) * (right - left) }

    private func row(_ value: Double) -> Double { bottom - frame.y.share(value) * Self.plotHeight }
}

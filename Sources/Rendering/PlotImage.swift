internal import Tables

/// Lines and points in an image, over a light grid.
struct PlotImage {
    private static let plotHeight = 250.0
    /// More points than that are drawn without a dot each.
    private static let mostDots = 30

    private let frame: ChartFrame
    private let left: Double
    private let right: Double
    private let top: Double
    private var bottom: Double { top + Self.plotHeight }

    /// Where the next part may begin.
    var end: Double { bottom + 46 }

    /// - Parameters:
    ///   - top: where the y axis' label begins.
    ///   - ruler: measures texts.
    init(_ frame: ChartFrame, width: Double, top: Double, ruler: ImageCanvas) {
        self.frame = frame
        self.top = top + 24
        let labels = frame.y.ticks.map { ruler.width(of: frame.y.label($0), size: 11) }
        left = 16 + (labels.max() ?? 0) + 8
        right = width - 28
    }

    func draw(on canvas: ImageCanvas) {
        axes(on: canvas)
        for (number, series) in frame.series.enumerated() {
            let places = series.points.map { (x: column(frame.place($0)), y: row($0.y)) }
            intervals(series, places, number, on: canvas)
            let colour = ChartInk.series(number)
            if frame.chart.mark == .line {
                canvas.line(places, width: 2, colour: colour)
                guard places.count <= Self.mostDots else { continue }
                for place in places { canvas.dot(x: place.x, y: place.y, radius: 3, colour: colour) }
            } else {
                for place in places { canvas.dot(x: place.x, y: place.y, radius: 3.5, colour: colour, opacity: 0.8) }
            }
        }
        if frame.chart.pointCount == 0 {
            canvas.text(
                "no values", x: (left + right) / 2, y: top + Self.plotHeight / 2, size: 13, colour: ChartInk.faint,
                alignment: .centre)
        }
    }

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

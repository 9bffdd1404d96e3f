internal import Tables

/// Dots beside names in an image; where there are several series, a rule joins them.
struct DotsImage: ChartImage {
    private static let band = 26.0

    private let frame: ChartFrame
    private let left: Double
    private let right: Double
    private let top: Double
    private let categories: [String]

    private var bottom: Double { top + Self.band * Double(categories.count) + 4 }

    var end: Double { bottom + 46 }

    /// - Parameters:
    ///   - top: where the first name begins.
    ///   - ruler: measures texts.
    init(_ frame: ChartFrame, width: Double, top: Double, ruler: ImageCanvas) {
        self.frame = frame
        self.top = top
        categories = (frame.categories ?? []).map { ruler.cut(CellText.oneLine($0), to: 200, size: 12) }
        left = 16 + (categories.map { ruler.width(of: $0, size: 12) }.max() ?? 0) + 14
        right = width - 40
    }

    func draw(on canvas: ImageCanvas) {
        for tick in frame.y.ticks {
            let x = place(tick)
            canvas.line([(x, top), (x, bottom)], width: 1, colour: ChartInk.grid)
            canvas.text(
                frame.y.label(tick), x: x, y: bottom + 17, size: 11, colour: ChartInk.faint, alignment: .centre)
        }
        canvas.line([(left, bottom), (right, bottom)], width: 1, colour: ChartInk.axis)
        for (index, category) in categories.enumerated() { row(index, category, on: canvas) }
        let label = canvas.cut(CellText.oneLine(frame.chart.yLabel), to: right - left, size: 12)
        canvas.text(
            label, x: (left + right) / 2, y: bottom + 37, size: 12, colour: ChartInk.text, alignment: .centre)
    }

    private func row(_ index: Int, _ category: String, on canvas: ImageCanvas) {
        let middle = top + Self.band * (Double(index) + 0.5) + 2
        canvas.text(category, x: left - 14, y: middle + 4, size: 12, colour: ChartInk.text, alignment: .trailing)
        let points = frame.series.map { series in series.points.first { Int(frame.place($0)) == index } }
        let values = points.compactMap { $0?.y }
        if let low = values.min(), let high = values.max(), low < high {
            canvas.line([(place(low), middle), (place(high), middle)], width: 2, colour: ChartInk.axis)
        }
        var taken: [Double] = []
        for (number, point) in points.enumerated() {
            guard let point else { continue }
            // Dots in one place stand a little lower, so that none hides another.
            let middle = middle + 5 * Double(taken.count { abs($0 - place(point.y)) < 7 })
            taken.append(place(point.y))
            let colour = ChartInk.series(number)
            if let interval = point.interval {
                let (low, high) = (place(interval.lowerBound), place(interval.upperBound))
                canvas.line([(low, middle), (high, middle)], width: 1.5, colour: colour)
                for x in [low, high] { canvas.line([(x, middle - 4), (x, middle + 4)], width: 1.5, colour: colour) }
            }
            canvas.mark(SeriesStyle(number).shape, x: place(point.y), y: middle, radius: 5, colour: colour)
        }
    }

    private func place(_ value: Double) -> Double { left + frame.y.share(value) * (right - left) }
}

internal import Tables

/// Bars in an image: they lie, with their names at the left and their values at the right.
struct BarsImage: ChartImage {
    private let frame: ChartFrame
    private let left: Double
    private let right: Double
    private let top: Double
    private let values: [Double]
    private let categories: [String]

    private var thickness: Double { frame.series.count > 1 ? 14 : 20 }
    private var band: Double { thickness * Double(max(1, frame.series.count)) + (frame.series.count > 1 ? 12 : 10) }
    private var bottom: Double { top + band * Double(categories.count) + 4 }

    /// Where the next part may begin.
    var end: Double { bottom + 46 }

    /// - Parameters:
    ///   - top: where the bars begin.
    ///   - ruler: measures texts.
    init(_ frame: ChartFrame, width: Double, top: Double, ruler: ImageCanvas) {
        self.frame = frame
        self.top = top
        categories = (frame.categories ?? []).map { ruler.cut(CellText.oneLine($0), to: 200, size: 12) }
        let values = frame.series.flatMap(\.points).map(\.y)
        self.values = values
        left = 16 + (categories.map { ruler.width(of: $0, size: 12) }.max() ?? 0) + 10
        let widest =
            frame.series.flatMap(\.points).map { ruler.width(of: BarsText.text($0, among: values), size: 11.5) }.max()
            ?? 0
        right = width - 16 - widest - 10
    }

    func draw(on canvas: ImageCanvas) {
        for tick in frame.y.ticks {
            let x = place(tick)
            canvas.line([(x, top), (x, bottom)], width: 1, colour: ChartInk.grid)
            canvas.text(
                frame.y.label(tick), x: x, y: bottom + 17, size: 11, colour: ChartInk.faint, alignment: .centre)
        }
        for (index, category) in categories.enumerated() {
            let middle = top + band * (Double(index) + 0.5) + 2
            canvas.text(
                category, x: left - 10, y: middle + 4, size: 12, colour: ChartInk.text, alignment: .trailing)
        }
        for (number, series) in frame.series.enumerated() {
            for point in series.points { bar(point, number, on: canvas) }
        }
        canvas.line([(place(0), top), (place(0), bottom)], width: 1, colour: ChartInk.axis)
        let label = canvas.cut(CellText.oneLine(frame.chart.yLabel), to: right - left, size: 12)
        canvas.text(
            label, x: (left + right) / 2, y: bottom + 37, size: 12, colour: ChartInk.text, alignment: .centre)
    }

    private func bar(_ point: Chart.Point, _ number: Int, on canvas: ImageCanvas) {
        let start = top + band * frame.place(point) + 2 + (band - thickness * Double(frame.series.count)) / 2
        let y = start + thickness * Double(number)
        let inset = frame.series.count > 1 ? 0.75 : 0
        canvas.rectangle(
            x: place(0), y: y + inset, width: place(point.y) - place(0), height: thickness - 2 * inset,
            colour: ChartInk.series(number), hatch: SeriesStyle(number).hatch)
        let middle = y + thickness / 2
        if let interval = point.interval {
            let (low, high) = (place(interval.lowerBound), place(interval.upperBound))
            let cap = thickness / 5
            // A light rim keeps the line visible on the bar.
            for (colour, width) in [(ImageCanvas.Colour("#FFFFFF"), 3.5), (ChartInk.title, 1.5)] {
                canvas.line([(low, middle), (high, middle)], width: width, colour: colour)
                for x in [low, high] {
                    canvas.line([(x, middle - cap), (x, middle + cap)], width: width, colour: colour)
                }
            }
        }
        canvas.text(
            BarsText.text(point, among: values), x: ChartPNG.width - 16, y: middle + 4, size: 11.5,
            colour: ChartInk.text, alignment: .trailing)
    }

    private func place(_ value: Double) -> Double { left + frame.y.share(value) * (right - left) }
}

internal import Tables

/// What stands above an image's axes: the title, and a legend where there are several series.
struct ChartHeading {
    private struct Entry {
        let number: Int
        let name: String
        let x: Double
        let y: Double
    }

    private static let swatch = 20.0

    private let title: String?
    private let entries: [Entry]
    private let mark: Chart.Mark
    /// Where the next part may begin.
    let height: Double

    /// - Parameter ruler: measures texts.
    init(_ frame: ChartFrame, width: Double, ruler: ImageCanvas) {
        mark = frame.chart.mark
        var y = 14.0
        title = frame.chart.title.map { ruler.cut(CellText.oneLine($0), to: width - 32, size: 15, isBold: true) }
        if title != nil { y += 24 }
        var entries: [Entry] = []
        if frame.series.count > 1, frame.chart.mark != .matrix {
            var x = 16.0
            for (number, series) in frame.series.enumerated() {
                let name = ruler.cut(CellText.oneLine(series.name), to: 240, size: 12)
                let size = Self.swatch + 6 + ruler.width(of: name, size: 12) + 20
                if x > 16, x + size > width {
                    x = 16
                    y += 20
                }
                entries.append(Entry(number: number, name: name, x: x, y: y + 12))
                x += size
            }
            y += 24
        }
        self.entries = entries
        height = y
    }

    func draw(on canvas: ImageCanvas) {
        if let title { canvas.text(title, x: 16, y: 28, size: 15, colour: ChartInk.title, isBold: true) }
        for entry in entries {
            let colour = ChartInk.series(entry.number)
            let middle = entry.y - 4
            let style = SeriesStyle(entry.number)
            switch mark {
            case .bars, .histogram, .matrix:
                canvas.rectangle(
                    x: entry.x + 2, y: middle - 6, width: 16, height: 12, colour: colour, hatch: style.hatch)
            case .line:
                canvas.line(
                    [(entry.x - 2, middle), (entry.x + Self.swatch, middle)], width: 2.5, colour: colour,
                    dash: style.dash)
                canvas.mark(style.shape, x: entry.x + 9, y: middle, radius: 3.5, colour: colour)
            case .points, .dots: canvas.mark(style.shape, x: entry.x + 10, y: middle, radius: 4, colour: colour)
            }
            canvas.text(entry.name, x: entry.x + Self.swatch + 6, y: entry.y, size: 12, colour: ChartInk.text)
        }
    }
}

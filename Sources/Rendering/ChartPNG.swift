public import Tables

/// Charts as images for pages and files: PNG, white, two pixels a point.
public enum ChartPNG {
    static let width = 640.0
    static let scale = 2.0

    /// The file's bytes; nil where Cairo fails. The same chart has the same bytes on the same machine.
    public static func render(_ chart: Chart) -> [UInt8]? {
        let frame = ChartFrame(chart, xTicks: 7, yTicks: 5)
        // Texts are measured before it is known how high the image is.
        guard let ruler = ImageCanvas(width: 1, height: 1, scale: 1) else { return nil }
        let heading = ChartHeading(frame, width: width, ruler: ruler)
        let isBars = chart.mark == .bars && chart.pointCount > 0
        let bars = BarsImage(frame, width: width, top: heading.height, ruler: ruler)
        let plot = PlotImage(frame, width: width, top: heading.height, ruler: ruler)
        let bodyEnd = isBars ? bars.end : plot.end
        let height = bodyEnd + Double(frame.notes.count) * 18 + 10
        guard let canvas = ImageCanvas(width: width, height: height, scale: scale) else { return nil }
        heading.draw(on: canvas)
        if isBars { bars.draw(on: canvas) } else { plot.draw(on: canvas) }
        for (index, note) in frame.notes.enumerated() {
            let text = canvas.cut(CellText.oneLine(note), to: width - 32, size: 11)
            canvas.text(text, x: 16, y: bodyEnd + 13 + 18 * Double(index), size: 11, colour: ChartInk.faint)
        }
        return canvas.png()
    }
}

/// The greys of an image.
enum ChartInk {
    static let title = ImageCanvas.Colour("#222222")
    static let text = ImageCanvas.Colour("#444444")
    static let faint = ImageCanvas.Colour("#767676")
    static let axis = ImageCanvas.Colour("#9A9A9A")
    static let grid = ImageCanvas.Colour("#E8E8E8")

    /// A series' colour.
    static func series(_ number: Int) -> ImageCanvas.Colour { ImageCanvas.Colour(ChartPalette.colour(number)) }
}

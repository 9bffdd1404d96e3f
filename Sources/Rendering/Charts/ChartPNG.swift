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
        let body: any ChartImage = body(of: frame, top: heading.height, ruler: ruler)
        let bodyEnd = body.end
        let width = body.width
        let notes = (frame.notes + body.notes).flatMap {
            ImageText.lines(CellText.oneLine($0), width: width - 32, size: 11, ruler)
        }
        let height = bodyEnd + Double(notes.count) * 18 + 10
        guard let canvas = ImageCanvas(width: width, height: height, scale: scale) else { return nil }
        heading.draw(on: canvas)
        body.draw(on: canvas)
        for (index, note) in notes.enumerated() {
            canvas.text(
                note, x: 16, y: bodyEnd + 13 + 18 * Double(index), size: 11, colour: ChartInk.faint)
        }
        return canvas.png()
    }

    private static func body(of frame: ChartFrame, top: Double, ruler: ImageCanvas) -> any ChartImage {
        let plot = PlotImage(frame, width: width, top: top, ruler: ruler)
        guard frame.chart.pointCount > 0 else { return plot }
        return switch frame.chart.mark {
        case .bars: BarsImage(frame, width: width, top: top, ruler: ruler)
        case .dots: DotsImage(frame, width: width, top: top, ruler: ruler)
        case .matrix: MatrixImage(MatrixFrame(frame.chart), width: width, top: top, ruler: ruler)
        case .histogram, .line, .points: plot
        }
    }
}

/// The part of an image below the title and legend.
protocol ChartImage {
    /// Where the next part may begin.
    var end: Double { get }
    /// How wide the image is.
    var width: Double { get }
    /// What is not to be seen in it, a sentence each.
    var notes: [String] { get }
    func draw(on canvas: ImageCanvas)
}

extension ChartImage {
    var width: Double { ChartPNG.width }
    var notes: [String] { [] }
}

/// Sentences in an image.
enum ImageText {
    /// A sentence in lines of at most a width, broken at blanks; a word that is wider is cut.
    static func lines(_ text: String, width: Double, size: Double, _ ruler: ImageCanvas) -> [String] {
        var lines: [String] = []
        var line = ""
        // A very long sentence is none; it need not be measured to its end.
        for word in text.prefix(2_000).split(separator: " ") {
            let longer = line.isEmpty ? String(word) : "\(line) \(word)"
            if !line.isEmpty, ruler.width(of: longer, size: size) > width {
                lines.append(line)
                line = String(word)
            } else {
                line = longer
            }
        }
        return (line.isEmpty ? lines : lines + [line]).map { ruler.cut($0, to: width, size: size) }
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

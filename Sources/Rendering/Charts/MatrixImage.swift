internal import Tables

/// A table of counts in an image: shaded cells with numbers, the diagonal framed.
struct MatrixImage: ChartImage {
    private static let rise = Double.pi / 4

    private let matrix: MatrixFrame
    private let rows: [String]
    private let columns: [String]
    private let left: Double
    private let top: Double
    private let cell: (width: Double, height: Double)
    /// How high the columns' names are.
    private let names: Double
    private let areLevel: Bool
    /// Wider than others where the numbers need it.
    let width: Double

    private var right: Double { left + cell.width * Double(columns.count) }
    private var bottom: Double { top + cell.height * Double(rows.count) }

    var end: Double { bottom + names + 30 }

    /// - Parameters:
    ///   - top: where the name of the rows begins.
    ///   - ruler: measures texts.
    init(_ matrix: MatrixFrame, width: Double, top: Double, ruler: ImageCanvas) {
        self.matrix = matrix
        rows = matrix.rows.map { ruler.cut(CellText.oneLine($0), to: 180, size: 11.5) }
        left = 16 + (rows.map { ruler.width(of: $0, size: 11.5) }.max() ?? 0) + 10
        let room = width - 16 - left - 96
        let widest =
            matrix.counts.indices.flatMap { row in matrix.columns.indices.map { matrix.text(row, $0) } }
            .map { ruler.width(of: $0, size: 11.5) }.max() ?? 0
        cell = (max(widest + 6, min(64, room / Double(max(1, matrix.columns.count)))), 26)
        self.top = top + 24
        self.width = max(width, left + cell.width * Double(matrix.columns.count) + 96 + 16)
        let whole = matrix.columns.map { ruler.width(of: CellText.oneLine($0), size: 11) }
        areLevel = (whole.max() ?? 0) <= cell.width - 6
        columns = matrix.columns.map { ruler.cut(CellText.oneLine($0), to: 150, size: 11) }
        let longest = columns.map { ruler.width(of: $0, size: 11) }.max() ?? 0
        names = areLevel ? 22 : longest * 0.7071 + 16
    }

    func draw(on canvas: ImageCanvas) {
        let header = canvas.cut(CellText.oneLine(matrix.chart.yLabel), to: max(60, right - 16), size: 12)
        canvas.text(header, x: 16, y: top - 10, size: 12, colour: ChartInk.text)
        canvas.text("n", x: right + 40, y: top - 10, size: 11, colour: ChartInk.faint, alignment: .trailing)
        canvas.text("agree", x: right + 84, y: top - 10, size: 11, colour: ChartInk.faint, alignment: .trailing)
        for (row, name) in rows.enumerated() {
            let y = top + cell.height * Double(row)
            canvas.text(
                name, x: left - 8, y: y + cell.height / 2 + 4, size: 11.5, colour: ChartInk.text, alignment: .trailing)
            for column in columns.indices { draw(row, column, y, on: canvas) }
            let total = Number.double(matrix.total(row)).grouped
            let baseline = y + cell.height / 2 + 4
            canvas.text(total, x: right + 40, y: baseline, size: 11, colour: ChartInk.text, alignment: .trailing)
            canvas.text(
                matrix.agreementText(row), x: right + 84, y: baseline, size: 11, colour: ChartInk.text,
                alignment: .trailing)
        }
        // Frames last, so that no neighbour covers them.
        for row in rows.indices {
            for column in columns.indices where matrix.isDiagonal(row, column) {
                canvas.frame(
                    x: left + cell.width * Double(column) + 1, y: top + cell.height * Double(row) + 1,
                    width: cell.width - 2, height: cell.height - 2, line: 1.5, colour: ChartInk.title)
            }
        }
        for (column, name) in columns.enumerated() {
            let middle = left + cell.width * (Double(column) + 0.5)
            if areLevel {
                canvas.text(name, x: middle, y: bottom + 16, size: 11, colour: ChartInk.text, alignment: .centre)
            } else {
                canvas.risingText(
                    name, endX: middle + 3, endY: bottom + 9, angle: Self.rise, size: 11, colour: ChartInk.text)
            }
        }
        let label = canvas.cut(CellText.oneLine(matrix.chart.xLabel), to: width - left - 16, size: 12)
        canvas.text(label, x: left, y: bottom + names + 16, size: 12, colour: ChartInk.text)
    }

    private func draw(_ row: Int, _ column: Int, _ y: Double, on canvas: ImageCanvas) {
        let x = left + cell.width * Double(column)
        let share = matrix.share(row, column)
        canvas.rectangle(
            x: x, y: y, width: cell.width, height: cell.height, colour: ImageCanvas.Colour(ChartPalette.shade(share)))
        canvas.frame(x: x, y: y, width: cell.width, height: cell.height, line: 1, colour: ChartInk.grid)
        let ink = ChartPalette.isDark(share) ? ImageCanvas.Colour("#FFFFFF") : ImageCanvas.Colour("#000000")
        canvas.text(
            matrix.text(row, column), x: x + cell.width / 2, y: y + cell.height / 2 + 4, size: 11.5, colour: ink,
            alignment: .centre)
    }
}

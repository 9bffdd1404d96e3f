internal import Tables

/// Charts as text, to be read without colours: bars as blocks, lines and points on a grid, counts in a table.
enum ChartText {
    static func render(_ chart: Chart, style: TextStyle) -> [String] {
        var lines = chart.title.map { [style.paint(TextWidth.cut(CellText.oneLine($0), to: style.width), .bold)] } ?? []
        let frame: ChartFrame
        if chart.pointCount == 0 {
            lines.append(style.paint("no values", .dim))
            frame = ChartFrame(chart)
        } else {
            switch chart.mark {
            case .bars:
                frame = ChartFrame(chart)
                lines += BarsText.render(frame, style: style)
            case .histogram:
                frame = ChartFrame(chart)
                lines += HistogramText.render(frame, style: style)
            case .dots:
                frame = ChartFrame(chart)
                lines += DotsText.render(frame, style: style)
            case .matrix:
                frame = ChartFrame(chart)
                lines += MatrixText.render(MatrixFrame(chart), style: style)
            case .line, .points:
                frame = ChartFrame(chart, xTicks: min(12, style.width / 10), yTicks: PlotText.height(style) / 3 + 1)
                lines += PlotText.render(frame, style: style)
            }
        }
        return lines + frame.notes.flatMap { TextWidth.wrap($0, to: style.width) }.map { style.paint($0, .dim) }
    }

    /// The colour of a series.
    static func role(_ series: Int) -> TextStyle.Role {
        let roles: [TextStyle.Role] = [.cyan, .yellow, .green, .red]
        return roles[series % roles.count]
    }
}

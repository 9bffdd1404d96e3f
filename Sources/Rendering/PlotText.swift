internal import Tables

/// Lines and points as text, with axes; series are told apart by their marks.
enum PlotText {
    private static let marks: [Character] = ["●", "×", "▲", "+", "◆", "○", "■", "△"]

    /// Lines that the y axis takes.
    static func height(_ style: TextStyle) -> Int { style.width < 60 ? 10 : 14 }

    static func render(_ frame: ChartFrame, style: TextStyle) -> [String] {
        let height = height(style)
        let ticks = frame.y.ticks
        let labelWidth = ticks.map { frame.y.label($0).count }.max() ?? 0
        let width = max(8, min(120, style.width - labelWidth - 3))
        var grid = BrailleGrid(width: width, height: height)
        for (number, series) in frame.series.enumerated() { draw(series, number, frame, into: &grid) }

        let label = CellText.oneLine(frame.chart.yLabel)
        var lines = label.isEmpty ? [] : [TextWidth.cut(label, to: style.width)]
        var labels: [Int: String] = [:]
        for tick in ticks { labels[row(tick, frame.y, of: grid) / 4] = frame.y.label(tick) }
        for row in 0..<height {
            let label = TextWidth.fill(labels[row] ?? "", to: labelWidth, right: true)
            let drawn = grid.runs(row).map { style.paint($0.text, ChartText.role($0.owner)) }.joined()
            lines.append(trimmed("\(label) \(labels[row] == nil ? "│" : "┤")\(drawn)"))
        }
        lines += axis(frame, width: width, indent: labelWidth + 1)
        if frame.series.count > 1 { lines += legend(frame, style) }
        return lines
    }

    // MARK: Marks

    private static func draw(_ series: Chart.Series, _ number: Int, _ frame: ChartFrame, into grid: inout BrailleGrid) {
        let dots = series.points.map { point in
            (column(frame.place(point), frame.x, of: grid), row(point.y, frame.y, of: grid))
        }
        if dots.count <= grid.columns / 4 {
            for (point, dot) in zip(series.points, dots) {
                guard let interval = point.interval else { continue }
                let ends = [interval.upperBound, interval.lowerBound].map { row($0, frame.y, of: grid) / 4 }
                for row in ends[0]...max(ends[0], ends[1]) { grid.lay("│", over: dot.0, row * 4, owner: number) }
            }
        }
        let mark = marks[number % marks.count]
        guard frame.chart.mark == .line else {
            for dot in dots { grid.lay(mark, over: dot.0, dot.1, owner: number) }
            return
        }
        for (start, end) in zip(dots, dots.dropFirst()) { grid.line(from: start, to: end, owner: number) }
        if dots.count <= grid.columns / 8 {
            for dot in dots { grid.lay(mark, over: dot.0, dot.1, owner: number) }
        } else if frame.series.count > 1 {
            // A mark now and then; each series begins elsewhere, so that they do not hide each other.
            let gap = grid.columns / 6
            var next = gap * (number + 1) / (frame.series.count + 1)
            for dot in dots where dot.0 >= next {
                grid.lay(mark, over: dot.0, dot.1, owner: number)
                next = dot.0 + gap
            }
        }
    }

    private static func column(_ value: Double, _ scale: ChartScale, of grid: BrailleGrid) -> Int {
        Int((scale.share(value) * Double(grid.columns - 1)).rounded())
    }

    private static func row(_ value: Double, _ scale: ChartScale, of grid: BrailleGrid) -> Int {
        Int(((1 - scale.share(value)) * Double(grid.rows - 1)).rounded())
    }

    // MARK: Axis and legend

    /// The x axis: a line with ticks, their labels as far as they fit, and what it measures.
    private static func axis(_ frame: ChartFrame, width: Int, indent: Int) -> [String] {
        var line = Array(repeating: Character("─"), count: width)
        var labels = ""
        let slot = frame.categories.map { max(1, width / max(1, $0.count)) }
        for tick in frame.x.ticks {
            let column = min(width - 1, Int((frame.x.share(tick) * Double(width - 1)).rounded()))
            let text = TextWidth.cut(CellText.oneLine(frame.xLabel(tick)), to: slot.map { max(6, $0 - 1) } ?? width)
            let start = max(0, min(width - TextWidth.of(text), column - TextWidth.of(text) / 2))
            guard labels.isEmpty || start > TextWidth.of(labels) else { continue }
            line[column] = "┬"
            labels = TextWidth.fill(labels, to: start) + text
        }
        let blanks = String(repeating: " ", count: indent)
        let name = TextWidth.cut(CellText.oneLine(frame.chart.xLabel), to: width)
        return [
            "\(blanks)└\(String(line))", trimmed("\(blanks) \(labels)"),
            "\(blanks) \(TextWidth.fill(name, to: width, right: true))",
        ]
    }

    private static func legend(_ frame: ChartFrame, _ style: TextStyle) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        for (number, series) in frame.series.enumerated() {
            let mark = marks[number % marks.count]
            let sign = frame.chart.mark == .line ? "⠒\(mark)⠒" : String(mark)
            let name = TextWidth.cut(CellText.oneLine(series.name), to: max(8, style.width / 2))
            let width = TextWidth.of(sign) + 1 + TextWidth.of(name)
            if used > 0, used + 3 + width > style.width {
                lines.append(line)
                (line, used) = ("", 0)
            }
            line += (used > 0 ? "   " : "") + "\(style.paint(sign, ChartText.role(number))) \(name)"
            used += (used > 0 ? 3 : 0) + width
        }
        return lines + [line]
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}

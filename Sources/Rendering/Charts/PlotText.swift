internal import Tables

/// Lines and points as text, with axes; series are told apart by their marks.
enum PlotText {
    private static let marks: [Character] = ["●", "×", "▲", "+", "◆", "○", "■", "△"]

    /// More points than that are drawn as braille dots.
    private static let mostMarks = 300

    /// The mark of a series.
    static func mark(_ series: Int) -> Character { marks[series % marks.count] }

    /// Lines that the y axis takes.
    static func height(_ style: TextStyle) -> Int { style.width < 60 ? 10 : 14 }

    static func render(_ frame: ChartFrame, style: TextStyle) -> [String] {
        let height = height(style)
        let ticks = frame.y.ticks
        let labelWidth = ticks.map { frame.y.label($0).count }.max() ?? 0
        let width = max(8, min(120, style.width - labelWidth - 3))
        var grid = BrailleGrid(width: width, height: height)
        let key = PointKey(frame)
        drawFront(frame, into: &grid)
        for (number, series) in frame.series.enumerated() { draw(series, number, frame, key, into: &grid) }

        let label = CellText.oneLine(frame.chart.yLabel)
        var lines = label.isEmpty ? [] : [TextWidth.cut(label, to: style.width)]
        var labels: [Int: String] = [:]
        for tick in ticks { labels[row(tick, frame.y, of: grid) / 4] = frame.y.label(tick) }
        for row in 0..<height {
            let label = TextWidth.fill(labels[row] ?? "", to: labelWidth, right: true)
            let drawn = grid.runs(row).map { style.paint($0.text, ChartText.role($0.owner)) }.joined()
            lines.append(TextAxis.trimmed("\(label) \(labels[row] == nil ? "│" : "┤")\(drawn)"))
        }
        lines +=
            TextAxis(
                scale: frame.x, width: width, indent: labelWidth + 1, name: frame.chart.xLabel,
                mostLabel: frame.categories.map { max(6, max(1, width / max(1, $0.count)) - 1) }, label: frame.xLabel
            ).lines
        if frame.series.count > 1 { lines += legend(frame, style) }
        return lines + key.lines(frame, style)
    }

    // MARK: Marks

    /// The stairs of the Pareto front.
    private static func drawFront(_ frame: ChartFrame, into grid: inout BrailleGrid) {
        let dots = frame.front.map { place -> (Int, Int) in
            let point = frame.series[place.series].points[place.point]
            return (column(frame.place(point), frame.x, of: grid), row(point.y, frame.y, of: grid))
        }
        for (start, end) in zip(dots, dots.dropFirst()) {
            grid.line(from: start, to: (end.0, start.1), owner: 0)
            grid.line(from: (end.0, start.1), to: end, owner: 0)
        }
    }

    private static func draw(
        _ series: Chart.Series, _ number: Int, _ frame: ChartFrame, _ key: PointKey, into grid: inout BrailleGrid
    ) {
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
        let mark = mark(number)
        guard frame.chart.mark == .line else {
            // Where marks would run together, dots show how dense the points are.
            let areDense = dots.count > mostMarks && frame.series.count == 1
            for (index, dot) in dots.enumerated() {
                let isOnFront = frame.isOnFront(number, index)
                if areDense, !isOnFront {
                    grid.dot(dot.0, dot.1, owner: number)
                    continue
                }
                let own = key.mark(number, index) ?? (isOnFront ? "◆" : frame.front.isEmpty ? mark : "○")
                // Two names in one place: the sign says that there are several.
                let isTaken =
                    key.mark(number, index) != nil
                    && grid.character(over: dot.0, dot.1).map { $0.isLetter || $0 == "✱" } == true
                grid.lay(isTaken ? "✱" : own, over: dot.0, dot.1, owner: number)
            }
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

    // MARK: Legend and names

    static func legend(_ frame: ChartFrame, _ style: TextStyle) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        for (number, series) in frame.series.enumerated() {
            let mark = mark(number)
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
}

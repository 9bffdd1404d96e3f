internal import Tables

/// Bars as text, one a line, with their interval drawn over them.
enum BarsText {
    static func render(_ frame: ChartFrame, style: TextStyle) -> [String] {
        let categories = frame.categories ?? []
        let labelWidth = width(of: categories, atMost: max(8, style.width / 4))
        let hasSeries = frame.series.count > 1
        let seriesWidth = hasSeries ? width(of: frame.series.map(\.name), atMost: max(6, style.width / 6)) + 2 : 0
        let values = frame.series.flatMap(\.points).map(\.y)
        let valueWidth = values.map { text($0, among: values).count }.max() ?? 0
        let barWidth = max(8, min(50, style.width - labelWidth - seriesWidth - valueWidth - 5))
        var lines: [String] = []
        for (place, category) in categories.enumerated() {
            var isFirst = true
            for (number, series) in frame.series.enumerated() {
                for point in series.points where Int(frame.place(point)) == place {
                    var line = field(isFirst ? category : "", labelWidth)
                    if hasSeries { line += "  " + field(series.name, seriesWidth - 2) }
                    line += "  " + style.paint(bar(point, frame.y, barWidth), ChartText.role(number))
                    line += "  " + TextWidth.fill(text(point.y, among: values), to: valueWidth, right: true)
                    lines.append(line)
                    isFirst = false
                }
            }
        }
        return lines
    }

    private static func width(of texts: [String], atMost limit: Int) -> Int {
        min(texts.map { TextWidth.of(CellText.oneLine($0)) }.max() ?? 0, limit)
    }

    private static func field(_ text: String, _ width: Int) -> String {
        TextWidth.fill(TextWidth.cut(CellText.oneLine(text), to: width), to: width)
    }

    /// The values' texts: all with three decimals where they are like scores, else as in tables.
    static func text(_ value: Double, among values: [Double]) -> String {
        let highest = values.map { abs($0) }.max() ?? 0
        let areWhole = values.allSatisfy { $0 == $0.rounded() }
        guard highest < 1_000, highest >= 0.01 || highest == 0, !areWhole || highest <= 1 else {
            return Number.double(value).grouped
        }
        return Number.fixed(value, decimals: 3)
    }

    /// A bar's value and, where it has one, its interval: `0.733 [0.681, 0.780]`.
    static func text(_ point: Chart.Point, among values: [Double]) -> String {
        let value = text(point.y, among: values)
        guard let interval = point.interval else { return value }
        // The ends are as precise as the value, also where all the values are whole.
        let ends = [interval.lowerBound, interval.upperBound].map { text($0, among: values + [$0]) }
        return "\(value) [\(ends.joined(separator: ", "))]"
    }

    private static func bar(_ point: Chart.Point, _ scale: ChartScale, _ width: Int) -> String {
        func place(_ value: Double) -> Int { Int((scale.share(value) * Double(width)).rounded()) }
        let zero = place(0)
        let end = place(point.y)
        var cells = Array(repeating: Character("·"), count: width)
        if zero > 0, zero < width { cells[zero] = "│" }
        for index in min(zero, end)..<max(zero, end) { cells[index] = "█" }
        if let interval = point.interval {
            let low = max(0, place(interval.lowerBound) - 1)
            let high = min(width - 1, place(interval.upperBound))
            if low < high {
                for index in low...high { cells[index] = cells[index] == "█" ? "▓" : "─" }
                cells[high] = "┤"
            }
        }
        return String(cells)
    }
}

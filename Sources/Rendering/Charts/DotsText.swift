internal import Tables

/// Dots beside names as text, a name a line: where there are several series, a rule joins them.
enum DotsText {
    static func render(_ frame: ChartFrame, style: TextStyle) -> [String] {
        let categories = (frame.categories ?? []).map { CellText.oneLine($0) }
        let series = frame.series
        let numbers = series.flatMap(\.points).map(\.y)
        let labelWidth = min(categories.map { TextWidth.of($0) }.max() ?? 0, max(8, style.width / 4))
        // What does not fit beside the dots stays out; the axis is there to read from.
        let valueWidths = series.map { series in
            let values = series.points.map { BarsText.text($0.y, among: numbers).count }
            return max(values.max() ?? 1, min(10, TextWidth.of(CellText.oneLine(series.name))))
        }
        let room = style.width - labelWidth - 3
        let showsValues = valueWidths.reduce(0) { $0 + $1 + 2 } <= room / 2
        let width = max(8, min(60, room - (showsValues ? valueWidths.reduce(0) { $0 + $1 + 2 } : 0)))
        var lines: [String] = []
        if showsValues, series.count > 1 {
            let heads = zip(series, valueWidths).map { series, width in
                "  " + TextWidth.fill(TextWidth.cut(CellText.oneLine(series.name), to: width), to: width, right: true)
            }
            lines.append(String(repeating: " ", count: labelWidth + 2 + width) + heads.joined())
        }
        for (place, category) in categories.enumerated() {
            let label = TextWidth.fill(TextWidth.cut(category, to: labelWidth), to: labelWidth)
            let points = series.map { series in series.points.first { Int(frame.place($0)) == place } }
            var line = "\(label) │\(dots(points, frame, width, style))"
            if showsValues {
                for (point, width) in zip(points, valueWidths) {
                    let value = point.map { BarsText.text($0.y, among: numbers) } ?? "–"
                    line += "  " + TextWidth.fill(value, to: width, right: true)
                }
            }
            lines.append(TextAxis.trimmed(line))
        }
        lines += TextAxis(
            scale: frame.y, width: width, indent: labelWidth + 1, name: frame.chart.yLabel, label: frame.y.label
        ).lines.filter { !$0.isEmpty }
        return series.count > 1 ? lines + PlotText.legend(frame, style) : lines
    }

    private static func dots(_ points: [Chart.Point?], _ frame: ChartFrame, _ width: Int, _ style: TextStyle) -> String
    {
        func column(_ value: Double) -> Int { Int((frame.y.share(value) * Double(width - 1)).rounded()) }
        var cells = Array(repeating: (text: Character(" "), owner: Int?.none), count: width)
        let places = points.compactMap { $0.map { column($0.y) } }
        if let low = places.min(), let high = places.max() {
            for place in low...high { cells[place].text = "─" }
        }
        for (number, point) in points.enumerated() {
            guard let point else { continue }
            if let interval = point.interval {
                let (low, high) = (column(interval.lowerBound), column(interval.upperBound))
                for place in min(low, high)...max(low, high) where cells[place].owner == nil {
                    cells[place].text = place == low ? "├" : place == high ? "┤" : "─"
                }
            }
            let place = column(point.y)
            // Two marks in one place: the sign says that there are several.
            let isTaken = cells[place].owner != nil
            cells[place] = (isTaken ? "✱" : PlotText.mark(number), number)
        }
        return cells.map { cell in
            cell.owner.map { style.paint(String(cell.text), ChartText.role($0)) } ?? String(cell.text)
        }.joined()
    }
}

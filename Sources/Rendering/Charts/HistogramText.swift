internal import Tables

/// A histogram as text: a bin a line, with how many values it has and their share.
enum HistogramText {
    static func render(_ frame: ChartFrame, style: TextStyle) -> [String] {
        let points = frame.series.flatMap(\.points)
        let labels = points.map { frame.binLabel($0) }
        let total = max(1, points.reduce(0) { $0 + $1.y })
        let highest = max(1, points.map(\.y).max() ?? 1)
        let counts = points.map { Number.double($0.y).grouped }
        let countWidth = counts.map(\.count).max() ?? 1
        // Beside the label and the count: the rule, a bar of four characters at least, and the share.
        let labelWidth = min(
            max(labels.map(\.count).max() ?? 0, 1), max(8, min(style.width / 2, style.width - countWidth - 15)))
        let barWidth = max(4, min(50, style.width - labelWidth - countWidth - 12))
        let name = CellText.oneLine(frame.chart.xLabel)
        return (name.isEmpty ? [] : [TextWidth.cut(name, to: style.width)])
            + points.indices.map { index in
                let point = points[index]
                let label = TextWidth.fill(TextWidth.cut(labels[index], to: labelWidth), to: labelWidth, right: true)
                let bar = TextWidth.fill(blocks(point.y / highest * Double(barWidth)), to: barWidth)
                let count = TextWidth.fill(counts[index], to: countWidth, right: true)
                let share = point.y == 0 ? "" : "  \(TextWidth.fill(percent(point.y / total), to: 6, right: true))"
                return "\(label) │\(style.paint(bar, ChartText.role(0))) \(count)\(share)"
            }
    }

    /// A bar in eighths of a character; what is not nothing is to be seen.
    private static func blocks(_ length: Double) -> String {
        guard length > 0 else { return "" }
        let eighths = max(1, Int((length * 8).rounded()))
        let rest: [String] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + rest[eighths % 8]
    }

    private static func percent(_ share: Double) -> String {
        share < 0.001 ? "<0.1 %" : "\(Number.fixed(100 * share, decimals: share < 0.0995 ? 1 : 0)) %"
    }
}

internal import Tables

/// Bars as text, with their interval drawn over them.
enum BarText {
    static func render(_ bars: [PresentationBlock.Bar], style: TextStyle) -> [String] {
        guard !bars.isEmpty else { return [] }
        let labelWidth = min(bars.map { TextWidth.of($0.label) }.max() ?? 0, max(8, style.width / 4))
        let width = max(10, min(50, style.width - labelWidth - 10))
        return bars.map { bar in
            let label = TextWidth.fill(TextWidth.cut(bar.label, to: labelWidth), to: labelWidth)
            return "\(label)  \(style.paint(line(bar, width), .cyan))  \(Number.fixed(bar.value, decimals: 3))"
        }
    }

    private static func line(_ bar: PresentationBlock.Bar, _ width: Int) -> String {
        let scale = bar.scale > 0 ? bar.scale : 1
        func place(_ value: Double) -> Int { min(width, max(0, Int((value / scale * Double(width)).rounded()))) }
        var cells = Array(repeating: Character("·"), count: width)
        for index in 0..<place(bar.value) { cells[index] = "█" }
        if let interval = bar.interval {
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

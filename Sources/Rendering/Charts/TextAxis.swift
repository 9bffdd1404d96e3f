internal import Tables

/// The x axis of a text drawing: a line with ticks, their labels as far as they fit, and what it measures.
struct TextAxis {
    let scale: ChartScale
    /// Characters that the axis takes.
    let width: Int
    /// Characters before its corner.
    let indent: Int
    /// What it measures.
    let name: String
    /// The most that a tick's text may take.
    var mostLabel: Int?
    /// A tick's text.
    let label: (Double) -> String

    var lines: [String] {
        var line = Array(repeating: Character("─"), count: width)
        var labels = ""
        for tick in scale.ticks {
            let column = min(width - 1, Int((scale.share(tick) * Double(width - 1)).rounded()))
            let text = TextWidth.cut(CellText.oneLine(label(tick)), to: mostLabel ?? width)
            let start = max(0, min(width - TextWidth.of(text), column - TextWidth.of(text) / 2))
            guard labels.isEmpty || start > TextWidth.of(labels) else { continue }
            line[column] = "┬"
            labels = TextWidth.fill(labels, to: start) + text
        }
        let blanks = String(repeating: " ", count: indent)
        let name = TextWidth.cut(CellText.oneLine(name), to: width)
        return [
            "\(blanks)└\(String(line))", Self.trimmed("\(blanks) \(labels)"),
            Self.trimmed("\(blanks) \(TextWidth.fill(name, to: width, right: true))"),
        ]
    }

    /// A line without the blanks at its end.
    static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}

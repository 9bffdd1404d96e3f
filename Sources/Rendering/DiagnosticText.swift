public import PipelineSyntax

/// Diagnostics as text: code, place, the line with carets, what was expected, one hint.
public enum DiagnosticText {
    /// The whole message, without a line break at the end.
    public static func render(_ diagnostic: Diagnostic, style: TextStyle = TextStyle()) -> String {
        var lines: [String] = []
        let code =
            diagnostic.severity == .warning ? "W" + diagnostic.code.rawValue.dropFirst() : diagnostic.code.rawValue
        let painted = style.paint(code, diagnostic.severity == .warning ? .yellow : .red)
        if let place = diagnostic.place {
            let (line, column) = place.source.position(of: place.span.start)
            let position = TextWidth.fill("\(line):\(column)", to: 4)
            let prefix = "\(code) \(place.source.name), \(position)   "
            // On a narrow terminal the code stands below its place.
            let isNarrow = style.width - TextWidth.of(prefix) < 24
            let indent = isNarrow ? 2 : TextWidth.of(prefix)
            let (excerpt, offset) = window(place, column: column, width: style.width - indent)
            let heading = "\(painted) \(place.source.name), \(line):\(column)"
            lines +=
                isNarrow ? [heading, "  " + excerpt] : ["\(painted) \(place.source.name), \(position)   \(excerpt)"]
            let carets = caretCount(place, excerpt: excerpt, offset: offset)
            let blanks = String(repeating: " ", count: indent + offset)
            lines.append(blanks + style.paint(String(repeating: "^", count: carets), .red))
        } else {
            lines.append(painted)
        }
        lines += folded("  ", shortened(diagnostic.message), style)
        for step in diagnostic.trace { lines.append("  " + TerminalText.safe(step)) }
        if let hint = diagnostic.hint {
            let label = style.paint("Hint:", .cyan)
            let parts = folded("  ", "Hint: " + shortened(hint), style)
            lines += parts.enumerated().map { $0 == 0 ? $1.replacing("Hint:", with: label, maxReplacements: 1) : $1 }
        }
        return lines.joined(separator: "\n")
    }

    /// A name of thousands of letters says no more than its beginning.
    private static func shortened(_ text: String) -> String {
        let safe = TerminalText.safe(text)
        return safe.utf8.count > 2_000 ? String(safe.prefix(1_000)) + "…" : safe
    }

    /// The lines of a text, folded between words where a terminal is narrower; code in a hint keeps its own lines.
    private static func folded(_ indent: String, _ text: String, _ style: TextStyle) -> [String] {
        guard style.folds, TextWidth.of(text) > style.width - indent.count, !text.contains("\n") else {
            return [indent + text]
        }
        return TextWidth.wrap(text, to: style.width - indent.count - 2).enumerated().map {
            ($0 == 0 ? indent : indent + "  ") + $1
        }
    }

    /// The line of the mistake, or the part of it that fits around the mistake, and where the mistake starts in it.
    private static func window(_ place: Diagnostic.Place, column: Int, width: Int) -> (String, Int) {
        // A control character stands for a blank: the caret must stay below its place.
        let line = place.source.line(at: place.span.start).map { character in
            character.unicodeScalars.allSatisfy { $0.value < 0x20 || $0.value == 0x7F } ? " " : character
        }
        let index = min(column - 1, line.count)
        let before = line[..<index]
        let limit = max(24, width)
        guard TextWidth.of(String(line)) > limit else { return (String(line), TextWidth.of(String(before))) }
        if TextWidth.of(String(before)) < limit * 2 / 3 {
            return (TextWidth.cut(String(line), to: limit), TextWidth.of(String(before)))
        }
        let kept = Array(before.suffix(limit / 3))
        let text = "…" + String(kept) + String(line[index...])
        return (TextWidth.cut(text, to: limit), 1 + TextWidth.of(String(kept)))
    }

    private static func caretCount(_ place: Diagnostic.Place, excerpt: String, offset: Int) -> Int {
        let code = place.source.text(of: place.span)
        let firstLine = code.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return max(1, min(TextWidth.of(firstLine), max(1, TextWidth.of(excerpt) - offset)))
    }
}

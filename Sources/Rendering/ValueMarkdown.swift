public import Tables

/// Values as GitHub's Markdown for notebook front ends: tables, and lines of text. Charts are left out.
///
/// What the data say is never markup: neither for Markdown nor for HTML, nor for MathJax, which reads the finished page.
public enum ValueMarkdown {
    /// The Markdown of a value, without a line break at the end.
    /// - Parameter width: of the text table that has the same rows, columns and cuts.
    public static func render(_ value: Value, width: Int = 100) -> String {
        render(value.presentation, width: width)
    }

    /// The Markdown of what a value shows of itself.
    public static func render(_ blocks: [PresentationBlock], width: Int = 100) -> String {
        blocks.compactMap { block in
            switch block {
            case .line(let text), .prose(let text): text.isEmpty ? nil : lines(text)
            case .table(let table): self.table(TableLayout(table, width: width))
            case .chart: nil
            }
        }.joined(separator: "\n\n")
    }

    private static func table(_ layout: TableLayout) -> String {
        let columns = layout.columns
        var lines: [String] = []
        if !columns.isEmpty {
            lines.append(row(columns.map { escape(TextWidth.cut($0.name, to: $0.width)) }))
            lines.append(row(columns.map { $0.isNumeric ? "---:" : ":---" }))
            for index in 0..<layout.shownRows { lines.append(row(columns.map { escape($0.cells[index]) })) }
        }
        guard let remark = layout.remark else { return lines.joined(separator: "\n") }
        return (lines.isEmpty ? [] : lines + [""]).joined(separator: "\n") + (lines.isEmpty ? "" : "\n")
            + escape(remark)
    }

    private static func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }

    /// Lines of text that stay lines and keep their indentation.
    private static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let blanks = line.prefix { $0 == " " || $0 == "\t" }
            let indent = String(repeating: "&nbsp;", count: blanks.reduce(0) { $0 + ($1 == "\t" ? 4 : 1) })
            return indent + escape(String(line.dropFirst(blanks.count)), atLineStart: indent.isEmpty)
        }.joined(separator: "<br>\n")
    }

    /// A text with all that could be markup written as what it is.
    ///
    /// `$` and `\` stand in a `span` of their own: MathJax looks at the page's text, where escapes are gone, but never
    /// joins the texts of two elements. `@`, `://` and `www.` would make links.
    static func escape(_ text: String, atLineStart: Bool = false) -> String {
        var result = ""
        var previous: Unicode.Scalar?
        for scalar in CellText.oneLine(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "@": result += "&#64;"
            case "$": result += "<span>&#36;</span>"
            case "\\": result += "<span>&#92;</span>"
            case ":" where previous.map { $0.properties.isAlphabetic } == true: result += "&#58;"
            case "." where result.hasSuffix("www") || result.hasSuffix("WWW"): result += "&#46;"
            case "|", "`", "*", "_", "[", "]", "~": result += "\\\(scalar)"
            case _ where atLineStart && opensBlock(scalar, after: result): result += "\\\(scalar)"
            // Line separators that are no ASCII controls.
            case "\u{85}", "\u{2028}", "\u{2029}": result += "⏎"
            default: result.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return result
    }

    /// Whether a character after the beginning of a line would make it a heading, a rule or a list's item.
    private static func opensBlock(_ scalar: Unicode.Scalar, after start: String) -> Bool {
        switch scalar {
        case "#", "+", "-", "=": start.isEmpty
        case ".", ")": !start.isEmpty && start.allSatisfy(\.isNumber)
        default: false
        }
    }
}

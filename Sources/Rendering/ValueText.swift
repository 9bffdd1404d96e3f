public import Tables

/// Values as text for a terminal or a page of fixed width.
public enum ValueText {
    /// What a value shows of itself, without a line break at the end.
    public static func render(_ value: Value, style: TextStyle = TextStyle()) -> String {
        render(value.presentation, style: style)
    }

    /// Longer lines of prose are hard to read.
    private static let mostColumns = 80

    static func render(_ blocks: [PresentationBlock], style: TextStyle) -> String {
        blocks.enumerated().flatMap { lines($1, isFirst: $0 == 0, style) }.joined(separator: "\n")
    }

    private static func lines(_ block: PresentationBlock, isFirst: Bool, _ style: TextStyle) -> [String] {
        switch block {
        case .line(let text):
            TerminalText.safe(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        case .prose(let text): TextWidth.wrap(TerminalText.safe(text), to: min(style.width, mostColumns))
        case .table(let table): TableText.render(table, style: style)
        case .chart(let chart): (isFirst ? [] : [""]) + ChartText.render(chart, style: style)
        }
    }
}

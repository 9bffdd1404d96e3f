public import Tables

/// Tables as text that fits a width: columns are narrowed, then left out and named.
public enum TableText {
    /// The lines of a table.
    public static func render(_ table: TablePresentation, style: TextStyle) -> [String] {
        let layout = TableLayout(table, width: style.width)
        let columns = layout.columns
        var lines: [String] = []
        if !columns.isEmpty {
            let header = columns.map { fill(TextWidth.cut($0.name, to: $0.width), $0) }
            lines.append(style.paint(joined(header), .bold))
            lines.append(style.paint(joined(columns.map { String(repeating: "─", count: $0.width) }), .dim))
        }
        for row in 0..<(columns.isEmpty ? 0 : layout.shownRows) {
            if table.wraps {
                lines.append(contentsOf: wrapped(row, columns))
            } else {
                lines.append(joined(columns.map { fill($0.cells[row], $0) }))
            }
        }
        if let remark = layout.remark { lines.append(style.paint(remark, .dim)) }
        return lines
    }

    private static func fill(_ text: String, _ column: TableLayout.Column) -> String {
        TextWidth.fill(text, to: column.width, right: column.isNumeric)
    }

    private static func joined(_ cells: [String]) -> String {
        var line = cells.joined(separator: String(repeating: " ", count: TableLayout.gap))
        while line.last == " " { line.removeLast() }
        return line
    }

    private static func wrapped(_ row: Int, _ columns: [TableLayout.Column]) -> [String] {
        let texts = columns.map { TextWidth.wrap($0.cells[row], to: $0.width) }
        let height = texts.map(\.count).max() ?? 0
        return (0..<height).map { line in
            joined(zip(texts, columns).map { lines, column in fill(line < lines.count ? lines[line] : "", column) })
        }
    }
}

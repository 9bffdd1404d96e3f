internal import OrderedCollections
public import Tables

/// Values as HTML for notebook front ends: tables, and preformatted text for the rest.
public enum ValueHTML {
    /// The HTML of a value, or nil where plain text says it all.
    public static func render(_ value: Value) -> String? {
        let blocks = value.presentation
        guard blocks.contains(where: { if case .table = $0 { true } else { false } }) else { return nil }
        return blocks.map { block in
            switch block {
            case .line(let text): "<p>\(escape(text))</p>"
            case .table(let table): self.table(table)
            case .bars(let bars):
                "<pre>\(escape(BarText.render(bars, style: TextStyle(width: 80)).joined(separator: "\n")))</pre>"
            }
        }.joined(separator: "\n")
    }

    private static func table(_ table: TablePresentation) -> String {
        let rows = table.rows
        let shown = min(rows.count, table.limit)
        var html = "<table>\n<thead><tr>"
        for name in rows.columnNames { html += "<th>\(escape(name))</th>" }
        html += "</tr></thead>\n<tbody>\n"
        for row in 0..<shown {
            html += "<tr>"
            for column in rows.columns.values {
                html += "<td>\(escape(TextWidth.cut(CellText.of(column[row]), to: 300)))</td>"
            }
            html += "</tr>\n"
        }
        html += "</tbody>\n</table>"
        if rows.count > shown { html += "\n<p>\(rows.count - shown) more of \(rows.count) rows</p>" }
        return html
    }

    static func escape(_ text: String) -> String { HTMLText.escape(text) }
}

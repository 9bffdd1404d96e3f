internal import OrderedCollections
internal import Tables

/// Which rows and columns of a table are shown in a width, and how their texts are cut; the same for text and Markdown.
struct TableLayout {
    /// Blanks between columns.
    static let gap = 2
    private static let narrowest = 5
    /// Narrower columns have no room for the length of a text that is cut.
    private static let narrowestWithLength = 16

    /// One column that is shown.
    struct Column {
        let name: String
        let width: Int
        /// Whether it holds numbers, which stand at the right.
        let isNumeric: Bool
        /// The cells of the rows that are shown; cut unless the table wraps.
        let cells: [String]
    }

    let columns: [Column]
    let shownRows: Int
    let rowCount: Int
    /// The names of columns for which there was no room.
    let leftOut: [String]

    init(_ table: TablePresentation, width total: Int) {
        let rows = table.rows
        let shown = min(rows.count, table.limit)
        let texts = rows.columns.values.map { column in (0..<shown).map { CellText.of(column[$0]) } }
        let names = rows.columnNames.map(CellText.oneLine)
        let natural = zip(names, texts).map { name, column in
            max(TextWidth.of(name), column.map(TextWidth.of).max() ?? 0)
        }
        let widths = Self.fit(natural, into: total)
        columns = widths.enumerated().map { index, width in
            let column = rows.columns.values[index]
            let cells = (0..<shown).map { row in
                table.wraps
                    ? column[row].text ?? texts[index][row]
                    : Self.cut(texts[index][row], of: column[row], to: width)
            }
            return Column(
                name: names[index], width: width, isNumeric: CellText.isNumeric(column, upTo: shown), cells: cells)
        }
        shownRows = shown
        rowCount = rows.count
        leftOut = Array(names.dropFirst(widths.count))
    }

    /// What is not shown, in a line; nil where all is.
    var remark: String? {
        var parts: [String] = []
        if rowCount == 0 {
            parts.append("no rows")
        } else if rowCount > shownRows {
            let more = Number.integer(Int64(rowCount - shownRows)).grouped
            parts.append("… \(more) more of \(Number.integer(Int64(rowCount)).grouped) rows")
        }
        if !leftOut.isEmpty { parts.append("not shown: \(leftOut.joined(separator: ", "))") }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// A long text keeps its beginning and tells how many characters it has.
    private static func cut(_ cell: String, of value: Value, to width: Int) -> String {
        guard TextWidth.of(cell) > width, width >= narrowestWithLength, let text = value.text else {
            return TextWidth.cut(cell, to: width)
        }
        let length = " (\(Number.integer(Int64(text.count)).grouped))"
        return TextWidth.cut(cell, to: width - length.count) + length
    }

    /// Widths that fit; fewer than columns where even the narrowest do not.
    ///
    /// The widest columns give way first: all are cut to one common limit, the largest that fits.
    private static func fit(_ natural: [Int], into total: Int) -> [Int] {
        var natural = natural
        while natural.count > 1 {
            let least = natural.map { min($0, narrowest) }.reduce(0, +) + gap * (natural.count - 1)
            if least <= total { break }
            natural.removeLast()
        }
        let room = max(1, total - gap * (natural.count - 1))
        guard natural.reduce(0, +) > room else { return natural }
        var limit = natural.max() ?? 1
        while limit > 1, natural.map({ min($0, limit) }).reduce(0, +) > room { limit -= 1 }
        var widths = natural.map { min($0, limit) }
        // What the common limit left over goes to the columns that were cut, from the left.
        var left = room - widths.reduce(0, +)
        for index in widths.indices where left > 0 && widths[index] < natural[index] {
            widths[index] += 1
            left -= 1
        }
        return widths
    }
}

internal import OrderedCollections
public import Tables

/// Tables as text that fits a width: columns are narrowed, then left out and named.
public enum TableText {
    private static let gap = 2
    private static let narrowest = 5

    /// The lines of a table.
    public static func render(_ table: TablePresentation, style: TextStyle) -> [String] {
        let rows = table.rows
        guard !rows.columnNames.isEmpty else { return [countLine(rows.count, shown: 0, style)] }
        let shown = min(rows.count, table.limit)
        let cells = rows.columns.values.map { column in (0..<shown).map { CellText.of(column[$0]) } }
        var names = rows.columnNames
        let numeric = rows.columns.values.map { CellText.isNumeric($0, upTo: shown) }
        let natural = zip(names, cells).map { name, column in
            max(TextWidth.of(name), column.map(TextWidth.of).max() ?? 0)
        }
        let widths = fit(natural, headers: names.map(TextWidth.of), into: style.width)
        let leftOut = names[widths.count...]
        names = Array(names[..<widths.count])
        var lines: [String] = []
        let header = zip(names.indices, widths).map { index, width in
            TextWidth.fill(TextWidth.cut(names[index], to: width), to: width, right: numeric[index])
        }
        lines.append(style.paint(joined(header), .bold))
        lines.append(style.paint(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "), .dim))
        for row in 0..<shown {
            if table.wraps {
                lines.append(contentsOf: wrapped(names.indices.map { rawText(rows, row, names[$0]) }, widths, numeric))
            } else {
                lines.append(
                    joined(
                        names.indices.map { index in
                            TextWidth.fill(
                                TextWidth.cut(cells[index][row], to: widths[index]), to: widths[index],
                                right: numeric[index])
                        }))
            }
        }
        if rows.count > shown || rows.count == 0 || !leftOut.isEmpty {
            var line = rows.count > shown || rows.count == 0 ? countLine(rows.count, shown: shown, style) : ""
            if !leftOut.isEmpty {
                line += (line.isEmpty ? "" : "; ") + style.paint("not shown: \(leftOut.joined(separator: ", "))", .dim)
            }
            lines.append(line)
        }
        return lines
    }

    private static func rawText(_ rows: DataSet, _ row: Int, _ name: String) -> String {
        let value = rows.value(row, name)
        return value.text ?? CellText.of(value)
    }

    private static func joined(_ cells: [String]) -> String {
        var line = cells.joined(separator: String(repeating: " ", count: gap))
        while line.last == " " { line.removeLast() }
        return line
    }

    private static func wrapped(_ texts: [String], _ widths: [Int], _ numeric: [Bool]) -> [String] {
        let columns = zip(texts, widths).map { TextWidth.wrap($0, to: $1) }
        let height = columns.map(\.count).max() ?? 0
        return (0..<height).map { line in
            joined(
                columns.indices.map { index in
                    let text = line < columns[index].count ? columns[index][line] : ""
                    return TextWidth.fill(text, to: widths[index], right: numeric[index])
                })
        }
    }

    private static func countLine(_ count: Int, shown: Int, _ style: TextStyle) -> String {
        let text =
            count == 0
            ? "no rows"
            : "… \(Number.integer(Int64(count - shown)).grouped) more of \(Number.integer(Int64(count)).grouped) rows"
        return style.paint(text, .dim)
    }

    /// Widths that fit; fewer than columns where even the narrowest do not.
    ///
    /// The widest columns give way first: all are cut to one common limit, the largest that fits.
    private static func fit(_ natural: [Int], headers: [Int], into total: Int) -> [Int] {
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

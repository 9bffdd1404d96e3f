internal import Tables

/// A table of counts as text: the diagonal in brackets, columns by number where their names have no room.
enum MatrixText {
    static func render(_ matrix: MatrixFrame, style: TextStyle) -> [String] {
        let columns = matrix.columns.map { CellText.oneLine($0) }
        let numbersWidth = String(columns.count).count + 1
        let longest = matrix.rows.map { TextWidth.of(CellText.oneLine($0)) }.max() ?? 0
        let cellWidth = max(3, matrix.counts.joined().map { Number.double($0).grouped.count }.max() ?? 1) + 2
        let totals = matrix.rows.indices.map { Number.double(matrix.total($0)).grouped }
        let totalWidth = max(1, totals.map(\.count).max() ?? 1) + 2
        let namesWidth = columns.map { TextWidth.of($0) + 2 }.max() ?? 0
        let tail = totalWidth + 7
        // Names above the columns where all fit whole, else numbers that stand before the rows' names too.
        let byName = longest + max(cellWidth, namesWidth) * columns.count + tail <= style.width
        let width = byName ? max(cellWidth, namesWidth) : cellWidth
        let prefix = byName ? 0 : numbersWidth
        let labelWidth = min(longest, max(6, style.width - prefix - tail - width * min(3, columns.count)))
        let perBlock = max(1, (style.width - prefix - labelWidth - tail) / width)
        let (row, column) = (CellText.oneLine(matrix.chart.yLabel), CellText.oneLine(matrix.chart.xLabel))
        let title =
            "rows: \(TextWidth.cut(row, to: style.width - 8)) · columns: \(TextWidth.cut(column, to: style.width - 10))"
        var lines = TextWidth.wrap(title, to: style.width)
        var start = 0
        repeat {
            let block = start..<min(columns.count, start + perBlock)
            let isLast = block.upperBound == columns.count
            var head = String(repeating: " ", count: prefix + labelWidth)
            for column in block {
                head += TextWidth.fill(byName ? columns[column] : String(column + 1), to: width - 1, right: true) + " "
            }
            if isLast { head += TextWidth.fill("n", to: totalWidth, right: true) + "  agree" }
            lines.append(TextAxis.trimmed(head))
            for (row, name) in matrix.rows.enumerated() {
                var line = ""
                if !byName {
                    let number = matrix.columns.firstIndex(of: name).map { String($0 + 1) } ?? ""
                    line += TextWidth.fill(number, to: prefix - 1, right: true) + " "
                }
                line += TextWidth.fill(TextWidth.cut(CellText.oneLine(name), to: labelWidth), to: labelWidth)
                for column in block { line += cell(matrix, row, column, width, style) }
                if isLast {
                    line += TextWidth.fill(totals[row], to: totalWidth, right: true)
                    line += TextWidth.fill(matrix.agreementText(row), to: 7, right: true)
                }
                lines.append(TextAxis.trimmed(line))
            }
            start = block.upperBound
        } while start < columns.count
        let rows = Set(matrix.rows)
        let unnamed = matrix.columns.enumerated().filter { !rows.contains($0.element) }
        if !byName, !unnamed.isEmpty {
            let key = unnamed.map { "\($0.offset + 1) \(CellText.oneLine($0.element))" }.joined(separator: " · ")
            lines += TextWidth.wrap("columns without a row: \(key)", to: style.width)
        }
        return lines
    }

    private static func cell(
        _ matrix: MatrixFrame, _ row: Int, _ column: Int, _ width: Int, _ style: TextStyle
    ) -> String {
        let text = matrix.text(row, column)
        guard matrix.isDiagonal(row, column) else {
            return TextWidth.fill(text.isEmpty ? "·" : text, to: width - 1, right: true) + " "
        }
        return style.paint(TextWidth.fill("[\(text.isEmpty ? "0" : text)]", to: width, right: true), .bold)
    }
}

internal import OrderedCollections

/// Comma-separated values (RFC 4180): a header line, quoted fields may hold commas, quotes and line breaks.
///
/// A column whose filled cells are all plain numbers (`7`, `-19.90`, `1e-7`) becomes numbers; one with a leading zero,
/// such as the order number `00123`, stays text. An empty cell is null.
public enum CSV {
    /// Reads a file's bytes.
    /// - Throws: `FormatError` at the first bad row unless bad rows are skipped.
    public static func read(
        _ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ","), badRows: BadRows = .fail
    ) throws(FormatError) -> LoadedRows {
        try bytes.withUnsafeBufferPointer { bytes throws(FormatError) in
            var reader = CSVReader(bytes: bytes, separator: separator)
            var row = CSVRow()
            guard try reader.next(into: &row) else { return LoadedRows(rows: DataSet(rows: []), skipped: []) }
            let names = uniqueNames(row.texts)
            var cells = Array(repeating: CSVColumn(), count: names.count)
            var skipped: [FormatError] = []
            while true {
                let line = reader.line
                do throws(FormatError) {
                    guard try reader.next(into: &row) else { break }
                    if row.isBlank { continue }
                    guard row.count == names.count else {
                        throw FormatError(
                            line: line, column: 1, expected: "\(names.count) fields as in the header",
                            found: "\(row.count)",
                            hint: "quote fields that contain a comma, or add bad_rows: \"skip\" (counted)")
                    }
                    for index in cells.indices { cells[index].append(row[index]) }
                } catch {
                    if badRows == .fail { throw error }
                    skipped.append(error)
                }
            }
            let count = cells.first?.count ?? 0
            var columns: OrderedDictionary<String, Column> = [:]
            for (index, name) in names.enumerated() {
                columns[name] = cells[index].finish()
                cells[index] = CSVColumn()
            }
            return LoadedRows(rows: DataSet(columns: columns, count: count), skipped: skipped)
        }
    }

    private static func uniqueNames(_ header: [String]) -> [String] {
        var seen: Set<String> = []
        return header.enumerated().map { index, cell in
            let base = cell.isEmpty ? "column_\(index + 1)" : cell
            var name = base
            var copy = 2
            while !seen.insert(name).inserted {
                name = "\(base)_\(copy)"
                copy += 1
            }
            return name
        }
    }
}

internal import OrderedCollections

/// JSON Lines: one JSON object a line. Blank lines and a byte order mark are let pass.
public enum JSONLines {
    /// Reads a file's bytes.
    /// - Throws: `FormatError` at the first bad line unless bad rows are skipped.
    public static func read(_ bytes: [UInt8], badRows: BadRows = .fail) throws(FormatError) -> LoadedRows {
        var records: [Record] = []
        var skipped: [FormatError] = []
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var line = 0
        while start < bytes.count {
            line += 1
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            if !isBlank(bytes[start..<end]) {
                do throws(FormatError) {
                    records.append(try record(bytes, start..<end, line: line))
                } catch {
                    if badRows == .fail { throw error }
                    skipped.append(error)
                }
            }
            start = end + 1
        }
        return LoadedRows(rows: DataSet(rows: records), skipped: skipped)
    }

    /// The text of rows, one object a line.
    public static func write(_ rows: DataSet) -> String {
        var text = ""
        for index in rows.indices {
            text += JSON.text(.record(rows.row(index)))
            text += "\n"
        }
        return text
    }

    private static func record(_ bytes: [UInt8], _ range: Range<Int>, line: Int) throws(FormatError) -> Record {
        let value: Value
        do {
            value = try JSON.parse(bytes, in: range)
        } catch {
            throw FormatError(line: line, column: error.column, expected: error.expected, found: error.found)
        }
        guard let record = value.record else {
            throw FormatError(
                line: line, column: 1, expected: "an object in braces", found: value.kindName,
                hint: "each line holds one row: {\"question\": \"…\"}")
        }
        return record
    }

    private static func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }
}

internal import OrderedCollections

extension CSV {
    /// The UTF-8 of rows with a header line; null is an empty cell, lists and records are written as JSON inside theirs.
    ///
    /// CSV knows no types: text that looks like a number comes back as one, empty text as null.
    public static func write(_ rows: DataSet, separator: UInt8 = UInt8(ascii: ",")) -> [UInt8] {
        var writer = CSVWriter(separator: separator)
        writer.write(rows.columnNames.map { Array($0.utf8) })
        let columns = Array(rows.columns.values)
        for index in rows.indices {
            writer.write(
                columns.map { column in
                    switch column[index] {
                    case .null: []
                    case .string(let cell): Array(cell.utf8)
                    case let other: JSON.bytes(other)
                    }
                })
        }
        return writer.bytes
    }
}

/// Writes lines of cells. It goes by bytes: to Swift a quote with an accent behind it is one character, and no quote.
private struct CSVWriter {
    let separator: UInt8
    var bytes: [UInt8] = []

    init(separator: UInt8) { self.separator = separator }

    mutating func write(_ cells: [[UInt8]]) {
        for (place, cell) in cells.enumerated() {
            if place > 0 { bytes.append(separator) }
            // A line that holds nothing would be a blank line, which is no row.
            if needsQuotes(cell) || cells.count == 1 && cell.isEmpty { quote(cell) } else { bytes += cell }
        }
        bytes.append(0x0A)
    }

    private func needsQuotes(_ cell: [UInt8]) -> Bool {
        // At the beginning of a file a byte order mark would be taken for one.
        cell.contains { $0 == separator || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D }
            || cell.starts(with: [0xEF, 0xBB, 0xBF])
    }

    private mutating func quote(_ cell: [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in cell {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

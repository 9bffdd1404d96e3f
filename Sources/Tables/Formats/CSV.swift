internal import OrderedCollections

/// Comma-separated values (RFC 4180): a header line, quoted fields may hold commas, quotes and line breaks.
///
/// A column whose filled cells are all numbers that write back to the same text becomes numbers;
/// an empty cell is null. So `00123`, an order number, stays text.
public enum CSV {
    /// Reads a file's bytes.
    /// - Throws: `FormatError` at the first bad row unless bad rows are skipped.
    public static func read(
        _ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ","), badRows: BadRows = .fail
    ) throws(FormatError) -> LoadedRows {
        var reader = CSVReader(bytes: bytes, separator: separator)
        guard let header = try reader.nextRow() else {
            return LoadedRows(rows: DataSet(rows: []), skipped: [])
        }
        let names = uniqueNames(header)
        var cells: [[Value]] = Array(repeating: [], count: names.count)
        var skipped: [FormatError] = []
        while true {
            let line = reader.line
            do throws(FormatError) {
                guard let row = try reader.nextRow() else { break }
                if row.count == 1, row[0].isEmpty, !reader.lastFieldWasQuoted { continue }
                guard row.count == names.count else {
                    throw FormatError(
                        line: line, column: 1, expected: "\(names.count) fields as in the header",
                        found: "\(row.count)",
                        hint: "quote fields that contain a comma, or add bad_rows: \"skip\" (counted)")
                }
                for (index, cell) in row.enumerated() {
                    cells[index].append(cell.isEmpty ? .null : .string(cell))
                }
            } catch {
                if badRows == .fail { throw error }
                skipped.append(error)
            }
        }
        var columns: OrderedDictionary<String, Column> = [:]
        for (name, values) in zip(names, cells) { columns[name] = Column(typed(values)) }
        return LoadedRows(rows: DataSet(columns: columns, count: cells.first?.count ?? 0), skipped: skipped)
    }

    /// The names in the header, without reading the rows.
    public static func header(_ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ",")) throws(FormatError) -> [String] {
        var reader = CSVReader(bytes: bytes, separator: separator)
        return uniqueNames(try reader.nextRow() ?? [])
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

    private static func typed(_ values: [Value]) -> [Value] {
        var numbers: [Value] = []
        numbers.reserveCapacity(values.count)
        for value in values {
            guard case .string(let text) = value else {
                numbers.append(value)
                continue
            }
            if let whole = Int64(text), String(whole) == text {
                numbers.append(.number(.integer(whole)))
            } else if let first = text.utf8.first, first == 0x2D || (first >= 0x30 && first <= 0x39),
                text.utf8.contains(0x2E), !(text.hasPrefix("0") && !text.hasPrefix("0.")), let number = Double(text),
                Number.double(number).description == text
            {
                numbers.append(.number(.double(number)))
            } else {
                return values
            }
        }
        return numbers
    }
}

/// Reads CSV row by row, keeping count of lines.
struct CSVReader {
    private let bytes: [UInt8]
    private let separator: UInt8
    private var at: Int
    private(set) var line = 1
    /// Whether the last field read stood in quotes: `""` is an empty cell, nothing at all a blank line.
    private(set) var lastFieldWasQuoted = false

    init(bytes: [UInt8], separator: UInt8) {
        self.bytes = bytes
        self.separator = separator
        at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next row's fields, or nil at the end.
    mutating func nextRow() throws(FormatError) -> [String]? {
        guard at < bytes.count else { return nil }
        var fields: [String] = []
        let rowStart = at
        while true {
            let field: String
            if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
                field = try quotedField(rowStart: rowStart)
                lastFieldWasQuoted = true
            } else {
                let start = at
                while at < bytes.count, bytes[at] != separator, bytes[at] != 0x0A, bytes[at] != 0x0D { at += 1 }
                field = try text(bytes[start..<at], column: start - rowStart + 1)
                lastFieldWasQuoted = false
            }
            fields.append(field)
            guard at < bytes.count else { return fields }
            if bytes[at] == separator {
                at += 1
                continue
            }
            if bytes[at] == 0x0D { at += 1 }
            if at < bytes.count, bytes[at] == 0x0A { at += 1 }
            line += 1
            return fields
        }
    }

    private mutating func quotedField(rowStart: Int) throws(FormatError) -> String {
        let quoteLine = line
        let column = at - rowStart + 1
        at += 1
        var text: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "\"") {
                if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
                    text.append(byte)
                    at += 1
                    continue
                }
                if at < bytes.count, bytes[at] != separator, bytes[at] != 0x0A, bytes[at] != 0x0D {
                    let found = String(decoding: bytes[at...at], as: UTF8.self)
                    skipToNextRow()
                    throw FormatError(
                        line: quoteLine, column: column, expected: "a separator after the closing quote",
                        found: "`\(found)`", hint: "write a quote inside a quoted field twice: \"\"")
                }
                return try self.text(text[...], column: column)
            }
            if byte == 0x0A { line += 1 }
            text.append(byte)
        }
        throw FormatError(line: quoteLine, column: column, expected: "a closing quote", found: "the end of the file")
    }

    private mutating func text(_ bytes: ArraySlice<UInt8>, column: Int) throws(FormatError) -> String {
        if let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) { return text }
        let place = line
        skipToNextRow()
        throw FormatError(
            line: place, column: column, expected: "UTF-8 text", found: "bytes of another encoding",
            hint: "save the file as UTF-8")
    }

    private mutating func skipToNextRow() {
        while at < bytes.count, bytes[at] != 0x0A { at += 1 }
        if at < bytes.count { at += 1 }
        line += 1
    }
}

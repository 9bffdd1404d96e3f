/// The fields of one row, one after the other in the same bytes for every row.
struct CSVRow {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// Whether a field stood in quotes: `""` is an empty cell, nothing at all a blank line.
    private(set) var hasQuotes = false

    /// How many fields there are.
    var count: Int { ends.count }

    /// A field's bytes, which are UTF-8.
    subscript(field: Int) -> ArraySlice<UInt8> { bytes[(field == 0 ? 0 : ends[field - 1])..<ends[field]] }

    /// Whether the line was empty.
    var isBlank: Bool { count == 1 && bytes.isEmpty && !hasQuotes }

    var texts: [String] { ends.indices.map { String(decoding: self[$0], as: UTF8.self) } }

    fileprivate mutating func begin() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        hasQuotes = false
    }

    fileprivate mutating func append(_ part: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: part) }

    fileprivate mutating func endField(isQuoted: Bool = false) {
        ends.append(bytes.count)
        hasQuotes = hasQuotes || isQuoted
    }
}

/// Reads CSV row by row, keeping count of lines.
struct CSVReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let separator: UInt8
    private var at: Int
    /// The line at which the next row begins, from 1.
    private(set) var line = 1
    /// How often reading went on behind a quote that nothing closes: each time the rest is read once more.
    private var resumptions = 0
    private static let mostResumptions = 100

    /// - Parameter bytes: the whole text; valid as long as the reader is used.
    init(bytes: UnsafeBufferPointer<UInt8>, separator: UInt8) {
        self.bytes = bytes
        self.separator = separator
        at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Reads the next row; false at the end.
    mutating func next(into row: inout CSVRow) throws(FormatError) -> Bool {
        guard at < bytes.count else { return false }
        row.begin()
        let rowStart = at
        while true {
            if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
                try quotedField(rowStart: rowStart, into: &row)
            } else {
                let start = at
                var high: UInt8 = 0
                var hasZero = false
                while at < bytes.count {
                    let byte = bytes[at]
                    if byte == separator || byte == 0x0A || byte == 0x0D { break }
                    high |= byte
                    hasZero = hasZero || byte == 0
                    at += 1
                }
                let field = UnsafeBufferPointer(rebasing: bytes[start..<at])
                try check(field, high: high, hasZero: hasZero, column: start - rowStart + 1)
                row.append(field)
                row.endField()
            }
            guard at < bytes.count else { return true }
            if bytes[at] == separator {
                at += 1
                continue
            }
            if bytes[at] == 0x0D { at += 1 }
            if at < bytes.count, bytes[at] == 0x0A { at += 1 }
            line += 1
            return true
        }
    }

    private mutating func quotedField(rowStart: Int, into row: inout CSVRow) throws(FormatError) {
        let quoteLine = line
        let quote = at
        let column = at - rowStart + 1
        at += 1
        var start = at
        var high: UInt8 = 0
        var hasZero = false
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            guard byte == UInt8(ascii: "\"") else {
                if byte == 0x0A { line += 1 }
                high |= byte
                hasZero = hasZero || byte == 0
                continue
            }
            let part = UnsafeBufferPointer(rebasing: bytes[start..<(at - 1)])
            try check(part, high: high, hasZero: hasZero, column: column)
            row.append(part)
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
                if at < bytes.count, bytes[at] != separator, bytes[at] != 0x0A, bytes[at] != 0x0D {
                    let found = String(decoding: bytes[at...at], as: UTF8.self)
                    if line > quoteLine { resume(behind: quote, onLine: quoteLine) } else { skipToNextRow() }
                    throw FormatError(
                        line: quoteLine, column: column, expected: "a separator after the closing quote",
                        found: "`\(found)`", hint: "write a quote inside a quoted field twice: \"\"")
                }
                return row.endField(isQuoted: true)
            }
            // A quote written twice is one; it begins what comes next.
            start = at
            at += 1
        }
        resume(behind: quote, onLine: quoteLine)
        throw FormatError(line: quoteLine, column: column, expected: "a closing quote", found: "the end of the file")
    }

    /// Goes on behind the line on which a quote stands that nothing closes as it should: only that line is lost to those
    /// who skip bad rows.
    private mutating func resume(behind quote: Int, onLine quoteLine: Int) {
        guard resumptions < Self.mostResumptions else { return skipToNextRow() }
        resumptions += 1
        at = quote
        line = quoteLine
        skipToNextRow()
    }

    private mutating func check(
        _ field: UnsafeBufferPointer<UInt8>, high: UInt8, hasZero: Bool, column: Int
    ) throws(FormatError) {
        if !hasZero, high < 0x80 || String(validating: field, as: UTF8.self) != nil { return }
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

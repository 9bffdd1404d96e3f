internal import OrderedCollections

/// Reads lines of JSON objects straight into columns.
///
/// Lines in the usual form never become values: a field is compared with the one that stood there in the line before,
/// and its value goes packed into its column. Whatever is unusual — a field twice, an escape in a name, a number of
/// twenty digits, a mistake — makes its line be read by the full parser, which also knows what to say of it.
struct JSONLinesScanner {
    private struct Field {
        let name: String
        let bytes: [UInt8]
        /// Nil where nobody asked for the column.
        let builder: ColumnBuilder?
        /// The last row that has the field.
        var row: Int
    }

    /// Ends a line that the full parser must read.
    private struct Irregular: Error {}

    private let text: JSONBytes
    private let end: Int
    private let wanted: Set<String>?
    private let badRows: BadRows
    private var at: Int
    private var line = 0
    private var row = 0
    private var fields: [Field] = []
    private var places: [String: Int] = [:]
    private var scratch: [UInt8] = []
    private var skipped: [FormatError] = []

    /// What was read.
    struct Result {
        /// All names in the order in which they came; a column where it was asked for.
        var columns: OrderedDictionary<String, Column?>
        var rowCount: Int
        var lineCount: Int
        /// Lines count from the start of what was scanned.
        var skipped: [FormatError]
    }

    /// - Parameters:
    ///   - base: the text, followed by at least eight zero bytes.
    ///   - range: whole lines.
    ///   - wanted: the columns to keep; all where nil.
    init(_ base: UnsafePointer<UInt8>, _ range: Range<Int>, wanted: Set<String>?, badRows: BadRows) {
        text = JSONBytes(base: base)
        at = range.lowerBound
        end = range.upperBound
        self.wanted = wanted
        self.badRows = badRows
    }

    /// Reads all lines.
    /// - Throws: the first bad line, unless bad ones are skipped; its number counts from the start of the range.
    mutating func run() throws(FormatError) -> Result {
        while at < end {
            line += 1
            let start = at
            let isRegular: Bool
            do throws(Irregular) {
                try readLine()
                isRegular = true
            } catch {
                isRegular = false
            }
            if !isRegular { try readIrregularLine(from: start) }
        }
        var columns: OrderedDictionary<String, Column?> = [:]
        for field in fields { columns[field.name] = field.builder?.finish() }
        // A field that nobody asked for is known by its name.
        for field in fields where field.builder == nil { columns.updateValue(nil, forKey: field.name) }
        return Result(columns: columns, rowCount: row, lineCount: line, skipped: skipped)
    }

    private mutating func readLine() throws(Irregular) {
        let base = text.base
        var at = text.skippingBlanks(self.at)
        if at >= end || base[at] == 0x0A {
            self.at = at + 1
            return
        }
        guard base[at] == 0x7B else { throw Irregular() }
        at = text.skippingBlanks(at + 1)
        var place = 0
        var isFirst = true
        while base[at] != 0x7D {
            if !isFirst {
                guard base[at] == 0x2C else { throw Irregular() }
                at = text.skippingBlanks(at + 1)
            }
            isFirst = false
            guard base[at] == 0x22 else { throw Irregular() }
            at += 1
            place = try field(at: at, expected: place)
            // A field that stands twice in a line: the last counts, which only the full parser can tell.
            if fields[place].row == row { throw Irregular() }
            fields[place].row = row
            at = text.skippingBlanks(at + fields[place].bytes.count + 1)
            guard base[at] == 0x3A else { throw Irregular() }
            at = text.skippingBlanks(at + 1)
            if let builder = fields[place].builder {
                at = try readValue(at: at, into: builder)
            } else {
                guard let end = text.skippingValue(at: at) else { throw Irregular() }
                at = end
            }
            at = text.skippingBlanks(at)
            place += 1
        }
        at = text.skippingBlanks(at + 1)
        guard base[at] == 0x0A || at >= end else { throw Irregular() }
        self.at = at + 1
        finishRow()
    }

    /// Gives nulls to the columns that the row lacks.
    private mutating func finishRow() {
        for field in fields where field.row != row { field.builder?.appendNull() }
        row += 1
    }

    /// The place of the field whose name stands here, most probably the expected one.
    @inline(__always)
    private mutating func field(at start: Int, expected: Int) throws(Irregular) -> Int {
        if expected < fields.count, isName(expected, at: start) { return expected }
        guard let scan = text.scanText(from: start), !scan.hasEscapes, scan.isASCII || text.isUTF8(start, scan.end)
        else { throw Irregular() }
        let bytes = UnsafeBufferPointer(start: text.base + start, count: scan.end - start)
        return place(of: String(decoding: bytes, as: UTF8.self))
    }

    @inline(__always)
    private func isName(_ place: Int, at start: Int) -> Bool {
        fields[place].bytes.withUnsafeBufferPointer { bytes in
            for index in 0..<bytes.count where text.base[start + index] != bytes[index] { return false }
            return text.base[start + bytes.count] == 0x22
        }
    }

    private mutating func place(of name: String) -> Int {
        if let known = places[name] { return known }
        let isWanted = wanted?.contains(name) ?? true
        fields.append(
            Field(
                name: name, bytes: Array(name.utf8), builder: isWanted ? ColumnBuilder(nulls: row) : nil, row: -1))
        places[name] = fields.count - 1
        return fields.count - 1
    }

    @inline(__always)
    private mutating func readValue(at start: Int, into builder: ColumnBuilder) throws(Irregular) -> Int {
        let base = text.base
        switch base[start] {
        case 0x22:
            guard let scan = text.scanText(from: start + 1), scan.isASCII || text.isUTF8(start + 1, scan.end) else {
                throw Irregular()
            }
            if scan.hasEscapes {
                guard text.unescape(start + 1, scan.end, into: &scratch) else { throw Irregular() }
                builder.append(text: scratch[...])
            } else {
                builder.append(text: UnsafeBufferPointer(start: base + start + 1, count: scan.end - start - 1))
            }
            return scan.end + 1
        case 0x74:
            guard let end = text.word(0x6575_7274, 4, at: start) else { throw Irregular() }
            builder.append(true)
            return end
        case 0x66:
            guard base[start + 1] == 0x61, let end = text.word(0x6573_6C61, 4, at: start + 1) else {
                throw Irregular()
            }
            builder.append(false)
            return end
        case 0x6E:
            guard let end = text.word(0x6C6C_756E, 4, at: start) else { throw Irregular() }
            builder.appendNull()
            return end
        case 0x7B, 0x5B:
            guard let end = text.skippingValue(at: start) else { throw Irregular() }
            builder.append(try value(in: start..<end))
            return end
        default:
            guard let (number, end) = text.number(at: start) else { throw Irregular() }
            switch number {
            case .integer(let whole): builder.append(whole)
            case .double(let fraction): builder.append(fraction)
            }
            return end
        }
    }

    private func value(in range: Range<Int>) throws(Irregular) -> Value {
        var parser = JSONParser(
            bytes: UnsafeBufferPointer(start: text.base, count: range.upperBound), range: range)
        do {
            return try parser.parseDocument()
        } catch {
            throw Irregular()
        }
    }

    /// Reads a line by the full parser.
    private mutating func readIrregularLine(from start: Int) throws(FormatError) {
        // What the line has left in the columns goes.
        for index in fields.indices where fields[index].row == row {
            fields[index].builder?.truncate(to: row)
            fields[index].row = -1
        }
        var stop = start
        while stop < end, text.base[stop] != 0x0A { stop += 1 }
        at = stop + 1
        do throws(FormatError) {
            for (name, value) in try record(in: start..<stop) {
                let index = place(of: name)
                fields[index].builder?.append(value)
                fields[index].row = row
            }
            finishRow()
        } catch {
            if badRows == .fail { throw error }
            skipped.append(error)
        }
    }

    private func record(in range: Range<Int>) throws(FormatError) -> Record {
        var parser = JSONParser(bytes: UnsafeBufferPointer(start: text.base, count: range.upperBound), range: range)
        let value: Value
        do throws(JSONError) {
            value = try parser.parseDocument()
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
}

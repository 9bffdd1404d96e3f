internal import OrderedCollections

/// Writes rows as JSON Lines straight from their columns: no value is made for a packed one.
struct JSONLinesWriter {
    private var bytes: [UInt8] = []

    /// The bytes of all rows, one object a line, as `JSON.text` writes objects.
    static func bytes(of rows: DataSet) -> [UInt8] {
        var writer = JSONLinesWriter()
        let columns = rows.columns.map { name, column in
            (key: JSON.bytes(.string(name)) + [UInt8(ascii: ":")], storage: column.storage)
        }
        for row in rows.indices {
            writer.bytes.append(UInt8(ascii: "{"))
            for (index, column) in columns.enumerated() {
                if index > 0 { writer.bytes.append(UInt8(ascii: ",")) }
                writer.bytes += column.key
                writer.write(column.storage, row)
            }
            writer.bytes.append(UInt8(ascii: "}"))
            writer.bytes.append(0x0A)
        }
        return writer.bytes
    }

    private mutating func write(_ storage: ColumnStorage, _ row: Int) {
        switch storage {
        case .integers(let elements, let gaps) where !gaps[row]: write(elements[row])
        case .texts(let texts, let gaps) where !gaps[row]: write(texts, texts.range(row))
        case .bools(let elements, let gaps) where !gaps[row]: write(elements[row] ? "true" : "false")
        case .doubles(let elements, nil, let gaps) where !gaps[row] && elements[row].isFinite:
            bytes.append(contentsOf: Number.double(elements[row]).description.utf8)
        case .doubles(_, _, let gaps) where !gaps[row]: bytes += JSON.bytes(storage[row])
        case .values(let values): bytes += JSON.bytes(values[row])
        default: write("null")
        }
    }

    private mutating func write(_ word: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    private mutating func write(_ number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    private mutating func write(_ texts: PackedTexts, _ range: Range<Int>) {
        let isPlain = texts.bytes.withUnsafeBufferPointer { text in
            text[range].allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        }
        guard isPlain else {
            bytes += JSON.bytes(.string(String(decoding: texts.bytes[range], as: UTF8.self)))
            return
        }
        bytes.append(UInt8(ascii: "\""))
        texts.bytes.withUnsafeBufferPointer { bytes.append(contentsOf: UnsafeBufferPointer(rebasing: $0[range])) }
        bytes.append(UInt8(ascii: "\""))
    }
}

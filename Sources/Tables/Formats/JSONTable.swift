internal import OrderedCollections

/// Rows in one JSON text: a list of objects, an object of columns, or an object with one list of objects.
enum JSONTable {
    /// What was understood.
    struct Understood {
        var records: [Record] = []
        /// Where the file holds columns instead.
        var columns: OrderedDictionary<String, Column>?
        var skipped: [String] = []
        /// What was not obvious, a whole sentence.
        var remark: String?

        var rows: DataSet {
            columns.map { DataSet(columns: $0, count: $0.values.first?.count ?? 0) } ?? DataSet(rows: records)
        }
    }

    static func read(_ bytes: [UInt8], badRows: BadRows) throws(FormatError) -> Understood {
        let value: Value
        do {
            value = try JSON.parse(bytes)
        } catch {
            throw FormatError(line: error.line, column: error.column, expected: error.expected, found: error.found)
        }
        switch value {
        case .list(let elements): return try objects(elements, badRows: badRows)
        case .record(let fields): return try read(fields, badRows: badRows)
        default: throw failure(found: value.kindName)
        }
    }

    private static func read(_ fields: Record, badRows: BadRows) throws(FormatError) -> Understood {
        let lists = fields.filter { _, value in
            guard let list = value.list, !list.isEmpty else { return false }
            return list.contains { $0.record != nil }
        }
        if lists.count == 1, let (name, value) = lists.elements.first, let elements = value.list {
            var understood = try objects(elements, badRows: badRows)
            let others = fields.keys.filter { $0 != name }
            understood.remark =
                "The rows are the list `\(name)`"
                + (others.isEmpty ? "." : "; what stands beside it was left out: \(others.joined(separator: ", ")).")
            return understood
        }
        if let counts = Optional(fields.values.map({ $0.list?.count ?? -1 })), let count = counts.first, count >= 0,
            lists.isEmpty
        {
            guard counts.allSatisfy({ $0 == count }) else {
                throw failure(
                    found: "an object whose lists differ in length",
                    hint: "read it as one value: json(read(\"…\")).\(fields.keys.first ?? "name")")
            }
            var understood = Understood(columns: [:])
            for (name, value) in fields { understood.columns?[name] = Column(value.list ?? []) }
            understood.remark = "Each field of the one object is a column."
            return understood
        }
        throw failure(
            found: lists.count > 1
                ? "an object with several lists: \(lists.keys.joined(separator: ", "))" : "one object without rows",
            hint: "read it as one value: json(read(\"…\"))")
    }

    private static func objects(_ elements: [Value], badRows: BadRows) throws(FormatError) -> Understood {
        var understood = Understood()
        understood.records.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            if let record = element.record {
                understood.records.append(record)
                continue
            }
            let found = "\(element.kindName) as element \(index + 1)"
            if badRows == .fail { throw failure(found: found) }
            understood.skipped.append("element \(index + 1): expected an object, found \(element.kindName)")
        }
        return understood
    }

    private static func failure(found: String, hint: String = "read it as one value: json(read(\"…\"))") -> FormatError
    {
        FormatError(line: 1, column: 1, expected: "a list of objects", found: found, hint: hint)
    }

    /// The beginning of a JSON text made whole: cut after its last complete object in the outermost list, and closed.
    /// - Returns: nil where no element is complete.
    static func closed(prefix bytes: [UInt8]) -> [UInt8]? {
        var open: [UInt8] = []
        var isText = false
        var isEscaped = false
        var cut: (end: Int, open: [UInt8])?
        for (index, byte) in bytes.enumerated() {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): open.append(byte)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard !open.isEmpty else { return nil }
                open.removeLast()
                if open.last == UInt8(ascii: "["), open.count <= cut?.open.count ?? .max { cut = (index + 1, open) }
            default: break
            }
        }
        guard let cut else { return nil }
        let closing = cut.open.reversed().map { $0 == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]") }
        return bytes[..<cut.end] + closing
    }
}

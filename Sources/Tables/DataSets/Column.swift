/// One column of a data set: a value per row, null where a row has none.
///
/// Values of one kind lie packed, so that a million numbers take eight megabytes; nobody who asks for a row's value
/// notices.
public struct Column: Sendable {
    package let storage: ColumnStorage

    public init(_ values: [Value] = []) {
        let builder = ColumnBuilder()
        for value in values { builder.append(value) }
        storage = builder.finish().storage
    }

    /// A column of nulls.
    public init(nulls count: Int) { storage = .nulls(count) }

    package init(_ storage: ColumnStorage) { self.storage = storage }

    /// A column that has the same value in each row.
    public init(_ value: Value, count: Int) {
        switch value {
        case .null: storage = .nulls(count)
        case .bool(let flag): storage = .bools(Array(repeating: flag, count: count), .none)
        case .number(.integer(let number)): storage = .integers(Array(repeating: number, count: count), .none)
        case .number(.double(let number)):
            storage = .doubles(Array(repeating: number, count: count), isWhole: nil, .none)
        default: storage = .values(Array(repeating: value, count: count))
        }
    }

    /// How many rows there are.
    public var count: Int { storage.count }

    /// All values, in the order of the rows.
    public var values: [Value] {
        if case .values(let values) = storage { return values }
        return (0..<count).map { storage[$0] }
    }

    /// The value of a row, counted from 0.
    public subscript(row: Int) -> Value { storage[row] }

    /// The column with only these rows, in this order.
    public func selecting(_ rows: some Collection<Int>) -> Column { Column(storage.selecting(rows)) }

    /// Columns one after the other.
    public static func joining(_ columns: [Column]) -> Column {
        if columns.count == 1, let only = columns.first { return only }
        let builder = ColumnBuilder()
        for column in columns { builder.append(contentsOf: column) }
        return builder.finish()
    }

    /// How many values are null, and how many are errors.
    public var gaps: (nulls: Int, errors: Int) {
        switch storage {
        case .nulls(let count): return (count, 0)
        case .bools(_, let gaps), .integers(_, let gaps), .doubles(_, _, let gaps), .texts(_, let gaps):
            return (gaps.count, 0)
        case .values(let values):
            return (values.count(where: \.isNull), values.count { $0.rowError != nil })
        }
    }

    /// What the column holds, in a word: "text", "number", "mixed", "empty".
    public var typeName: String {
        switch storage {
        case .nulls: return "empty"
        case .bools: return count == gaps.nulls ? "empty" : "true/false"
        case .integers: return count == gaps.nulls ? "empty" : "integer"
        case .doubles(_, let isWhole, let gaps):
            guard count > gaps.count else { return "empty" }
            guard let isWhole else { return "number" }
            return isWhole.count(where: { $0 }) == count - gaps.count ? "integer" : "number"
        case .texts: return count == gaps.nulls ? "empty" : "text"
        case .values(let values): return Self.typeName(of: values)
        }
    }

    private static func typeName(of values: [Value]) -> String {
        let numeric: Set<String> = ["integer", "number"]
        var name: String?
        for value in values {
            let kind: String
            switch value {
            case .null, .error: continue
            case .bool: kind = "true/false"
            case .number(.integer): kind = "integer"
            case .number(.double): kind = "number"
            case .string: kind = "text"
            case .list: kind = "list"
            case .record: kind = "record"
            case .opaque: kind = value.kindName
            }
            if name == nil || name == kind {
                name = kind
            } else if numeric.contains(kind), let known = name, numeric.contains(known) {
                name = "number"
            } else {
                return "mixed"
            }
        }
        return name ?? "empty"
    }
}

extension Column: Equatable {
    /// Row by row, as values are equal.
    public static func == (left: Column, right: Column) -> Bool {
        left.count == right.count && (0..<left.count).allSatisfy { left[$0] == right[$0] }
    }
}

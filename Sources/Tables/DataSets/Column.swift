/// One column of a data set: a value per row, null where a row has none.
///
/// All reading and writing goes through this type, so that its storage can become typed without
/// any caller noticing.
public struct Column: Sendable {
    private var storage: [Value]

    public init(_ values: [Value] = []) { storage = values }

    /// A column of nulls.
    public init(nulls count: Int) { storage = Array(repeating: .null, count: count) }

    /// How many rows there are.
    public var count: Int { storage.count }

    /// All values, in the order of the rows.
    public var values: [Value] { storage }

    /// The value of a row, counted from 0.
    public subscript(row: Int) -> Value { storage[row] }

    /// Adds a row's value.
    public mutating func append(_ value: Value) { storage.append(value) }

    /// The column with only these rows, in this order.
    public func selecting(_ rows: some Collection<Int>) -> Column { Column(rows.map { storage[$0] }) }

    /// How many values are null, and how many are errors.
    public var gaps: (nulls: Int, errors: Int) {
        var nulls = 0
        var errors = 0
        for value in storage {
            switch value {
            case .null: nulls += 1
            case .error: errors += 1
            default: break
            }
        }
        return (nulls, errors)
    }

    /// What the column holds, in a word: "text", "number", "mixed", "empty".
    public var typeName: String {
        let numeric: Set<String> = ["integer", "number"]
        var name: String?
        for value in storage {
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

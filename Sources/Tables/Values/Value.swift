public import OrderedCollections

/// Named fields in the order in which they were written.
public typealias Record = OrderedDictionary<String, Value>

/// The one value type that the language, the core and the file share.
///
/// `error` is a value in data: a row's timeout or a text that is no number. It spreads through
/// expressions, is excluded from aggregates and counted. A wrong *program* is a `Diagnostic` instead.
public enum Value: Sendable {
    case null
    case bool(Bool)
    case number(Number)
    case string(String)
    case list([Value])
    case record(Record)
    indirect case error(RowError)
    /// A value of the domain: a data set, a model, a grader, a report.
    indirect case opaque(any DomainValue)
}

extension Value {
    /// A whole number.
    public static func integer(_ value: Int) -> Value { .number(.integer(Int64(value))) }

    /// A number with a fraction.
    public static func double(_ value: Double) -> Value { .number(.double(value)) }

    /// A value of the domain, boxed.
    public static func domain(_ value: some DomainValue) -> Value { .opaque(value) }

    /// True for `null` only.
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// The text, where this is one.
    public var text: String? { if case .string(let text) = self { text } else { nil } }

    /// The truth value, where this is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The number as a double, where this is one.
    public var double: Double? { if case .number(let value) = self { value.double } else { nil } }

    /// The whole number, where this is one that fits.
    public var integer: Int? { if case .number(let value) = self { value.integer } else { nil } }

    /// The elements, where this is a list.
    public var list: [Value]? { if case .list(let elements) = self { elements } else { nil } }

    /// The fields, where this is a record.
    public var record: Record? { if case .record(let fields) = self { fields } else { nil } }

    /// The row's error, where this is one.
    public var rowError: RowError? { if case .error(let error) = self { error } else { nil } }

    /// The rows, where this is a data set.
    public var rows: DataSet? { if case .opaque(let value) = self { value.asRows } else { nil } }

    /// The domain value, where this is one of the given kind.
    public func domain<Kind: DomainValue>(_ kind: Kind.Type) -> Kind? {
        if case .opaque(let value) = self { value as? Kind } else { nil }
    }

    /// A field of a record, or null where there is none.
    public subscript(field name: String) -> Value {
        if case .record(let fields) = self { fields[name] ?? .null } else { .null }
    }

    /// What people call this kind of value: "text", "a whole number", "rows".
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number(.integer): "a whole number"
        case .number(.double): "a number"
        case .string: "text"
        case .list: "a list"
        case .record(let fields):
            if let names = Value.splitNames(fields) {
                "a split of \(names.joined(separator: ", "))"
            } else {
                "a record"
            }
        case .error: "an error in the data"
        case .opaque(let value): value.kindName
        }
    }

    /// The parts' names, where a record is a split: every field holds rows.
    public static func splitNames(_ fields: Record) -> [String]? {
        guard !fields.isEmpty, fields.values.allSatisfy({ $0.rows != nil }) else { return nil }
        return Array(fields.keys)
    }
}

extension Value: Hashable {
    /// Two-valued equality: numbers by value, texts by code points, records without regard to order, null equals null.
    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): TextOrder.areSame(a, b)
        case (.list(let a), .list(let b)): a == b
        case (.record(let a), .record(let b)):
            a.count == b.count && a.allSatisfy { name, value in b[name] == value }
        case (.error(let a), .error(let b)): a == b
        case (.opaque(let a), .opaque(let b)): a.isSame(as: b)
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .number(let value): hasher.combine(value)
        case .string(let value): hasher.combine(value)
        case .list(let elements): hasher.combine(elements)
        case .record(let fields):
            // Order must not matter, so names and values are folded with a commutative operation.
            var folded = 0
            for (name, value) in fields {
                var inner = Hasher()
                inner.combine(name)
                inner.combine(value)
                folded ^= inner.finalize()
            }
            hasher.combine(folded)
        case .error(let error): hasher.combine(error)
        case .opaque(let value): hasher.combine(value.kindName)
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .number(.integer(value)) }
    public init(floatLiteral value: Double) { self = .number(.double(value)) }
    public init(nilLiteral: ()) { self = .null }
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, Value)...) {
        self = .record(Record(elements, uniquingKeysWith: { _, last in last }))
    }
}

/// A failure that belongs to one row of data.
public struct RowError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, in words for people.
    public let message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}

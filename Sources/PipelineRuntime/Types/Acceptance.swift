internal import OrderedCollections
public import Tables

/// What a parameter takes: one rule for literals before running and for values while running.
public struct Acceptance: Sendable {
    /// For messages, after "Expected": "rows", "a whole number from 1 to 50".
    public let expectation: String
    let admitsType: @Sendable (StaticType) -> Bool
    let admitsValue: @Sendable (Value) -> Bool
    /// Whether a value is of the right kind though perhaps out of bounds.
    let admitsKind: @Sendable (Value) -> Bool
    /// The words that may be chosen from, where only some may.
    public private(set) var words: [String] = []
    /// Whether a list of records stands for rows here.
    private var makesRows = false

    init(
        _ expectation: String, type: @escaping @Sendable (StaticType) -> Bool,
        value: @escaping @Sendable (Value) -> Bool, kind: (@Sendable (Value) -> Bool)? = nil
    ) {
        self.expectation = expectation
        admitsType = type
        admitsValue = value
        admitsKind = kind ?? value
    }

    /// Anything.
    public static let anything = Acceptance("a value", type: { _ in true }, value: { _ in true })

    /// Rows, or a list of records, which is taken as rows.
    public static let rows: Acceptance = {
        var acceptance = Acceptance(
            "rows",
            type: {
                switch $0 {
                case .rows, .any, .list(.record), .list(.any): true
                default: false
                }
            }, value: { $0.rows != nil || records(of: $0) != nil })
        acceptance.makesRows = true
        return acceptance
    }()

    private static func records(of value: Value) -> [Record]? {
        guard let elements = value.list else { return nil }
        let records = elements.compactMap(\.record)
        return records.count == elements.count ? records : nil
    }

    /// The value as the parameter wants it: a list of records becomes rows where rows are wanted.
    func adapted(_ value: Value) -> Value {
        guard makesRows, let records = Self.records(of: value) else { return value }
        return .domain(DataSet(rows: records))
    }

    /// The type of the value as the parameter wants it.
    func adapted(_ type: StaticType) -> StaticType {
        switch type {
        case .list(.record(let columns)) where makesRows: .rows(columns)
        case .list(.any) where makesRows: .rows(nil)
        default: type
        }
    }

    public static let list = Acceptance(
        "a list", type: { if case .list = $0 { true } else { $0 == .any } }, value: { $0.list != nil })

    public static let rowsOrList = Acceptance(
        "rows or a list",
        type: {
            switch $0 {
            case .rows, .list, .any: true
            default: false
            }
        }, value: { $0.rows != nil || $0.list != nil })

    public static let text = Acceptance("text", type: { $0 == .text || $0 == .any }, value: { $0.text != nil })

    public static let bool = Acceptance(
        "true or false", type: { $0 == .bool || $0 == .any }, value: { $0.bool != nil })

    public static let record = Acceptance(
        "a record such as {name: value}", type: { if case .record = $0 { true } else { $0 == .any } },
        value: { $0.record != nil })

    /// A whole number within bounds.
    public static func whole(_ range: ClosedRange<Int>) -> Acceptance {
        let bounds =
            range.upperBound == Int.max
            ? (range.lowerBound == Int.min ? "" : " from \(range.lowerBound)")
            : " from \(range.lowerBound) to \(range.upperBound)"
        return Acceptance(
            "a whole number\(bounds)", type: { $0 == .number || $0 == .any },
            value: { $0.integer.map(range.contains) ?? false }, kind: { $0.integer != nil })
    }

    /// A number within bounds.
    public static func number(_ range: ClosedRange<Double>) -> Acceptance {
        let bounds =
            range.upperBound == .infinity
            ? (range.lowerBound == -.infinity ? "" : " from \(Number.double(range.lowerBound))")
            : " from \(short(range.lowerBound)) to \(short(range.upperBound))"
        return Acceptance(
            "a number\(bounds)", type: { $0 == .number || $0 == .any },
            value: { $0.double.map(range.contains) ?? false }, kind: { $0.double != nil })
    }

    private static func short(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? Number.double(number).description
    }

    /// One of some words.
    public static func oneOf(_ words: [String]) -> Acceptance {
        var acceptance = Acceptance(
            words.map { "\"\($0)\"" }.joined(separator: " or "), type: { $0 == .text || $0 == .any },
            value: { $0.text.map(words.contains) ?? false }, kind: { $0.text != nil })
        acceptance.words = words
        return acceptance
    }

    /// A kind of domain value.
    public static func domain<Kind: DomainValue>(_ kind: Kind.Type, _ name: String) -> Acceptance {
        Acceptance(
            name,
            type: {
                switch $0 {
                case .domain(let type): type.tag == Kind.tag
                default: $0 == .any
                }
            }, value: { $0.domain(kind) != nil })
    }

    /// A list whose elements are of a kind of domain value.
    public static func list<Kind: DomainValue>(of kind: Kind.Type, _ name: String) -> Acceptance {
        Acceptance(
            name,
            type: {
                switch $0 {
                case .list(.any), .any: true
                case .list(.domain(let type)): type.tag == Kind.tag
                default: false
                }
            },
            value: { value in
                guard let elements = value.list, !elements.isEmpty else { return false }
                return elements.allSatisfy { $0.domain(kind) != nil }
            })
    }

    /// Either of two.
    /// - Parameter name: what messages call both; each by its own name unless given.
    public func or(_ other: Acceptance, as name: String? = nil) -> Acceptance {
        var either = Acceptance(
            name ?? "\(expectation) or \(other.expectation)", type: { admitsType($0) || other.admitsType($0) },
            value: { admitsValue($0) || other.admitsValue($0) }, kind: { admitsKind($0) || other.admitsKind($0) })
        either.makesRows = makesRows || other.makesRows
        either.words = words + other.words
        return either
    }
}

public import OrderedCollections
public import PipelineSyntax

/// Columns of a data set with what they hold, where that is known.
public typealias Columns = OrderedDictionary<String, StaticType>

/// What is known about a value before anything runs. `any` fits everything.
public indirect enum StaticType: Sendable, Hashable {
    case any
    case null
    case bool
    case number
    case text
    case list(StaticType)
    /// A record; its fields where they are known.
    case record(Columns?)
    /// Rows; their columns where they are known.
    case rows(Columns?)
    /// A value of the domain.
    case domain(DomainType)
    /// An `fn`.
    case function(FunctionType)

    /// What is known of a kind of domain value.
    public struct DomainType: Sendable, Hashable {
        /// The tag of the kind, as in saved state.
        public let tag: String
        /// For people: "a model".
        public let kindName: String
        public let members: Columns
        /// The columns that it reads of rows which it meets later: what a grader's rule is about.
        public let reads: [ColumnReference]
        /// The columns that it adds to such rows beside the one of its own name, by what follows that name and `_`.
        public let adds: Columns
        /// Whether it never reads what steps add to such rows, a model's answer above all.
        public let isBlind: Bool

        public init(
            tag: String, kindName: String, members: Columns = [:], reads: [ColumnReference] = [], adds: Columns = [:],
            isBlind: Bool = false
        ) {
            self.tag = tag
            self.kindName = kindName
            self.members = members
            self.reads = reads
            self.adds = adds
            self.isBlind = isBlind
        }
    }

    /// A column by name, with the place of the code that reads it.
    public struct ColumnReference: Sendable, Hashable {
        public let name: String
        /// How it is written: `.intent`, `{{item.intent}}`.
        public let code: String
        public let place: Diagnostic.Place

        public init(name: String, code: String, place: Diagnostic.Place) {
            self.name = name
            self.code = code
            self.place = place
        }
    }

    /// What is known of an `fn`.
    public struct FunctionType: Sendable, Hashable {
        public let parameters: [String]
        /// The parameters that must be given.
        public let required: Int
        /// What it gives where nothing is known of its arguments.
        public let result: StaticType
        /// Its definition, where that is at hand: calls are checked with what is known of their arguments.
        let body: Body?

        init(parameters: [String], required: Int, result: StaticType, body: Body? = nil) {
            self.parameters = parameters
            self.required = required
            self.result = result
            self.body = body
        }

        /// An `fn`'s definition with what is known of the names in it.
        struct Body: Sendable, Hashable {
            let definition: FunctionDefinition
            let source: SourceText
            let names: [String: StaticType]
            /// Mistakes that were told where it is defined.
            let told: Set<Told>
        }

        /// A mistake by what and where.
        struct Told: Sendable, Hashable {
            let code: DiagnosticCode
            let span: Span?

            init(_ diagnostic: Diagnostic) {
                code = diagnostic.code
                span = diagnostic.place?.span
            }
        }
    }

    /// What is known of a value that is of one type or the other; null says nothing.
    static func joined(_ first: StaticType, _ second: StaticType) -> StaticType {
        if first == second || second == .null { return first }
        switch (first, second) {
        case (.null, _): return second
        case (.list(let a), .list(let b)): return .list(joined(a, b))
        case (.record(let a?), .record(let b?)): return .record(a.merging(b) { joined($0, $1) })
        case (.record, .record): return .record(nil)
        case (.domain(let a), .domain(let b)) where a.tag == b.tag: return first
        default: return .any
        }
    }

    /// The parts' names where this is a split: a record of rows.
    public var splitNames: [String]? {
        guard case .record(let fields?) = self, !fields.isEmpty else { return nil }
        for field in fields.values { guard case .rows = field else { return nil } }
        return Array(fields.keys)
    }

    /// What people call it.
    public var kindName: String {
        if let names = splitNames { return "a split of \(names.joined(separator: ", "))" }
        return switch self {
        case .any: "a value"
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .text: "text"
        case .list: "a list"
        case .record: "a record"
        case .rows: "rows"
        case .domain(let domain): domain.kindName
        case .function: "an fn"
        }
    }

    /// What it is with what is known inside: "rows: .intent text, .n a number".
    public var description: String {
        func list(_ fields: Columns, _ dot: String) -> String {
            fields.map { "\(dot)\($0.key) \($0.value.kindName)" }.joined(separator: ", ")
        }
        return switch self {
        case .rows(let columns?): columns.isEmpty ? "rows without columns" : "rows: \(list(columns, "."))"
        case .record(let fields?) where splitNames == nil: "a record: \(list(fields, ""))"
        case .list(let element) where element != .any: "a list of: \(element.description)"
        case .function(let function):
            "an fn of \(function.parameters.joined(separator: ", ")): \(function.result.description)"
        case .domain(let domain) where !domain.members.isEmpty:
            "\(domain.kindName) with \(domain.members.keys.map { "." + $0 }.joined(separator: ", "))"
        default: kindName
        }
    }

    /// What a row expression sees for each element, where this is rows or a list.
    public var element: StaticType {
        switch self {
        case .rows(let columns): .record(columns)
        case .list(let element): element
        default: .any
        }
    }

    /// The columns, where this is rows and they are known.
    public var columns: Columns? { if case .rows(let columns) = self { columns } else { nil } }
}

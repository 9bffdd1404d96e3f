/// An expression with its place.
public struct Expression: Sendable, Hashable {
    public indirect enum Kind: Sendable, Hashable {
        case null
        case bool(Bool)
        case integer(Int64)
        case double(Double)
        case text([TextPart])
        /// `.name`: a column of the row at hand.
        case field(String)
        /// `.`: the row or list element at hand.
        case row
        /// `___`
        case hole
        case name(String)
        /// A verb, function or `fn` with its arguments.
        case call(Call)
        /// `head | stage | stage`; each stage's call takes the value to its left as first argument.
        case pipeline(Expression, [Call])
        case list([Expression])
        case record([RecordEntry])
        case negate(Expression)
        case not(Expression)
        case binary(BinaryOperator, Expression, Expression)
        /// `a in b`, `a not in b`.
        case membership(Expression, Expression, isNegated: Bool)
        /// `a is null`, `a is not error`.
        case kindTest(Expression, kind: String, isNegated: Bool)
        /// `if a then b else c`
        case condition(Expression, Expression, Expression)
        case member(Expression, String, Span)
        case index(Expression, Expression)
        /// In the REPL, the last value: what a leading `|` takes.
        case lastValue
    }

    public let kind: Kind
    public let span: Span

    public init(_ kind: Kind, _ span: Span) {
        self.kind = kind
        self.span = span
    }
}

/// A piece of text: literal, or `${…}`.
public enum TextPart: Sendable, Hashable {
    case literal(String, Span)
    case interpolation(Expression)
}

/// A use of a verb, function or `fn`.
public struct Call: Sendable, Hashable {
    public let name: String
    public let nameSpan: Span
    public let arguments: [Argument]
    /// From the name to the last argument.
    public let span: Span
    /// Whether the arguments stand in parentheses.
    public let hasParentheses: Bool
}

/// An argument, positional or named.
public struct Argument: Sendable, Hashable {
    public let label: Label?
    public let value: Expression

    public struct Label: Sendable, Hashable {
        public let name: String
        public let span: Span
    }
}

/// A field of a record literal.
public struct RecordEntry: Sendable, Hashable {
    public let name: String
    public let nameSpan: Span
    public let value: Expression
}

/// An operator between two values.
public enum BinaryOperator: String, Sendable, Hashable {
    case or, and
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case coalesce = "??"
    case range = ".."
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
}

/// A word or sign of the language with its place.
public struct Token: Sendable, Hashable {
    public let kind: Kind
    public let span: Span

    public enum Kind: Sendable, Hashable {
        case name(String)
        /// `name:`, one token.
        case label(String)
        case integer(Int64)
        case double(Double)
        /// `'…'`
        case raw(String)
        case textStart
        /// A piece of text between quotes and interpolations, escapes resolved.
        case text(String)
        /// `${`
        case interpolationStart
        case interpolationEnd
        case textEnd
        /// `.name` or `."text"`: a column of the row at hand.
        case field(String)
        /// A bare `.`
        case row
        /// `.name` right after a value.
        case member(String)
        /// `___`
        case hole
        /// `(` right after a name.
        case callOpen
        /// `[` right after a value.
        case indexOpen
        case open(Bracket)
        case close(Bracket)
        case keyword(Keyword)
        case sign(Sign)
        /// A new line that is not continued, or `;`.
        case separator
        case end
    }

    public enum Bracket: String, Sendable, Hashable {
        case parenthesis, square, brace

        /// The sign that opens it.
        public var opening: String {
            switch self {
            case .parenthesis: "("
            case .square: "["
            case .brace: "{"
            }
        }

        /// The sign that closes it.
        public var closing: String {
            switch self {
            case .parenthesis: ")"
            case .square: "]"
            case .brace: "}"
            }
        }
    }

    public enum Keyword: String, Sendable, Hashable, CaseIterable {
        case `let`, param, fn, `if`, then, `else`, and, or, not, `in`, `is`, null, `true`, `false`
        // Words that other languages have; they exist only to be explained.
        case `for`, `while`, def, `import`, `return`

        /// Whether the word exists only for its diagnostic.
        public var isReserved: Bool {
            switch self {
            case .for, .while, .def, .import, .return: true
            default: false
            }
        }
    }

    public enum Sign: String, Sendable, Hashable, CaseIterable {
        case pipe = "|"
        case comma = ","
        case colon = ":"
        case assign = "="
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case coalesce = "??"
        case range = ".."
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divide = "/"
        case remainder = "%"
    }
}

extension Token.Kind {
    /// Whether a value may begin here (grammar: *a token that starts a primary*).
    var startsPrimary: Bool {
        switch self {
        case .name, .integer, .double, .raw, .textStart, .field, .row, .hole, .open: true
        case .keyword(let word): word == .null || word == .true || word == .false
        default: false
        }
    }

    /// How messages mention the token.
    var mention: String {
        switch self {
        case .name(let name): "`\(name)`"
        case .label(let name): "`\(name):`"
        case .integer(let value): "`\(value)`"
        case .double(let value): "`\(value)`"
        case .raw, .textStart, .text, .textEnd: "text"
        case .interpolationStart: "`${`"
        case .interpolationEnd: "`}`"
        case .field(let name), .member(let name): "`.\(name)`"
        case .row: "`.`"
        case .hole: "`___`"
        case .callOpen: "`(`"
        case .indexOpen: "`[`"
        case .open(let bracket): "`\(bracket.opening)`"
        case .close(let bracket): "`\(bracket.closing)`"
        case .keyword(let word): "`\(word.rawValue)`"
        case .sign(let sign): "`\(sign.rawValue)`"
        case .separator: "the end of the line"
        case .end: "the end"
        }
    }
}

/// Tokens to statements: what the parser's two halves share.
struct Parser {
    private let tokens: [Token]
    private let end: Int
    private var at = 0
    /// Blocks that are open, from outside to inside.
    var blocks = 0
    /// Loops that are open: `break` and `continue` need one.
    var loops = 0
    /// Expressions whose parsing has begun.
    var nesting = 0

    /// Expressions within each other, and blocks within each other.
    static let deepestExpression = 120
    static let deepestBlock = 40

    init(tokens: [Token], end: Int) {
        self.tokens = tokens
        self.end = end
    }

    var current: Token { at < tokens.count ? tokens[at] : Token(kind: .end, offset: end) }

    var next: Token { at + 1 < tokens.count ? tokens[at + 1] : Token(kind: .end, offset: end) }

    mutating func advance() { at += 1 }

    func failure(_ message: String, at offset: Int? = nil, kind: JinjaError.Kind = .syntax) -> PlacedFailure {
        PlacedFailure(failure: Failure(message, kind: kind), offset: offset ?? current.offset)
    }

    func isSign(_ sign: String) -> Bool { current.kind == .sign(sign) }

    func isName(_ name: String) -> Bool { current.kind == .name(name) }

    /// Takes a sign if it stands here.
    mutating func take(_ sign: String) -> Bool {
        guard isSign(sign) else { return false }
        advance()
        return true
    }

    /// Takes a word if it stands here.
    mutating func takeName(_ name: String) -> Bool {
        guard isName(name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ sign: String) throws(PlacedFailure) {
        guard take(sign) else { throw failure("expected `\(sign)`, found \(current.name)") }
    }

    mutating func expectName(_ what: String) throws(PlacedFailure) -> String {
        guard case .name(let name) = current.kind else { throw failure("expected \(what), found \(current.name)") }
        advance()
        return name
    }

    mutating func expectBlockEnd() throws(PlacedFailure) {
        guard current.kind == .blockEnd else { throw failure("expected `%}`, found \(current.name)") }
        advance()
    }

    /// A node one deeper than its parts.
    func node(_ kind: Expression, _ parts: [Node] = [], at offset: Int) throws(PlacedFailure) -> Node {
        let depth = 1 + (parts.lazy.map(\.depth).max() ?? 0)
        guard depth <= Self.deepestExpression else {
            throw failure(
                "this expression is nested more than \(Self.deepestExpression) deep", at: offset, kind: .limit)
        }
        return Node(kind: kind, offset: offset, depth: depth)
    }
}

/// Reads a program by recursive descent, one token ahead, as the grammar in docs/language.md has it.
///
/// `parseX` reads an X or throws; after a mistake the parser goes on with the next statement, so one
/// pass reports several.
public struct Parser {
    let source: SourceText
    let tokens: [Token]
    let words: Words
    var index = 0
    var depth = 0
    /// Operators and members in the current statement.
    var links = 0
    var diagnostics: [Diagnostic] = []

    /// What the parser knows about the language's verbs, for its messages only; no verb is needed to parse.
    public struct Words: Sendable {
        /// Verbs and functions, for did-you-mean and "before the verb".
        public var verbs: Set<String>
        /// Whether a leading `|` takes the last value, as in the REPL.
        public var allowsLeadingPipe: Bool

        public init(verbs: Set<String> = [], allowsLeadingPipe: Bool = false) {
            self.verbs = verbs
            self.allowsLeadingPipe = allowsLeadingPipe
        }
    }

    /// What the parser made of a text.
    public struct Result: Sendable {
        /// The statements that could be read.
        public let program: Program
        /// Mistakes, in the order of the text; empty for a right program.
        public let diagnostics: [Diagnostic]
        /// Whether more lines may complete the text: open brackets, an open `"""`, or an end after `|` and the like.
        public let isIncomplete: Bool
    }

    /// Nesting beyond this is refused, so that no input can exhaust the stack.
    static let maximumDepth = 128

    /// More operators in a statement are refused, for the same reason.
    static let maximumLinks = 500

    /// Thrown to leave a statement; the mistake is already in `diagnostics`.
    struct Abandon: Error {}

    /// Reads a text.
    public static func parse(_ source: SourceText, words: Words = Words()) -> Result {
        let lexed = Lexer.tokens(of: source)
        var parser = Parser(source: source, tokens: lexed.tokens, words: words)
        let (statements, reachedEnd) = parser.parseStatements()
        // A mistake of the lexer often makes one of the parser at the same place or after; the first tells more.
        var mistakes = lexed.diagnostics
        let firstLexed = lexed.diagnostics.compactMap { $0.place?.span.start }.min() ?? Int.max
        for mistake in parser.diagnostics where (mistake.place?.span.start ?? 0) < firstLexed {
            mistakes.append(mistake)
        }
        mistakes.sort { ($0.place?.span.start ?? 0) < ($1.place?.span.start ?? 0) }
        return Result(
            program: Program(source: source, statements: statements), diagnostics: mistakes,
            isIncomplete: !mistakes.isEmpty && (lexed.endsInside || (reachedEnd && lexed.diagnostics.isEmpty)))
    }

    private init(source: SourceText, tokens: [Token], words: Words) {
        self.source = source
        self.tokens = tokens
        self.words = words
    }

    // MARK: Statements

    /// The statements, and whether a mistake lay at the end of the text.
    private mutating func parseStatements() -> ([Statement], Bool) {
        var statements: [Statement] = []
        var mistakeAtEnd = false
        while true {
            while current == .separator { advance() }
            if current == .end { break }
            do {
                statements.append(try parseStatement())
                if current != .separator, current != .end { try unexpectedAfterStatement() }
            } catch {
                mistakeAtEnd = current == .end && (diagnostics.last?.place?.span.start ?? 0) >= lastTokenEnd
                skipStatement()
            }
        }
        return (statements, mistakeAtEnd)
    }

    /// Where the last token before the end ends.
    private var lastTokenEnd: Int { tokens.count > 1 ? tokens[tokens.count - 2].span.end : 0 }

    private mutating func skipStatement() {
        var open = 0
        while current != .end {
            switch current {
            case .separator where open <= 0: return
            case .open, .callOpen, .indexOpen, .interpolationStart: open += 1
            case .close, .interpolationEnd: open -= 1
            default: break
            }
            advance()
        }
    }

    private mutating func parseStatement() throws -> Statement {
        let start = span
        links = 0
        switch current {
        case .keyword(.let), .keyword(.param): return .binding(try parseBinding(from: start))
        case .keyword(.fn): return .function(try parseFunction(from: start))
        case .keyword(let word) where word.isReserved: throw reserved(word)
        case .sign(.pipe) where words.allowsLeadingPipe:
            let head = Expression(.lastValue, Span(start.start..<start.start))
            return .expression(try parseStages(after: head))
        default: return .expression(try parsePipeline())
        }
    }

    private mutating func parseBinding(from start: Span) throws -> Binding {
        let isParameter = current == .keyword(.param)
        advance()
        let (name, nameSpan) = try expectName("a name after `\(isParameter ? "param" : "let")`")
        try expectAssign(after: name)
        let value = try parsePipeline()
        return Binding(
            name: name, nameSpan: nameSpan, value: value, isParameter: isParameter, span: start.joined(with: value.span)
        )
    }

    private mutating func parseFunction(from start: Span) throws -> FunctionDefinition {
        advance()
        let (name, nameSpan) = try expectName("a name after `fn`")
        guard current == .callOpen else {
            throw fail(
                .unexpectedToken, "Expected `(` right after `\(name)`, found \(mention).", hint: "fn \(name)(x) = …")
        }
        advance()
        var parameters: [FunctionParameter] = []
        while current != .close(.parenthesis) {
            let place = span
            switch current {
            case .name(let parameter):
                advance()
                parameters.append(FunctionParameter(name: parameter, span: place, defaultValue: nil))
            case .label(let parameter):
                advance()
                let value = try parseExpression()
                parameters.append(FunctionParameter(name: parameter, span: place, defaultValue: value))
            default:
                throw fail(
                    .unexpectedToken, "Expected a parameter's name, found \(mention).", hint: "fn \(name)(x, n: 5) = …")
            }
            guard current == .sign(.comma) else { break }
            advance()
        }
        guard current == .close(.parenthesis) else {
            throw fail(.unexpectedToken, "Expected `,` or `)` after the parameter, found \(mention).")
        }
        advance()
        try expectAssign(after: "fn \(name)(…)")
        let body = try parsePipeline()
        return FunctionDefinition(
            name: name, nameSpan: nameSpan, parameters: parameters, body: body, span: start.joined(with: body.span))
    }

    private mutating func expectName(_ expected: String) throws -> (String, Span) {
        let place = span
        if case .name(let name) = current {
            advance()
            return (name, place)
        }
        if case .label(let name) = current {
            throw fail(.unexpectedToken, "Expected \(expected) and then `=`, found \(mention).", hint: "\(name) = …")
        }
        throw fail(.unexpectedToken, "Expected \(expected), found \(mention).")
    }

    private mutating func expectAssign(after name: String) throws {
        guard current == .sign(.assign) else {
            throw fail(.unexpectedToken, "Expected `=` after `\(name)`, found \(mention).")
        }
        advance()
    }

    // MARK: Pipelines

    mutating func parsePipeline() throws -> Expression {
        try descend()
        defer { depth -= 1 }
        let head = startsCommand ? try parseCommand() : try parseExpression()
        return try parseStages(after: head)
    }

    private mutating func parseStages(after head: Expression) throws -> Expression {
        var stages: [Call] = []
        while current == .sign(.pipe) {
            advance()
            stages.append(try parseStage())
        }
        guard let last = stages.last else { return head }
        return Expression(.pipeline(head, stages), head.span.joined(with: last.span))
    }

    /// Whether a name here heads a command: what follows it decides (grammar, note on *pipeline*).
    private var startsCommand: Bool {
        guard case .name = current else { return false }
        switch peek {
        case .label, .keyword(.if): return true
        case let next: return next.startsPrimary
        }
    }

    private mutating func parseCommand() throws -> Expression {
        let place = span
        guard case .name(let name) = current else { throw fail(.unexpectedToken, "Expected a verb, found \(mention).") }
        if !words.verbs.isEmpty, !words.verbs.contains(name), case .name(let next) = peek, words.verbs.contains(next) {
            // `questions generate student`: the name is a value, and what follows is the verb.
            advance()
            throw missingPipe(before: next, from: place)
        }
        advance()
        let arguments = try parseArguments()
        let end = arguments.last?.value.span ?? place
        return Expression(
            .call(
                Call(
                    name: name, nameSpan: place, arguments: arguments, span: place.joined(with: end),
                    hasParentheses: false)),
            place.joined(with: end))
    }

    private mutating func parseStage() throws -> Call {
        let place = span
        let name: String
        switch current {
        case .name(let word): name = word
        case .hole: name = "___"
        default: throw stageExpected()
        }
        advance()
        if current == .callOpen {
            let (arguments, end) = try parseActuals()
            return Call(
                name: name, nameSpan: place, arguments: arguments, span: place.joined(with: end), hasParentheses: true)
        }
        let startsArgument: Bool
        switch current {
        case .label, .keyword(.if), .keyword(.not), .sign(.minus): startsArgument = true
        default: startsArgument = current.startsPrimary
        }
        let arguments = startsArgument ? try parseArguments() : []
        let end = arguments.last?.value.span ?? place
        return Call(
            name: name, nameSpan: place, arguments: arguments, span: place.joined(with: end), hasParentheses: false)
    }

    /// The arguments of a call without parentheses: at least one.
    private mutating func parseArguments() throws -> [Argument] {
        var arguments = [try parseArgument()]
        while current == .sign(.comma) {
            advance()
            arguments.append(try parseArgument())
        }
        return arguments
    }

    /// The arguments of a call in parentheses, with the place of the closing one.
    mutating func parseActuals() throws -> ([Argument], Span) {
        let opening = span
        advance()
        var arguments: [Argument] = []
        while current != .close(.parenthesis) {
            arguments.append(try parseArgument())
            guard current == .sign(.comma) else { break }
            advance()
        }
        let end = span
        try expectClose(.parenthesis, openedAt: opening)
        return (arguments, end)
    }

    private mutating func parseArgument() throws -> Argument {
        if case .label(let name) = current {
            let label = Argument.Label(name: name, span: span)
            advance()
            return Argument(label: label, value: try parseExpression())
        }
        return Argument(label: nil, value: try parseExpression())
    }

    // MARK: Tokens

    var current: Token.Kind { tokens[index].kind }

    var peek: Token.Kind { index + 1 < tokens.count ? tokens[index + 1].kind : .end }

    var span: Span { tokens[index].span }

    var mention: String { current.mention }

    mutating func advance() {
        if index + 1 < tokens.count { index += 1 }
    }

    mutating func descend() throws {
        depth += 1
        if depth > Self.maximumDepth {
            throw fail(
                .nestedTooDeeply, "Expected at most \(Self.maximumDepth) levels of nesting.",
                hint: "bind an inner part to a name with `let`")
        }
    }

    /// Counts an operator or member: each makes the tree one level deeper on its left side.
    mutating func link() throws {
        links += 1
        if links > Self.maximumLinks {
            throw fail(
                .nestedTooDeeply, "Expected at most \(Self.maximumLinks) operators in one statement.",
                hint: "bind a part to a name with `let`, or use a list: sum([…])")
        }
    }

    mutating func expectClose(_ bracket: Token.Bracket, openedAt opening: Span) throws {
        guard current == .close(bracket) else { throw unexpectedInside(bracket, openedAt: opening) }
        advance()
    }
}

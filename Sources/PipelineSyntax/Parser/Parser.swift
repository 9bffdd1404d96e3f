/// Reads a program by recursive descent, one token ahead, as the grammar in docs/language.md has it.
///
/// `parseX` reads an X or throws. After a mistake the parser goes on with the next element, stage or statement
/// (`Parser+Recovery`), so that one pass reports several; a statement with a mistake is not in the program.
public struct Parser {
    let source: SourceText
    let tokens: [Token]
    let damage: LexerDamage
    let words: Words
    var index = 0
    var depth = 0
    /// Operators and members in the current statement.
    var links = 0
    var diagnostics: [Diagnostic] = []
    /// How many mistakes there were, with those that the lexer had told.
    var attempts = 0
    /// Whether the current statement holds a mistake.
    var isBroken = false
    /// Where the part begins that is being read: what cannot be read in it has been reported.
    var partStart = 0
    /// The column of a statement whose indented lines below belong to it, as in other languages.
    var blockColumn: Int?

    /// What the parser knows about the language's verbs, for its messages only; no verb is needed to parse.
    public struct Words: Sendable {
        /// Verbs and functions, for did-you-mean and "before the verb".
        public var verbs: Set<String>
        /// The named arguments of each verb; the builtin table knows them.
        public var labels: [String: Set<String>]
        /// Verbs whose other named arguments are new columns.
        public var naming: Set<String>
        /// Whether a leading `|` takes the last value, as in the REPL.
        public var allowsLeadingPipe: Bool

        public init(
            verbs: Set<String> = [], labels: [String: Set<String>] = [:], naming: Set<String> = [],
            allowsLeadingPipe: Bool = false
        ) {
            self.verbs = verbs
            self.labels = labels
            self.naming = naming
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

    /// After so many mistakes the rest is not read: nobody reads more, and each takes time to tell.
    static let maximumMistakes = 100

    /// Thrown to leave what is being read; the mistake is already in `diagnostics`.
    struct Abandon: Error {
        /// Whether the whole statement is left.
        var isFinal = false
    }

    /// Reads a text.
    public static func parse(_ source: SourceText, words: Words = Words()) -> Result {
        let lexed = Lexer.tokens(of: source)
        var parser = Parser(source: source, lexed: lexed, words: words)
        let (statements, reachedEnd) = parser.parseStatements()
        var mistakes: [Diagnostic] = []
        var places: Set<Span> = []
        let all = (lexed.diagnostics.prefix(maximumMistakes) + parser.diagnostics).enumerated().sorted {
            ($0.element.place?.span.start ?? 0, $0.offset) < ($1.element.place?.span.start ?? 0, $1.offset)
        }
        for (_, mistake) in all where mistakes.count < maximumMistakes {
            // Of two at one place the first tells more.
            if let span = mistake.place?.span, places.insert(span).inserted { mistakes.append(mistake) }
        }
        return Result(
            program: Program(source: source, statements: statements), diagnostics: mistakes,
            isIncomplete: !mistakes.isEmpty && (lexed.endsInside || (reachedEnd && lexed.diagnostics.isEmpty)))
    }

    private init(source: SourceText, lexed: Lexer.Result, words: Words) {
        self.source = source
        tokens = lexed.tokens
        damage = lexed.damage
        self.words = words
    }

    // MARK: Tokens

    var current: Token.Kind { tokens[index].kind }

    var peek: Token.Kind { index + 1 < tokens.count ? tokens[index + 1].kind : .end }

    var span: Span { tokens[index].span }

    var mention: String { current.mention }

    /// Whether the current token stands right behind the one before, without a blank.
    var isAttached: Bool { index > 0 && tokens[index - 1].span.end == span.start }

    /// The token before the current one.
    var previous: Token.Kind? { index > 0 ? tokens[index - 1].kind : nil }

    mutating func advance() {
        if index + 1 < tokens.count { index += 1 }
    }

    mutating func descend() throws {
        depth += 1
        if depth > Self.maximumDepth {
            throw leave(
                .nestedTooDeeply, "Expected at most \(Self.maximumDepth) levels of nesting.",
                hint: "bind an inner part to a name with `let`")
        }
    }

    /// Counts an operator or member: each makes the tree one level deeper on its left side.
    mutating func link() throws {
        links += 1
        if links > Self.maximumLinks {
            throw leave(
                .nestedTooDeeply, "Expected at most \(Self.maximumLinks) operators in one statement.",
                hint: "bind a part to a name with `let`, or use a list: sum([…])")
        }
    }

    /// Notes a mistake and leaves the statement: what follows in it cannot be judged.
    private mutating func leave(_ code: DiagnosticCode, _ message: String, hint: String) -> Abandon {
        _ = fail(code, message, hint: hint)
        return Abandon(isFinal: true)
    }

    mutating func expectClose(_ bracket: Token.Bracket, openedAt opening: Span) throws {
        guard current == .close(bracket) else { throw unexpectedInside(bracket, openedAt: opening) }
        advance()
    }
}

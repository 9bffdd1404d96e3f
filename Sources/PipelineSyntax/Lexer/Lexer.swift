/// Cuts a source text into tokens. Never fails: mistakes become diagnostics and the rest is still cut.
public struct Lexer {
    let source: SourceText
    let bytes: [UInt8]
    var at = 0
    var tokens: [Token] = []
    var trivia: [Trivia] = []
    var diagnostics: [Diagnostic] = []
    var brackets: [OpenBracket] = []
    /// How many of the brackets are `${`.
    var openInterpolations = 0
    /// What could not be cut as it was meant.
    var damage = LexerDamage()
    /// What the last look ahead over blank lines and comments found, so that each line is looked at once.
    private var lookedAhead: (end: Int, next: NextLine)?

    /// How the next line with anything on it begins.
    private enum NextLine { case continuation, binding, other }
    /// Whether the text ends inside brackets or a `"""` text, so that more lines may complete it.
    var endsInside = false
    /// Whether a text has swallowed the rest: what closes the brackets before it is unknown.
    var endsInText = false

    struct OpenBracket {
        let kind: Token.Bracket
        let span: Span
        /// Set where the bracket is a `${` of a text.
        let isInterpolation: Bool
    }

    /// What the lexer made of a text.
    public struct Result: Sendable {
        /// The tokens; the last is `.end`.
        public let tokens: [Token]
        /// What stands between the tokens, in the order of the text.
        public let trivia: [Trivia]
        public let diagnostics: [Diagnostic]
        /// Whether the text ends inside brackets or a `"""` text.
        public let endsInside: Bool
        /// Places that the parser should not complain about again.
        let damage: LexerDamage
    }

    init(_ source: SourceText) {
        self.source = source
        bytes = source.utf8
    }

    /// The tokens of a text.
    public static func tokens(of source: SourceText) -> Result {
        var lexer = Lexer(source)
        lexer.run()
        return Result(
            tokens: lexer.tokens, trivia: lexer.trivia, diagnostics: lexer.diagnostics, endsInside: lexer.endsInside,
            damage: lexer.damage)
    }

    private mutating func run() {
        while at < bytes.count { next() }
        if brackets.contains(where: { !$0.isInterpolation }) {
            endsInside = true
            giveUpBrackets()
        }
        emit(.end, from: at)
    }

    /// Reports the outermost bracket that is open, and takes all as closed.
    private mutating func giveUpBrackets() {
        guard let open = brackets.first(where: { !$0.isInterpolation }) else { return }
        if !endsInText {
            report(
                .unclosedBracket, open.span, "Expected `\(open.kind.closing)` for this `\(open.kind.opening)`.",
                hint: "add `\(open.kind.closing)`")
        }
        damage.brackets.formUnion(brackets.map(\.span.start))
        brackets = []
    }

    /// Reads one token, blank or comment at the current place.
    mutating func next() {
        let start = at
        let byte = bytes[at]
        switch byte {
        case 0x20, 0x09, 0x0D: skipBlanks()
        case UInt8(ascii: "#"): skipComment()
        case 0x0A: newline()
        case UInt8(ascii: ";"): semicolon()
        case UInt8(ascii: "\""): text()
        case UInt8(ascii: "'"): raw()
        case UInt8(ascii: "."): dot()
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): open(byte)
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): close(byte)
        case 0x30...0x39: number()
        default:
            if isNameStart(byte) { word() } else { sign() }
        }
    }

    // MARK: Newlines

    private mutating func semicolon() {
        let start = at
        at += 1
        guard let open = brackets.last else { return emit(.separator, from: start) }
        report(
            .unexpectedToken, Span(start..<at),
            "Expected `,` or `\(open.kind.closing)` inside the `\(open.kind.opening)`; `;` ends a statement.",
            hint: open.isInterpolation ? nil : ",")
        emit(.sign(.comma), from: start)
    }

    private mutating func newline() {
        let start = at
        at += 1
        // `let`, `param` and `fn` begin statements and nothing else: a bracket that is still open lacks its partner.
        if !brackets.isEmpty, openInterpolations == 0, nextLine == .binding { giveUpBrackets() }
        guard endsStatement else { return pass(.lineBreak, from: start) }
        emit(.separator, from: start)
    }

    private var endsStatement: Bool {
        mutating get {
            guard brackets.isEmpty, let last = tokens.last?.kind, last != .separator, !previousContinues else {
                return false
            }
            return nextLine != .continuation
        }
    }

    /// A line goes on after `,` `=` `:` `|`, a label or an operator.
    private var previousContinues: Bool {
        switch tokens.last?.kind {
        case .sign, .label: true
        case .keyword(let word): [.and, .or, .not, .in, .then, .else, .if].contains(word)
        default: false
        }
    }

    /// A line is continued by one that starts with `|` `then` `else` `and` `or` `??`, blank lines and comments between.
    private var nextLine: NextLine {
        mutating get {
            if let known = lookedAhead, at <= known.end { return known.next }
            var index = at
            let next = lookAhead(from: &index)
            lookedAhead = (index, next)
            return next
        }
    }

    /// - Parameter index: moved to the first token there.
    private func lookAhead(from index: inout Int) -> NextLine {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0D, 0x0A: index += 1
            case UInt8(ascii: "#"):
                while index < bytes.count, bytes[index] != 0x0A { index += 1 }
            case UInt8(ascii: "|"): return .continuation
            case UInt8(ascii: "?"):
                return index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "?") ? .continuation : .other
            default:
                var end = index
                while end < bytes.count, isNamePart(bytes[end]) { end += 1 }
                // `or:` is a label, not a continuation.
                guard end == bytes.count || bytes[end] != UInt8(ascii: ":") else { return .other }
                switch String(decoding: bytes[index..<end], as: UTF8.self) {
                case "then", "else", "and", "or": return .continuation
                case "let", "param", "fn": return .binding
                default: return .other
                }
            }
        }
        return .other
    }

    private mutating func skipComment() {
        let start = at
        while at < bytes.count, bytes[at] != 0x0A { at += 1 }
        pass(.comment, from: start)
    }

    private mutating func skipBlanks() {
        let start = at
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 || bytes[at] == 0x0D { at += 1 }
        pass(.blank, from: start)
    }

    // MARK: Brackets

    private mutating func open(_ byte: UInt8) {
        let start = at
        let unspaced = start > 0 && tokens.last?.span.end == start
        at += 1
        let span = Span(start..<at)
        switch byte {
        case UInt8(ascii: "("):
            brackets.append(OpenBracket(kind: .parenthesis, span: span, isInterpolation: false))
            var isCall = false
            switch tokens.last?.kind {
            case .name, .hole: isCall = unspaced
            default: break
            }
            emit(isCall ? .callOpen : .open(.parenthesis), from: start)
        case UInt8(ascii: "["):
            brackets.append(OpenBracket(kind: .square, span: span, isInterpolation: false))
            emit(unspaced && endsValue ? .indexOpen : .open(.square), from: start)
        default:
            brackets.append(OpenBracket(kind: .brace, span: span, isInterpolation: false))
            emit(.open(.brace), from: start)
        }
    }

    private mutating func close(_ byte: UInt8) {
        let start = at
        at += 1
        let kind: Token.Bracket =
            byte == UInt8(ascii: ")") ? .parenthesis : byte == UInt8(ascii: "]") ? .square : .brace
        if let last = brackets.last, !last.isInterpolation {
            if last.kind != kind {
                report(
                    .unclosedBracket, Span(start..<at),
                    "Expected `\(last.kind.closing)`, which closes the `\(last.kind.opening)` at "
                        + "\(hasEnough ? "" : positionText(last.span.start)), found `\(kind.closing)`.")
                damage.brackets.insert(start)
                closeOthers(for: kind)
            } else {
                brackets.removeLast()
            }
        } else if brackets.isEmpty {
            report(
                .unclosedBracket, Span(start..<at), "Expected no `\(kind.closing)` here; nothing is open.",
                hint: "remove it, or open it with `\(kind.opening)`")
            damage.add(unreadable: start)
            return pass(.unreadable, from: start)
        }
        emit(.close(kind), from: start)
    }

    /// Closes for a bracket of a kind that is not the innermost one: where one of that kind is open further out, those
    /// inside it lack their partners, else the innermost one has a wrong partner.
    private mutating func closeOthers(for kind: Token.Bracket) {
        let first = brackets.lastIndex(where: \.isInterpolation).map { $0 + 1 } ?? 0
        if let outer = brackets[first...].lastIndex(where: { $0.kind == kind }) {
            damage.brackets.formUnion(brackets[(outer + 1)...].map(\.span.start))
            brackets.removeSubrange(outer...)
        } else if let last = brackets.popLast() {
            damage.brackets.insert(last.span.start)
        }
    }

    private func positionText(_ offset: Int) -> String {
        let position = source.position(of: offset)
        return "\(position.line):\(position.column)"
    }

    /// Whether the last token ends a value, so that `.name` and `[` right after it belong to it.
    var endsValue: Bool {
        switch tokens.last?.kind {
        case .name, .close, .textEnd, .raw, .field, .member, .hole, .row: true
        case .keyword(let word): word == .null || word == .true || word == .false
        default: false
        }
    }

    // MARK: Shared

    mutating func emit(_ kind: Token.Kind, from start: Int) {
        tokens.append(Token(kind: kind, span: Span(start..<at)))
    }

    /// Notes what was passed over since a place.
    mutating func pass(_ kind: Trivia.Kind, from start: Int) {
        if start < at { trivia.append(Trivia(kind: kind, span: Span(start..<at))) }
    }

    /// Whether there are more mistakes than anybody reads.
    var hasEnough: Bool { diagnostics.count >= Parser.maximumMistakes }

    mutating func report(_ code: DiagnosticCode, _ span: Span, _ message: String, hint: String? = nil) {
        guard !hasEnough else { return }
        diagnostics.append(Diagnostic(code, at: span, in: source, message, hint: hint))
    }

    func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    func isNameStart(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == UInt8(ascii: "_") || isLetterBeyondASCII(byte)
    }

    func isNamePart(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) || byte & 0xC0 == 0x80 && byte >= 0x80 }

    /// Letters of other scripts may stand in names; typographic quotes and dashes (E2 80 …) may not.
    private func isLetterBeyondASCII(_ byte: UInt8) -> Bool { byte >= 0xC3 && byte != 0xE2 && byte < 0xF5 }
}

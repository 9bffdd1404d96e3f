/// Walks a right program and its tokens side by side and makes a layout of them.
///
/// The tree says what belongs together; every word comes from the tokens, so that nothing is written anew. Comments
/// are written between the same two tokens as in the source, each followed by a line break as there.
struct LayoutBuilder {
    let source: SourceText
    let tokens: [Token]
    let comments: CommentPlaces
    /// Opening bracket or quote → its partner.
    let partners: [Int]
    /// How many texts of several lines begin before each token.
    private let longTexts: [Int]
    /// The next token to write.
    var cursor = 0
    private(set) var items: [LayoutItem] = []
    /// Comments behind the last token that are not written yet.
    private var pending: [CommentPlaces.Comment]
    private var line = Line.empty

    /// What stands on the line that is being written.
    private enum Line { case empty, code, comment }

    init(_ source: SourceText, _ lexed: Lexer.Result) {
        self.source = source
        tokens = lexed.tokens
        comments = CommentPlaces(source, lexed)
        var partners = Array(tokens.indices)
        var open: [Int] = []
        for (index, token) in tokens.enumerated() {
            switch token.kind {
            case .open, .callOpen, .indexOpen, .textStart, .interpolationStart: open.append(index)
            case .close, .textEnd, .interpolationEnd: if let start = open.popLast() { partners[start] = index }
            default: break
            }
        }
        self.partners = partners
        var longTexts: [Int] = []
        var count = 0
        for (index, token) in lexed.tokens.enumerated() {
            longTexts.append(count)
            guard token.kind == .textStart else { continue }
            let end = lexed.tokens[partners[index]].span.end
            if source.utf8[token.span.start..<max(token.span.end, end)].contains(0x0A) { count += 1 }
        }
        self.longTexts = longTexts
        pending = comments[before: 0]
    }

    // MARK: Statements

    mutating func build(_ program: Program) {
        for (index, statement) in program.statements.enumerated() {
            // On a new line alone, its `|` would go on with the statement before.
            if index > 0, statement.takesLastValue { add(.text(";")) }
            skipSeparators()
            let isApart = comments.isBlankLine(before: cursor)
            writeComments()
            hardLine(afterBlankLine: isApart)
            switch statement {
            case .binding(let binding): build(binding)
            case .function(let function): build(function)
            case .expression(let expression): build(expression, to: end(of: expression))
            }
        }
        skipSeparators()
        writeComments()
    }

    private mutating func skipSeparators() {
        while tokens[cursor].kind == .separator { skip() }
    }

    private mutating func build(_ binding: Binding) {
        take()
        space()
        take()
        space()
        take()
        buildValue(binding.value)
    }

    private mutating func build(_ function: FunctionDefinition) {
        take()
        space()
        take()
        bracketed(function.parameters.count) { builder, index in
            builder.take()
            guard let value = function.parameters[index].defaultValue else { return }
            builder.space()
            builder.build(value, to: builder.end(of: value))
        }
        space()
        take()
        buildValue(function.body)
    }

    /// What stands behind `=`.
    private mutating func buildValue(_ value: Expression) {
        let isBelow = hasPendingComments
        if isBelow { add(.indent) }
        space()
        build(value, to: end(of: value))
        if isBelow { add(.dedent) }
    }

    // MARK: Tokens

    /// The token with which an expression ends.
    func end(of expression: Expression) -> Int { lastToken(endingAt: expression.span.end) }

    private func lastToken(endingAt offset: Int) -> Int {
        var (low, high) = (0, tokens.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if tokens[middle].span.end < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether parentheses stand around all from the next token to another.
    func isInParentheses(to last: Int) -> Bool {
        tokens[cursor].kind == .open(.parenthesis) && partners[cursor] == last
    }

    /// Whether a text of several lines begins between two tokens.
    func hasLongText(from first: Int, to last: Int) -> Bool {
        longTexts[min(first, longTexts.count - 1)] < longTexts[min(last, longTexts.count - 1)]
    }

    /// Writes the next token.
    mutating func take() { take(to: cursor) }

    /// Writes the source from the next token to another as it stands.
    mutating func take(to last: Int) {
        glue()
        add(.text(source.text(of: tokens[cursor].span.joined(with: tokens[last].span))))
        line = .code
        advance(past: last)
    }

    /// Passes a token that the style does without.
    mutating func skip() { advance(past: cursor) }

    /// Writes a comma right behind what stands there, before the comments that stand between.
    mutating func comma() {
        add(.text(","))
        skip()
    }

    private mutating func advance(past last: Int) {
        cursor = min(last + 1, tokens.count - 1)
        pending += comments[before: cursor]
    }

    // MARK: Between tokens

    /// Whether comments stand behind the last token.
    var hasPendingComments: Bool { !pending.isEmpty }

    mutating func add(_ item: LayoutItem) { items.append(item) }

    /// A blank, or the comments that stand there.
    mutating func space() {
        writeComments()
        if line == .comment { hardLine() } else { add(.text(" ")) }
    }

    /// Nothing, or the comments that stand there.
    private mutating func glue() {
        writeComments()
        if line == .comment { hardLine() }
    }

    /// A place to break, or the comments that stand there.
    mutating func breakable(_ item: LayoutItem) {
        writeComments()
        if line == .comment { hardLine() } else { add(item) }
    }

    /// Writes the comments behind the last token, each followed by nothing else on its line.
    mutating func writeComments() {
        for comment in pending {
            if comment.isTrailing, line == .code {
                add(.trailingComment(comment.text))
            } else {
                hardLine(afterBlankLine: comment.followsBlankLine)
                add(.comment(comment.text))
            }
            line = .comment
        }
        pending = []
    }

    /// Goes to a new line, where this one has anything on it.
    mutating func hardLine(afterBlankLine: Bool = false) {
        guard line != .empty else { return }
        add(.hardLine(afterBlankLine: afterBlankLine))
        line = .empty
    }

    // MARK: Brackets

    /// Writes a bracket with its elements; the next token is the opening one.
    /// - Parameters:
    ///   - fills: whether several elements stand on a line where it is broken, as in lists of numbers.
    ///   - hugs: whether the brackets stand right around the one element, which breaks by itself.
    mutating func bracketed(
        _ count: Int, fills: Bool = false, hugs: Bool = false, element: (inout LayoutBuilder, Int) -> Void
    ) {
        let last = partners[cursor]
        let hugs = hugs && !comments.areBetween(cursor, cursor + 1)
        add(.open)
        if count > 1, !fills, hasLongText(from: cursor, to: last) { add(.breaksGroups) }
        take()
        if !hugs {
            add(.indent)
            if count > 0 { breakable(.line(flat: "")) }
        }
        for index in 0..<count {
            if index > 0 {
                comma()
                breakable(fills ? .fill(wraps: false) : .line(flat: " "))
            }
            element(&self, index)
        }
        if tokens[cursor].kind == .sign(.comma) { skip() }
        if !hugs {
            writeComments()
            add(.dedent)
            if count > 0 { breakable(.line(flat: "")) }
        }
        take()
        add(.close)
    }
}

extension Statement {
    /// Whether it begins with `|`, as in the REPL.
    fileprivate var takesLastValue: Bool {
        guard case .expression(let expression) = self, case .pipeline(let head, _) = expression.kind else {
            return false
        }
        return head.kind == .lastValue
    }
}

/// Going on after a mistake: with the next element of a list, the next stage, the next statement.
///
/// A user's mistake gives one message. So nothing is said where the lexer has complained already, and a part with a
/// mistake is left for the next place where a part begins for certain: `,` `|` a closing bracket, the end of a line.
extension Parser {
    /// Notes a mistake at the current token and leaves the part.
    mutating func fail(_ code: DiagnosticCode, _ message: String, hint: String? = nil) -> Abandon {
        note(code, at: visibleSpan, message, hint: hint)
        return Abandon()
    }

    /// Notes a mistake and goes on.
    mutating func note(_ code: DiagnosticCode, at span: Span, _ message: String, hint: String? = nil) {
        isBroken = true
        attempts += 1
        guard !isExplained else { return }
        diagnostics.append(Diagnostic(code, at: span, in: source, message, hint: hint))
    }

    /// Whether the lexer has said what is wrong here.
    private var isExplained: Bool {
        let start = partStart > 0 ? tokens[partStart - 1].span.end : 0
        return damage.isUnreadable(from: start, to: span.start) || damage.brackets.contains(span.start)
    }

    /// The current token's place; at the end of a line or text, the place right after the last token.
    private var visibleSpan: Span {
        switch current {
        case .end, .separator:
            let end = index > 0 ? tokens[index - 1].span.end : 0
            return Span(end..<end)
        default: return span
        }
    }

    /// Whether the rest is not worth reading.
    var hasEnough: Bool { diagnostics.count >= Self.maximumMistakes || attempts >= 10 * Self.maximumMistakes }

    /// A value in the place of one that could not be read; its statement is not in the program.
    var placeholder: Expression { Expression(.null, Span(span.start..<span.start)) }

    /// Reads the parts of a bracket up to its closing one, which is read too; the opening one is the last token read.
    ///
    /// After a mistake in a part it goes on behind the next comma.
    /// - Returns: the closing bracket's place.
    mutating func parseParts(
        _ bracket: Token.Bracket, openedAt opening: Span, _ parsePart: (inout Parser) throws -> Void
    ) throws -> Span {
        let outer = partStart
        defer { partStart = outer }
        while current != .close(bracket) {
            partStart = index
            do {
                try parsePart(&self)
                guard endsPart(bracket) else { throw unexpectedInside(bracket, openedAt: opening) }
            } catch {
                try resume(after: error, in: opening) { $0 == .sign(.comma) }
            }
            guard current == .sign(.comma) else { break }
            advance()
        }
        let end = span
        try expectClose(bracket, openedAt: opening)
        return end
    }

    private func endsPart(_ bracket: Token.Bracket) -> Bool {
        current == .sign(.comma) || current == .close(bracket)
    }

    /// Reads what stands between brackets with the closing one; after a mistake it goes on behind that.
    mutating func parseInside<Content>(
        _ bracket: Token.Bracket, openedAt opening: Span, otherwise: Content,
        _ parseContent: (inout Parser) throws -> Content
    ) throws -> (Content, Span) {
        let outer = partStart
        defer { partStart = outer }
        partStart = index
        var content = otherwise
        do {
            content = try parseContent(&self)
            guard current == .close(bracket) else { throw unexpectedInside(bracket, openedAt: opening) }
        } catch {
            try resume(after: error, in: opening) { _ in false }
        }
        let end = span
        try expectClose(bracket, openedAt: opening)
        return (content, end)
    }

    /// Passes over the rest of a part, up to a closing bracket or another place where a new one begins.
    /// - Throws: the mistake again where there is no such place in the statement.
    mutating func resume(
        after mistake: any Error, in opening: Span? = nil, at isStop: (Token.Kind) -> Bool
    ) throws {
        isBroken = true
        if (mistake as? Abandon)?.isFinal == true || hasEnough {
            throw Abandon(isFinal: true)
        }
        // Nobody knows where a bracket without its partner was meant to end.
        if let opening, damage.brackets.contains(opening.start) { throw Abandon(isFinal: true) }
        skip(to: isStop)
        if current == .end || current == .separator { throw mistake }
    }

    private mutating func skip(to isStop: (Token.Kind) -> Bool) {
        var open = 0
        while true {
            switch current {
            case .end, .separator: return
            case .open, .callOpen, .indexOpen, .textStart, .interpolationStart: open += 1
            case .close, .textEnd, .interpolationEnd:
                if open == 0 { return }
                open -= 1
            case let kind where open == 0 && isStop(kind): return
            default: break
            }
            advance()
        }
    }

    /// Passes over the rest of a statement, and over the block below it that belongs to it in other languages.
    mutating func skipStatement() {
        passOver()
        guard let column = blockColumn else { return }
        blockColumn = nil
        while current == .separator {
            let next = index + 1
            guard next < tokens.count, tokens[next].kind != .end,
                source.position(of: tokens[next].span.start).column > column || tokens[next].kind == .close(.brace)
            else { return }
            advance()
            passOver()
        }
    }

    private mutating func passOver() {
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
}

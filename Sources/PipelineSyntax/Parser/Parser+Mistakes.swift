/// The parser's mistakes: what stands there, what was expected, how to mend it.
extension Parser {
    /// Notes a mistake at the current token and leaves the statement.
    mutating func fail(_ code: DiagnosticCode, _ message: String, hint: String? = nil) -> Abandon {
        diagnostics.append(Diagnostic(code, at: visibleSpan, in: source, message, hint: hint))
        return Abandon()
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

    mutating func reserved(_ word: Token.Keyword) -> Abandon {
        let rest: String
        if word == .for || word == .while, let inPlace = tokens[index...].first(where: { $0.kind == .keyword(.in) }) {
            let start = inPlace.span.end
            let line = source.position(of: start).line
            let end = tokens[index...].first {
                $0.kind == .separator || $0.kind == .end || source.position(of: $0.span.start).line != line
            }?.span.start
            rest = source.text(of: Span(start..<max(start, end ?? start))).trimmed(of: " :{")
        } else {
            rest = ""
        }
        switch word {
        case .for, .while:
            return fail(
                .reservedWord, "Expected a pipeline; verbs work on every row, `\(word.rawValue)` doesn't exist.",
                hint: "\(rest.isEmpty ? "rows" : rest) | derive size: len(.prompt)")
        case .def:
            return fail(.reservedWord, "Expected `fn`; `def` doesn't exist.", hint: "fn tidy(text) = trim(text)")
        case .import:
            return fail(
                .reservedWord, "Expected a pipeline; there is nothing to import, every verb is there.",
                hint: "load \"data/rows.jsonl\"")
        default:
            return fail(
                .reservedWord, "Expected a pipeline; an `fn` is its value, `\(word.rawValue)` doesn't exist.",
                hint: "fn twice(x) = x * 2")
        }
    }

    mutating func valueExpected() -> Abandon {
        switch current {
        case .keyword(let word) where word.isReserved: return reserved(word)
        case .keyword(.let), .keyword(.param), .keyword(.fn):
            return fail(
                .unexpectedToken, "Expected a value; \(mention) begins a statement of its own.",
                hint: "put it on a line of its own")
        case .sign(.pipe):
            return fail(.unexpectedToken, "Expected a value before `|`.", hint: "rows | take 5")
        case .sign(.assign):
            return fail(.unexpectedToken, "Expected a value, found `=`.", hint: "a comparison is written `==`")
        case .label(let name):
            return fail(
                .unexpectedToken, "Expected a value, found the label `\(name):`.",
                hint: "named arguments come after a verb; fields stand in braces: {\(name): …}")
        default: return fail(.unexpectedToken, "Expected a value, found \(mention).")
        }
    }

    mutating func stageExpected() -> Abandon {
        switch current {
        case .keyword(let word) where word.isReserved: return reserved(word)
        case .end, .separator: return fail(.unexpectedToken, "Expected a verb after `|`.", hint: "| take 5")
        case .field(let name):
            return fail(
                .unexpectedToken, "Expected a verb after `|`, found the column `.\(name)`.", hint: "| select .\(name)")
        case .label(let name):
            return fail(
                .unexpectedToken, "Expected a verb after `|`, found the label `\(name):`.", hint: "| derive \(name): …")
        default: return fail(.unexpectedToken, "Expected a verb after `|`, found \(mention).", hint: "| take 5")
        }
    }

    /// `a = b` where a comparison was meant.
    mutating func assignment(after left: Expression) -> Abandon {
        let place = span
        advance()
        let mark = diagnostics.count
        let right = try? parseExpression()
        diagnostics.removeSubrange(mark...)
        let hint = right.map { "\(source.text(of: left.span)) == \(source.text(of: $0.span))" } ?? "=="
        diagnostics.append(
            Diagnostic(
                .assignmentInExpression, at: place, in: source, "Expected a comparison; `=` belongs to `let`.",
                hint: hint))
        return Abandon()
    }

    /// Something stands where a statement should have ended.
    mutating func unexpectedAfterStatement() throws -> Never {
        switch current {
        case .name(let name):
            if words.verbs.isEmpty || words.verbs.contains(name) {
                throw missingPipe(before: name, from: statementSpan)
            }
            if isCall(peek), let verb = Suggestion.closest(to: name, among: words.verbs) {
                throw fail(
                    .missingPipe, "Expected `|` or a new line before `\(name)`.", hint: "did you mean `| \(verb)`?")
            }
            throw fail(.missingPipe, "Expected `|` or a new line before `\(name)`.")
        case .sign(.assign): throw assignmentStatement()
        case .close(let bracket):
            throw fail(.unclosedBracket, "Expected no `\(bracket.closing)` here; nothing is open.", hint: "remove it")
        case .label(let name):
            throw fail(
                .unexpectedToken, "Expected the end of the line or `,` before the argument `\(name):`.",
                hint: "separate arguments with commas")
        case .sign(.colon): throw fail(.unexpectedToken, "Expected the end of the line, found `:`.", hint: "remove it")
        case .keyword(let word) where word.isReserved: throw reserved(word)
        case let kind where kind.startsPrimary:
            throw fail(.unexpectedToken, "Expected an operator, `,`, `|` or a new line before \(mention).")
        default: throw fail(.unexpectedToken, "Expected `|` or the end of the line, found \(mention).")
        }
    }

    private func isCall(_ kind: Token.Kind) -> Bool { kind.startsPrimary || kind == .callOpen }

    mutating func missingPipe(before verb: String, from start: Span) -> Abandon {
        let before = source.text(of: Span(start.start..<span.start)).trimmed(of: " ")
        let end =
            tokens[index...].first { $0.kind == .separator || $0.kind == .end || $0.kind == .sign(.pipe) }?.span.start
            ?? span.end
        let after = source.text(of: Span(span.start..<max(span.end, end))).trimmed(of: " \n")
        return fail(
            .missingPipe, "Expected `|` or a new line before the verb `\(verb)`.", hint: "\(before) | \(after)")
    }

    private mutating func assignmentStatement() -> Abandon {
        let statement = source.text(of: statementSpan)
        return fail(
            .assignmentInExpression, "Expected `let` before a name that is given a value.", hint: "let \(statement) = …"
        )
    }

    /// From the start of the current statement to the last token read.
    private var statementSpan: Span {
        var first = index
        while first > 0, tokens[first - 1].kind != .separator { first -= 1 }
        return Span(tokens[first].span.start..<(index > first ? tokens[index - 1].span.end : tokens[first].span.end))
    }

    mutating func unexpectedInside(_ bracket: Token.Bracket, openedAt opening: Span) -> Abandon {
        if current == .sign(.assign) {
            return fail(.unexpectedToken, "Expected `name: value`; `=` belongs to `let`.", hint: "use a colon")
        }
        if case .name(let name) = current, words.verbs.contains(name) {
            return fail(.missingPipe, "Expected `|` before the verb `\(name)`.", hint: "| \(name)")
        }
        if current == .sign(.pipe) {
            return fail(
                .unexpectedToken,
                "Expected `,` or `\(bracket.closing)`; a pipeline as an argument stands in parentheses of its own.",
                hint: pipelineInParentheses(after: opening))
        }
        let position = source.position(of: opening.start)
        return fail(
            .unexpectedToken,
            "Expected `,` or `\(bracket.closing)`, which closes the `\(bracket.opening)` at \(position.line):\(position.column), "
                + "found \(mention).")
    }
}

extension Parser {
    /// `len(a | b)` as it should be: `len((a | b))`.
    private func pipelineInParentheses(after opening: Span) -> String {
        var depth = 1
        var end = source.utf8.count
        for token in tokens where token.span.start >= opening.end {
            switch token.kind {
            case .open, .callOpen, .indexOpen: depth += 1
            case .close:
                depth -= 1
                if depth == 0 { end = min(end, token.span.start) }
            default: break
            }
        }
        let inside = source.text(of: Span(opening.end..<max(opening.end, end)))
        let before =
            index > 0 ? tokens.last { $0.span.end == opening.start }.map { source.text(of: $0.span) } ?? "" : ""
        return "\(before)((\(inside)))"
    }
}

extension String {
    /// The text without these characters at both ends.
    func trimmed(of characters: String) -> String {
        var text = Substring(self)
        while let first = text.first, characters.contains(first) { text.removeFirst() }
        while let last = text.last, characters.contains(last) { text.removeLast() }
        return String(text)
    }
}

/// The parser's mistakes: what stands there, what was expected, how to mend it.
extension Parser {
    /// A word that exists only to be explained.
    mutating func reserved(_ word: Token.Keyword) -> Abandon {
        if previous == nil || previous == .separator { blockColumn = source.position(of: span.start).column }
        switch word {
        case .for, .while:
            let rest = word == .for ? textBehindIn() : ""
            return fail(
                .reservedWord, "Expected a pipeline; verbs work on every row, `\(word.rawValue)` doesn't exist.",
                hint: "\(rest.isEmpty ? "rows" : rest) | derive size: len(.prompt)")
        case .def:
            return foreignFunction("def")
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
        case .sign(let sign):
            return valueExpected(insteadOf: sign)
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

    private mutating func valueExpected(insteadOf sign: Token.Sign) -> Abandon {
        if let mistake = foreignOperator(sign) { return mistake }
        switch sign {
        case .pipe: return fail(.unexpectedToken, "Expected a value before `|`.", hint: "rows | take 5")
        case .assign:
            return fail(.unexpectedToken, "Expected a value, found `=`.", hint: "a comparison is written `==`")
        default: return fail(.unexpectedToken, "Expected a value, found \(mention).")
        }
    }

    /// `a = b` where a comparison was meant: told, and read as one.
    mutating func assignment(after left: Expression) throws -> Expression {
        if let mistake = arrow() { throw mistake }
        let place = span
        advance()
        let known = diagnostics.count
        var hint = "=="
        let label = labelMeant(by: left)
        defer {
            isBroken = true
            diagnostics.append(
                Diagnostic(
                    .assignmentInExpression, at: place, in: source,
                    label == nil
                        ? "Expected a comparison; `=` belongs to `let`."
                        : "Expected `:` after the name of an argument; `=` belongs to `let`.",
                    hint: hint))
        }
        do {
            let right = try parseCoalesce()
            let value = source.text(of: right.span)
            hint = label.map { "\($0): \(value)" } ?? "\(source.text(of: left.span)) == \(value)"
            return Expression(.binary(.equal, left, right), left.span.joined(with: right.span))
        } catch {
            diagnostics.removeSubrange(known...)
            throw error
        }
    }

    /// The argument that a name before `=` was to label: one of the verb's own, or a new column.
    private func labelMeant(by left: Expression) -> String? {
        guard case .name(let name) = left.kind else { return nil }
        var at = index
        while at > 0 {
            at -= 1
            guard case .name(let verb) = tokens[at].kind, words.verbs.contains(verb) else {
                if case .separator = tokens[at].kind { return nil }
                if case .sign(.pipe) = tokens[at].kind { return nil }
                continue
            }
            return words.naming.contains(verb) || words.labels[verb]?.contains(name) == true ? name : nil
        }
        return nil
    }

    /// `sort .n desc`: the order of another language, behind the column.
    private mutating func orderBehindColumn(_ word: String) -> Abandon? {
        let order = word.lowercased()
        guard index > 0, case .field = tokens[index - 1].kind else { return nil }
        let column = source.text(of: tokens[index - 1].span)
        switch order {
        case "desc", "descending":
            return fail(
                .unexpectedToken, "Expected `,` or the end of the line; descending order is written around its column.",
                hint: "desc(\(column))")
        case "asc", "ascending":
            return fail(
                .unexpectedToken, "Expected `,` or the end of the line; ascending order goes without saying.",
                hint: "\(column)")
        default: return nil
        }
    }

    /// Something stands where `=` should.
    mutating func assignExpected(after name: String) -> Abandon {
        let value = lineText(from: current == .sign(.equal) ? index + 1 : index)
        let isFunction = name.hasPrefix("fn ")
        return fail(
            .unexpectedToken, "Expected `=` after `\(name)`, found \(mention).",
            hint: "\(isFunction ? name : "let \(name)") = \(value)")
    }

    mutating func interpolationEndExpected() -> Abandon {
        fail(.unexpectedToken, "Expected `}` after the expression in `${…}`, found \(mention).")
    }

    /// Something stands where a statement should have ended.
    mutating func unexpectedAfterStatement() throws -> Never {
        if let mistake = misplaced() { throw mistake }
        switch current {
        case .name(let name):
            if let mistake = orderBehindColumn(name) { throw mistake }
            if words.verbs.isEmpty || words.verbs.contains(name) {
                throw missingPipe(before: name, from: statementSpan)
            }
            if isCall(peek), let verb = Suggestion.closest(to: name, among: words.verbs) {
                throw fail(
                    .missingPipe, "Expected `|` or a new line before `\(name)`.", hint: "did you mean `| \(verb)`?")
            }
            throw fail(.missingPipe, "Expected `|` or a new line before `\(name)`.")
        case .sign(.assign): throw fail(.assignmentInExpression, "Expected `let` before a name that is given a value.")
        case .close(let bracket):
            throw fail(.unclosedBracket, "Expected no `\(bracket.closing)` here; nothing is open.", hint: "remove it")
        case .label(let name):
            throw fail(
                .unexpectedToken, "Expected the end of the line or `,` before the argument `\(name):`.",
                hint: "separate arguments with commas")
        case .sign(.colon): throw fail(.unexpectedToken, "Expected the end of the line, found `:`.", hint: "remove it")
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

    /// From the start of the current statement to the last token read.
    private var statementSpan: Span {
        var first = index
        while first > 0, tokens[first - 1].kind != .separator { first -= 1 }
        return Span(tokens[first].span.start..<(index > first ? tokens[index - 1].span.end : tokens[first].span.end))
    }

    mutating func unexpectedInside(_ bracket: Token.Bracket, openedAt opening: Span) -> Abandon {
        if damage.brackets.contains(opening.start) {
            isBroken = true
            return Abandon(isFinal: true)
        }
        if let mistake = misplaced() ?? arrow(behind: bracket) { return mistake }
        if current == .sign(.assign) {
            return fail(.unexpectedToken, "Expected `name: value`; `=` belongs to `let`.", hint: "name: value")
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
        let end = closing(from: index).map { tokens[$0].span.start } ?? span.end
        let inside = source.text(of: Span(opening.end..<max(opening.end, end)))
        var before = index
        while before > 0, tokens[before].span.start > opening.start { before -= 1 }
        let isCall = tokens[before].kind == .callOpen && before > 0
        return "\(isCall ? source.text(of: tokens[before - 1].span) : "")((\(inside)))"
    }

    /// The closing bracket of what a token is in; nil where the statement ends before.
    func closing(from start: Int) -> Int? {
        var open = 0
        for place in start..<tokens.count {
            switch tokens[place].kind {
            case .open, .callOpen, .indexOpen, .textStart, .interpolationStart: open += 1
            case .close, .textEnd, .interpolationEnd:
                if open == 0 { return place }
                open -= 1
            case .separator, .end: return nil
            default: break
            }
        }
        return nil
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

/// What people write who come from SQL, Python, R, JavaScript or the shell: named, and shown as it is written here.
extension Parser {
    private static let bindingWords: Set<String> = ["var", "const", "val", "auto", "my", "local", "set", "global"]
    private static let functionWords: Set<String> = ["function", "func", "fun", "proc", "sub"]

    /// Statements that begin as in other languages; where the rest can be read, the value is the next thing to read.
    mutating func explainForeignStatement(_ name: String) throws {
        let third = index + 2 < tokens.count ? tokens[index + 2].kind : .end
        switch peek {
        case .sign(.assign) where arrow(at: index + 1) == nil: try nameIsGivenValue(name, signs: 1)
        case .sign(.colon) where third == .sign(.assign): try nameIsGivenValue(name, signs: 2)
        case .sign(.less) where third == .sign(.minus) && isArrowOfR: try nameIsGivenValue(name, signs: 2)
        case .name(let bound) where third == .sign(.assign) && Self.bindingWords.contains(name):
            note(
                .reservedWord, at: span, "Expected `let`; `\(name)` doesn't exist.",
                hint: "let \(lineText(from: index + 1))")
            advance()
            try nameIsGivenValue(bound, signs: 1, isTold: true)
        case .label(let bound) where Self.bindingWords.contains(name) && statementHas(.sign(.assign)):
            throw fail(.reservedWord, "Expected `let`; `\(name)` doesn't exist.", hint: "let \(bound) = …")
        case .name where third == .callOpen && Self.functionWords.contains(name):
            blockColumn = source.position(of: span.start).column
            throw foreignFunction(name)
        case .name where name == "from" && statementHas(.keyword(.import)): throw reserved(.import)
        default: if name.lowercased() == "select" { try explainSelect() }
        }
    }

    /// `x = 5` without `let`: told, and the value is the next thing to read.
    /// - Parameter signs: how many tokens the sign for giving a value has.
    mutating func nameIsGivenValue(_ name: String, signs: Int, isTold: Bool = false) throws {
        let sign = tokens[min(index + 1, tokens.count - 1)].span
        let last = tokens[min(index + signs, tokens.count - 1)].span
        let value = lineText(from: min(index + signs + 1, tokens.count - 1))
        if !isTold {
            note(
                .assignmentInExpression, at: sign.joined(with: last),
                "Expected `let` before a name that is given a value.", hint: "let \(name) = \(value)")
        }
        for _ in 0...signs { advance() }
        if current == .end || current == .separator { throw Abandon() }
    }

    /// `x <- 5`: a blank on both sides, none in between. `x < -5` is a comparison.
    private var isArrowOfR: Bool {
        guard index + 3 < tokens.count else { return false }
        let (name, less, minus, value) = (tokens[index], tokens[index + 1], tokens[index + 2], tokens[index + 3])
        return less.span.end == minus.span.start && name.span.end < less.span.start
            && minus.span.end < value.span.start
    }

    /// `def f(x):`, `function f(x) {`: at the word.
    mutating func foreignFunction(_ word: String) -> Abandon {
        var head = "tidy(text)"
        if case .name = peek, index + 2 < tokens.count, tokens[index + 2].kind == .callOpen,
            let end = closing(from: index + 3)
        {
            head = source.text(of: tokens[index + 1].span.joined(with: tokens[end].span))
        }
        return fail(.reservedWord, "Expected `fn`; `\(word)` doesn't exist.", hint: "fn \(head) = …")
    }

    /// `SELECT a, b FROM rows WHERE …`
    private mutating func explainSelect() throws {
        var place = index + 2
        while place < tokens.count, tokens[place].kind != .separator, tokens[place].kind != .end {
            if case .name(let word) = tokens[place].kind, word.lowercased() == "from",
                tokens[place - 1].kind != .sign(.comma), place + 1 < tokens.count,
                case .name(let rows) = tokens[place + 1].kind
            {
                let columns = tokens[(index + 1)..<place].compactMap { token -> String? in
                    switch token.kind {
                    case .name(let name), .field(let name): ".\(name)"
                    default: nil
                    }
                }
                let stage = columns.isEmpty ? "show" : "select \(columns.joined(separator: ", "))"
                throw fail(
                    .reservedWord, "Expected the rows first; the verbs follow in the order in which they work.",
                    hint: "\(rows) | where … | \(stage)")
            }
            place += 1
        }
    }

    /// The text after `in` up to the end of the line or the bracket; the current token is `for`.
    func textBehindIn() -> String {
        let line = source.line(of: span.start)
        var start: Int?
        var end = span.end
        var open = 0
        walk: for token in tokens[index...].prefix(200) {
            switch token.kind {
            case .separator, .end: break walk
            case .open, .callOpen, .indexOpen: open += 1
            case .close:
                if open == 0 { break walk }
                open -= 1
            default: break
            }
            if source.line(of: token.span.start) != line { break }
            if start == nil, token.kind == .keyword(.in) { start = token.span.end }
            end = token.span.end
        }
        return start.map { source.text(of: Span($0..<max($0, end))).trimmed(of: " :{") } ?? ""
    }

    // MARK: Small functions

    /// `lambda x: …`: at the word.
    mutating func lambda() -> Abandon {
        var place = index + 1
        var names: [String] = []
        walk: while place < tokens.count {
            switch tokens[place].kind {
            case .name(let name): names.append(name)
            case .sign(.comma): break
            case .label(let name):
                names.append(name)
                place += 1
                break walk
            default: break walk
            }
            place += 1
        }
        return smallFunction("lambda", at: span, of: names, body: place)
    }

    /// `x => …` or `x -> …` at the current sign.
    mutating func arrow() -> Abandon? {
        guard let arrow = arrow(at: index) else { return nil }
        var names: [String] = []
        if case .name(let name)? = previous { names = [name] }
        return smallFunction(source.text(of: arrow), at: arrow, of: names, body: index + 2)
    }

    /// `(x, y) => …` at the comma.
    mutating func arrow(behind bracket: Token.Bracket) -> Abandon? {
        guard bracket == .parenthesis, current == .sign(.comma), let end = closing(from: index),
            let arrow = arrow(at: end + 1)
        else { return nil }
        return smallFunction(source.text(of: arrow), at: arrow, of: ["x", "y"], body: end + 3)
    }

    /// The place of `=>` or `->`, where it stands there.
    private func arrow(at place: Int) -> Span? {
        guard place + 1 < tokens.count, tokens[place + 1].kind == .sign(.greater),
            tokens[place].kind == .sign(.assign) || tokens[place].kind == .sign(.minus),
            tokens[place].span.end == tokens[place + 1].span.start
        else { return nil }
        return tokens[place].span.joined(with: tokens[place + 1].span)
    }

    private mutating func smallFunction(_ sign: String, at span: Span, of names: [String], body: Int) -> Abandon {
        let hint: String
        if names.count == 1, let name = names.first, let code = dotted(body, name) {
            hint = code
        } else {
            hint = "fn both(\(names.joined(separator: ", "))) = …"
        }
        note(
            .reservedWord, at: span, "Expected an expression; `\(sign)` doesn't exist, the row at hand is a dot.",
            hint: hint)
        return Abandon()
    }

    /// The code from a token to the end of its part, with a dot for a name: `x.price * 2` → `.price * 2`.
    private func dotted(_ start: Int, _ name: String) -> String? {
        var code = ""
        var last: Int?
        var open = 0
        for place in start..<max(start, min(tokens.count, start + 60)) {
            let token = tokens[place]
            switch token.kind {
            case .separator, .end: return code.isEmpty ? nil : code
            case .sign(.comma) where open == 0, .sign(.pipe) where open == 0: return code.isEmpty ? nil : code
            case .open, .callOpen, .indexOpen, .textStart, .interpolationStart: open += 1
            case .close, .textEnd, .interpolationEnd:
                if open == 0 { return code.isEmpty ? nil : code }
                open -= 1
            default: break
            }
            if let last, last < token.span.start { code += source.text(of: Span(last..<token.span.start)) }
            last = token.span.end
            if token.kind == .name(name) {
                if place + 1 < tokens.count, case .member = tokens[place + 1].kind { continue }
                code += "."
            } else {
                code += source.text(of: token.span)
            }
        }
        return code.isEmpty ? nil : code
    }

    // MARK: Inside expressions

    /// `AND` and `OR` as in SQL: told, and read as they are meant.
    mutating func isShouted(_ word: String, _ meant: Token.Keyword) -> Bool {
        guard current == .name(word) else { return false }
        note(
            .reservedWord, at: span, "Expected `\(meant.rawValue)`; words of the language are written small.",
            hint: meant.rawValue)
        return true
    }

    /// `**`, `++`, `+=`, `->`: the second sign is where a value should be.
    mutating func foreignOperator(_ sign: Token.Sign) -> Abandon? {
        guard isAttached, case .sign(let first)? = previous else { return nil }
        let both = tokens[index - 1].span.joined(with: span)
        let left = index > 1 ? source.text(of: tokens[index - 2].span) : "x"
        let right = peek.startsPrimary && index + 1 < tokens.count ? source.text(of: tokens[index + 1].span) : "2"
        switch (first, sign) {
        case (.minus, .greater):
            index -= 1
            defer { index += 1 }
            return arrow()
        case (.times, .times):
            note(
                .unexpectedToken, at: both, "Expected one `*`; a power is a function.", hint: "power(\(left), \(right))"
            )
        case (.plus, .assign), (.minus, .assign), (.times, .assign), (.divide, .assign):
            note(
                .unexpectedToken, at: both, "Expected a new name; nothing changes its value.",
                hint: "let \(left) = \(left) \(first.rawValue) \(lineText(from: index + 1))")
        default: return nil
        }
        return Abandon()
    }

    /// Whether `(` stands right behind `.name`.
    var isMethodCall: Bool { if case .member? = previous { isAttached } else { false } }

    /// `rows.where(…)`: told, and read as a call, so that the rest can be read.
    mutating func methodCall(on value: Expression, isFirst: Bool) throws -> Expression {
        guard case .member(let subject, let name, let place) = value.kind else { throw valueExpected() }
        let opening = span
        let known = diagnostics.count
        let (arguments, end) = try parseActuals(of: name)
        if isFirst {
            let inside = source.text(of: Span(opening.end..<max(opening.end, end.start))).trimmed(of: " \n")
            let value = source.text(of: subject.span)
            // A column goes through a function: a pipe would take whatever stands before it.
            let isColumn = value.hasPrefix(".")
            let code =
                isColumn
                ? "\(name)(\(value)\(inside.isEmpty ? "" : ", \(inside)"))"
                : "\(value) | \(name) \(inside)".trimmed(of: " ")
            let others = Array(diagnostics[known...])
            diagnostics.removeSubrange(known...)
            note(
                .missingPipe, at: place,
                isColumn
                    ? "Expected the function before its value; values have no methods."
                    : "Expected `|` before a verb; values have no methods.", hint: code)
            diagnostics += others
        }
        isBroken = true
        let whole = value.span.joined(with: end)
        return Expression(
            .call(Call(name: name, nameSpan: place, arguments: arguments, span: whole, hasParentheses: true)), whole)
    }

    /// `rows[0:5]` at the colon.
    mutating func slice(of value: Expression) -> Abandon {
        fail(
            .unexpectedToken, "Expected `]`; a part of a list is taken by verbs.",
            hint: "\(source.text(of: value.span)) | skip 2 | take 3")
    }

    /// `f(x = 5)` for `f(x: 5)`: told, and read as that.
    mutating func assignedArgument(_ name: String) throws -> Expression {
        advance()
        if let mistake = arrow() { throw mistake }
        let place = span
        advance()
        let value = try parseExpression()
        note(
            .unexpectedToken, at: place, "Expected `\(name):`; `=` belongs to `let`.",
            hint: "\(name): \(source.text(of: value.span))")
        return value
    }

    /// What stands behind a whole expression where it should have ended, and is a habit from elsewhere.
    mutating func misplaced() -> Abandon? {
        switch current {
        case .keyword(let word) where word.isReserved: return reserved(word)
        case .keyword(.let), .keyword(.param), .keyword(.fn): return valueExpected()
        case .raw(let second):
            guard isAttached, case .raw(let first)? = previous else { return nil }
            return fail(
                .unexpectedToken, "Expected one text; `''` is no quote inside '…'.", hint: "\"\(first)'\(second)\"")
        case .textStart where isAttached && previous == .textEnd:
            return fail(.unexpectedToken, "Expected one text; a quote inside \"…\" is written \\\".", hint: "\\\"")
        case .open(.brace) where previous == .close(.parenthesis):
            return fail(
                .unexpectedToken, "Expected `=` and an expression; an `fn` has no braces.", hint: "fn twice(x) = x * 2")
        case .name(let word):
            guard let (message, hint) = Self.wordsOfSQL[word.lowercased()] else { return nil }
            return fail(.reservedWord, "\(message); `\(word)` doesn't exist.", hint: hint)
        default: return nil
        }
    }

    private static let wordsOfSQL: [String: (message: String, hint: String)] = [
        "like": ("Expected a function such as `matches`", #"matches(.text, "refund")"#),
        "ilike": ("Expected a function such as `matches`", #"matches(lower(.text), "refund")"#),
        "between": ("Expected a comparison, or `in` with a range", ".n in 1..5"),
        "as": ("Expected a new name before its value", "rename label: .intent"),
    ]

    // MARK: Text for hints

    /// The code from a token to the end of its line or statement.
    func lineText(from start: Int) -> String {
        guard start < tokens.count else { return "…" }
        let first = tokens[start].span.start
        let line = source.line(of: first)
        var end = first
        for token in tokens[start...].prefix(40) {
            if token.kind == .separator || token.kind == .end { break }
            if source.line(of: token.span.start) != line { break }
            end = token.span.end
        }
        let text = source.text(of: Span(first..<end))
        return text.isEmpty ? "…" : text
    }

    private func statementHas(_ kind: Token.Kind) -> Bool {
        for token in tokens[index...] {
            if token.kind == .separator || token.kind == .end { return false }
            if token.kind == kind { return true }
        }
        return false
    }
}

extension Token.Kind {
    /// Whether parameters of a `lambda` may begin with it.
    var startsLambda: Bool {
        switch self {
        case .name, .label: true
        default: false
        }
    }
}

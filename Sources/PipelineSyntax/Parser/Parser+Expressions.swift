/// Expressions, loosest binding first, one function a rule of the grammar.
extension Parser {
    mutating func parseExpression() throws -> Expression {
        try descend()
        defer { depth -= 1 }
        if current == .keyword(.if) { return try parseCondition() }
        return try parseOr()
    }

    private mutating func parseCondition() throws -> Expression {
        let start = span
        advance()
        let test = try parseExpression()
        guard current == .keyword(.then) else {
            throw fail(
                .unexpectedToken, "Expected `then` after the condition, found \(mention).", hint: "if … then … else …")
        }
        advance()
        let yes = try parseExpression()
        guard current == .keyword(.else) else {
            throw fail(
                .unexpectedToken, "Expected `else`; an `if` always has a value, found \(mention).",
                hint: "if … then … else null")
        }
        advance()
        let no = try parseExpression()
        return Expression(.condition(test, yes, no), start.joined(with: no.span))
    }

    private mutating func parseOr() throws -> Expression {
        var left = try parseAnd()
        while current == .keyword(.or) || isShouted("OR", .or) {
            advance()
            left = try combine(.or, left, try parseAnd())
        }
        return left
    }

    private mutating func parseAnd() throws -> Expression {
        var left = try parseNot()
        while current == .keyword(.and) || isShouted("AND", .and) {
            advance()
            left = try combine(.and, left, try parseNot())
        }
        return left
    }

    private mutating func parseNot() throws -> Expression {
        guard current == .keyword(.not) else { return try parseTest() }
        try descend()
        defer { depth -= 1 }
        let start = span
        advance()
        let inner = try parseNot()
        return Expression(.not(inner), start.joined(with: inner.span))
    }

    private mutating func parseTest() throws -> Expression {
        let left = try parseCoalesce()
        let tested = try parseTestTail(left)
        if current == .sign(.assign) { return try assignment(after: tested) }
        if comparison(current) != nil || current == .keyword(.in) || current == .keyword(.is), tested != left {
            throw fail(
                .comparisonChain, "Expected one comparison; two in a row do not chain.",
                hint: "join them with `and`, or use `in`: .x in 1..5")
        }
        return tested
    }

    private mutating func parseTestTail(_ left: Expression) throws -> Expression {
        if let sign = comparison(current) {
            advance()
            return try combine(sign, left, try parseCoalesce())
        }
        switch current {
        case .keyword(.in):
            advance()
            let right = try parseCoalesce()
            return Expression(.membership(left, right, isNegated: false), left.span.joined(with: right.span))
        case .keyword(.not) where peek == .keyword(.in):
            advance()
            advance()
            let right = try parseCoalesce()
            return Expression(.membership(left, right, isNegated: true), left.span.joined(with: right.span))
        case .keyword(.is): return try parseKindTest(left)
        default: return left
        }
    }

    private mutating func parseKindTest(_ left: Expression) throws -> Expression {
        advance()
        let isNegated = current == .keyword(.not)
        if isNegated { advance() }
        let place = span
        switch current {
        case .keyword(.null):
            advance()
            return Expression(.kindTest(left, kind: "null", isNegated: isNegated), left.span.joined(with: place))
        case .name(let kind):
            advance()
            return Expression(.kindTest(left, kind: kind, isNegated: isNegated), left.span.joined(with: place))
        default:
            throw fail(
                .unexpectedToken, "Expected null, error, text, number, list or record after `is`, found \(mention).",
                hint: "compare values with `==`")
        }
    }

    private func comparison(_ kind: Token.Kind) -> BinaryOperator? {
        guard case .sign(let sign) = kind else { return nil }
        switch sign {
        case .equal: return .equal
        case .notEqual: return .notEqual
        case .less: return .less
        case .lessOrEqual: return .lessOrEqual
        case .greater: return .greater
        case .greaterOrEqual: return .greaterOrEqual
        default: return nil
        }
    }

    mutating func parseCoalesce() throws -> Expression {
        var left = try parseRange()
        while current == .sign(.coalesce) {
            advance()
            left = try combine(.coalesce, left, try parseRange())
        }
        return left
    }

    private mutating func parseRange() throws -> Expression {
        let left = try parseSum()
        guard current == .sign(.range) else { return left }
        advance()
        return try combine(.range, left, try parseSum())
    }

    private mutating func parseSum() throws -> Expression {
        var left = try parseTerm()
        while true {
            switch current {
            case .sign(.plus):
                advance()
                left = try combine(.add, left, try parseTerm())
            case .sign(.minus):
                advance()
                left = try combine(.subtract, left, try parseTerm())
            default: return left
            }
        }
    }

    private mutating func parseTerm() throws -> Expression {
        var left = try parseUnary()
        while true {
            switch current {
            case .sign(.times):
                advance()
                left = try combine(.multiply, left, try parseUnary())
            case .sign(.divide):
                advance()
                left = try combine(.divide, left, try parseUnary())
            case .sign(.remainder):
                advance()
                left = try combine(.remainder, left, try parseUnary())
            default: return left
            }
        }
    }

    private mutating func parseUnary() throws -> Expression {
        guard current == .sign(.minus) else { return try parsePostfix() }
        try descend()
        defer { depth -= 1 }
        let start = span
        advance()
        let inner = try parseUnary()
        return Expression(.negate(inner), start.joined(with: inner.span))
    }

    private mutating func parsePostfix() throws -> Expression {
        var value = try parsePrimary()
        var hasMethod = false
        while true {
            let place = span
            switch current {
            case .member(let name):
                try link()
                advance()
                value = Expression(.member(value, name, place), value.span.joined(with: place))
            case .indexOpen:
                try link()
                advance()
                let (index, end) = try parseInside(.square, openedAt: place, otherwise: placeholder) { parser in
                    let index = try parser.parseExpression()
                    if parser.current == .sign(.colon) { throw parser.slice(of: value) }
                    return index
                }
                value = Expression(.index(value, index), value.span.joined(with: end))
            case .open(.parenthesis) where isMethodCall:
                value = try methodCall(on: value, isFirst: !hasMethod)
                hasMethod = true
            default: return value
            }
        }
    }

    private mutating func parsePrimary() throws -> Expression {
        let place = span
        switch current {
        case .integer(let value): return take(.integer(value), place)
        case .double(let value): return take(.double(value), place)
        case .raw(let text): return take(.text([.literal(text, place)]), place)
        case .keyword(.true): return take(.bool(true), place)
        case .keyword(.false): return take(.bool(false), place)
        case .keyword(.null): return take(.null, place)
        case .field(let name): return take(.field(name), place)
        case .row: return take(.row, place)
        case .textStart: return try parseText()
        case .hole:
            advance()
            guard current == .callOpen else { return Expression(.hole, place) }
            let (_, end) = try parseActuals()
            return Expression(.hole, place.joined(with: end))
        case .name(let name): return try parseNameOrCall(name)
        case .open(.parenthesis):
            advance()
            let (inner, end) = try parseInside(.parenthesis, openedAt: place, otherwise: placeholder) {
                try $0.parsePipeline()
            }
            return Expression(inner.kind, place.joined(with: end))
        case .open(.square): return try parseList()
        case .open(.brace): return try parseRecord()
        default: throw valueExpected()
        }
    }

    private mutating func take(_ kind: Expression.Kind, _ place: Span) -> Expression {
        advance()
        return Expression(kind, place)
    }

    private mutating func parseNameOrCall(_ name: String) throws -> Expression {
        let place = span
        if name == "lambda", peek.startsLambda { throw lambda() }
        advance()
        guard current == .callOpen else { return Expression(.name(name), place) }
        let (arguments, end) = try parseActuals(of: name)
        let whole = place.joined(with: end)
        return Expression(
            .call(Call(name: name, nameSpan: place, arguments: arguments, span: whole, hasParentheses: true)), whole)
    }

    private mutating func parseList() throws -> Expression {
        let opening = span
        advance()
        var elements: [Expression] = []
        let end = try parseParts(.square, openedAt: opening) { elements.append(try $0.parseExpression()) }
        return Expression(.list(elements), opening.joined(with: end))
    }

    private mutating func parseRecord() throws -> Expression {
        let opening = span
        advance()
        var entries: [RecordEntry] = []
        var names: Set<String> = []
        let end = try parseParts(.brace, openedAt: opening) { parser in
            let entry = try parser.parseEntry()
            if !names.insert(entry.name).inserted {
                parser.note(
                    .duplicateArgument, at: entry.nameSpan, "Expected each field once; `\(entry.name)` stands twice.",
                    hint: "remove one")
            }
            entries.append(entry)
        }
        return Expression(.record(entries), opening.joined(with: end))
    }

    private mutating func parseEntry() throws -> RecordEntry {
        let place = span
        switch current {
        case .label(let name):
            advance()
            return RecordEntry(name: name, nameSpan: place, value: try parseExpression())
        case .name(let name):
            if peek == .sign(.assign) {
                return RecordEntry(name: name, nameSpan: place, value: try assignedArgument(name))
            }
            advance()
            return RecordEntry(name: name, nameSpan: place, value: Expression(.name(name), place))
        case .field(let name):
            advance()
            return RecordEntry(name: name, nameSpan: place, value: Expression(.field(name), place))
        case .raw(let name):
            advance()
            return try parseNamedEntry(name, place)
        case .textStart:
            let text = try parseText()
            guard case .text(let parts) = text.kind else { throw valueExpected() }
            guard parts.count <= 1, case .literal(let name, _)? = parts.first ?? .literal("", text.span) else {
                note(.unexpectedToken, at: text.span, "Expected a field's name without `${…}`.")
                throw Abandon()
            }
            return try parseNamedEntry(name, text.span)
        default:
            throw fail(
                .unexpectedToken, "Expected a field such as `name: value`, found \(mention).", hint: "{name: value}")
        }
    }

    private mutating func parseNamedEntry(_ name: String, _ place: Span) throws -> RecordEntry {
        guard current == .sign(.colon) else {
            throw fail(.unexpectedToken, "Expected `:` after the field's name, found \(mention).")
        }
        advance()
        return RecordEntry(name: name, nameSpan: place, value: try parseExpression())
    }

    private mutating func parseText() throws -> Expression {
        let start = span
        advance()
        var parts: [TextPart] = []
        while true {
            let place = span
            switch current {
            case .text(let text):
                advance()
                parts.append(.literal(text, place))
            case .interpolationStart:
                advance()
                parts.append(.interpolation(try parseInterpolation()))
            case .textEnd:
                advance()
                return Expression(.text(parts), start.joined(with: place))
            default: throw fail(.unterminatedText, "Expected a closing `\"`, found \(mention).")
            }
        }
    }

    private mutating func parseInterpolation() throws -> Expression {
        partStart = index
        var inner = placeholder
        do {
            inner = try parsePipeline()
            guard current == .interpolationEnd else { throw misplaced() ?? interpolationEndExpected() }
        } catch {
            try resume(after: error) { _ in false }
            guard current == .interpolationEnd else { throw error }
        }
        advance()
        return inner
    }

    private mutating func combine(_ sign: BinaryOperator, _ left: Expression, _ right: Expression) throws -> Expression
    {
        try link()
        return Expression(.binary(sign, left, right), left.span.joined(with: right.span))
    }
}

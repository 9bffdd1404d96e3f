/// Statements and pipelines.
extension Parser {
    /// The statements, and whether the only mistake of the last one lay at the end of the text.
    mutating func parseStatements() -> ([Statement], Bool) {
        var statements: [Statement] = []
        var mistakeAtEnd = false
        while !hasEnough {
            while current == .separator { advance() }
            if current == .end { break }
            let known = diagnostics.count
            isBroken = false
            depth = 0
            links = 0
            partStart = index
            do {
                let statement = try parseStatement()
                try finishStatement()
                if !isBroken { statements.append(statement) }
            } catch {
                isBroken = true
            }
            if isBroken {
                let first = diagnostics.dropFirst(known).first?.place?.span.start
                mistakeAtEnd = current == .end && (first ?? 0) >= lastTokenEnd
                skipStatement()
            }
        }
        return (statements, mistakeAtEnd)
    }

    /// Where the last token before the end ends.
    private var lastTokenEnd: Int { tokens.count > 1 ? tokens[tokens.count - 2].span.end : 0 }

    /// Expects the end of the statement; behind what is too much, the stages that follow are read all the same.
    private mutating func finishStatement() throws {
        while current != .separator, current != .end {
            do {
                try unexpectedAfterStatement()
            } catch {
                try resume(after: error) { $0 == .sign(.pipe) }
                guard current == .sign(.pipe) else { throw error }
                _ = try parseStages(after: placeholder)
            }
        }
    }

    private mutating func parseStatement() throws -> Statement {
        let start = span
        switch current {
        case .keyword(.let), .keyword(.param): return .binding(try parseBinding(from: start))
        case .keyword(.fn): return .function(try parseFunction(from: start))
        case .keyword(let word) where word.isReserved: throw reserved(word)
        case .sign(.pipe) where words.allowsLeadingPipe:
            let head = Expression(.lastValue, Span(start.start..<start.start))
            return .expression(try parseStages(after: head))
        case .name(let name):
            try explainForeignStatement(name)
            return .expression(try parsePipeline())
        case .label(let name) where peek == .sign(.assign):
            try nameIsGivenValue(name, signs: 1)
            return .expression(try parsePipeline())
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
        let opening = span
        advance()
        var parameters: [FunctionParameter] = []
        _ = try parseParts(.parenthesis, openedAt: opening) { parser in
            let place = parser.span
            switch parser.current {
            case .name(let parameter):
                parser.advance()
                parameters.append(FunctionParameter(name: parameter, span: place, defaultValue: nil))
            case .label(let parameter):
                parser.advance()
                let value = try parser.parseExpression()
                parameters.append(FunctionParameter(name: parameter, span: place, defaultValue: value))
            default:
                throw parser.fail(
                    .unexpectedToken, "Expected a parameter's name, found \(parser.mention).",
                    hint: "fn \(name)(x, n: 5) = …")
            }
        }
        partStart = index
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
        guard current == .sign(.assign) else { throw assignExpected(after: name) }
        advance()
    }

    // MARK: Pipelines

    mutating func parsePipeline() throws -> Expression {
        try descend()
        defer { depth -= 1 }
        let head: Expression
        do {
            head = startsCommand ? try parseCommand() : try parseExpression()
        } catch {
            try resume(after: error) { $0 == .sign(.pipe) }
            guard current == .sign(.pipe) else { throw error }
            head = placeholder
        }
        return try parseStages(after: head)
    }

    mutating func parseStages(after head: Expression) throws -> Expression {
        var stages: [Call] = []
        while current == .sign(.pipe) {
            advance()
            partStart = index
            do {
                stages.append(try parseStage())
            } catch {
                try resume(after: error) { $0 == .sign(.pipe) }
            }
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
        if name == "lambda" { throw lambda() }
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
            let (arguments, end) = try parseActuals(of: name)
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

    /// The arguments of a call without parentheses: at least one. After a mistake in one it goes on behind its comma.
    private mutating func parseArguments() throws -> [Argument] {
        var arguments: [Argument] = []
        while true {
            do {
                arguments.append(try parseArgument(assignsName: !arguments.isEmpty))
            } catch {
                try resume(after: error) { $0 == .sign(.comma) || $0 == .sign(.pipe) }
                guard current == .sign(.comma) else { throw error }
            }
            guard current == .sign(.comma) else { return arguments }
            advance()
            partStart = index
        }
    }

    /// The arguments of a call in parentheses, with the place of the closing one.
    mutating func parseActuals(of name: String = "") throws -> ([Argument], Span) {
        let opening = span
        advance()
        var arguments: [Argument] = []
        let end = try parseParts(.parenthesis, openedAt: opening) { parser in
            arguments.append(try parser.parseArgument(assignsName: name != "where"))
        }
        return (arguments, end)
    }

    /// - Parameter assignsName: whether `name = value` was meant as `name: value`, not as a comparison.
    private mutating func parseArgument(assignsName: Bool) throws -> Argument {
        if case .label(let name) = current {
            let label = Argument.Label(name: name, span: span)
            advance()
            return Argument(label: label, value: try parseExpression())
        }
        if assignsName, case .name(let name) = current, peek == .sign(.assign) {
            return Argument(label: nil, value: try assignedArgument(name))
        }
        return Argument(label: nil, value: try parseExpression())
    }
}

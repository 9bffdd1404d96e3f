/// Statements: text, output and blocks.
extension Parser {
    mutating func parseTemplate() throws(PlacedFailure) -> [Statement] {
        let (statements, word) = try parseBody(until: [])
        if let word { throw failure("`\(word.name)` closes nothing", at: word.offset) }
        return statements
    }

    /// Statements up to a block whose word is one of those given. The word is taken; its arguments are not.
    private mutating func parseBody(until ends: [String]) throws(PlacedFailure) -> (
        [Statement], word: (name: String, offset: Int)?
    ) {
        blocks += 1
        defer { blocks -= 1 }
        guard blocks <= Self.deepestBlock else {
            throw failure("blocks are nested more than \(Self.deepestBlock) deep", kind: .limit)
        }
        var statements: [Statement] = []
        while true {
            let token = current
            switch token.kind {
            case .end: return (statements, nil)
            case .data(let units):
                advance()
                statements.append(Statement(kind: .data(TemplateText(units: units)), offset: token.offset))
            case .variableBegin:
                advance()
                let value = try parseTuple()
                guard current.kind == .variableEnd else { throw failure("expected `}}`, found \(current.name)") }
                advance()
                statements.append(Statement(kind: .output(value), offset: token.offset))
            case .blockBegin:
                advance()
                let offset = current.offset
                let word = try expectName("a block's name")
                if ends.contains(word) || Self.closingWords.contains(word) { return (statements, (word, offset)) }
                let kind = try parseBlock(word, at: offset)
                statements.append(Statement(kind: kind, offset: offset))
            default: throw failure("expected text or a tag, found \(token.name)")
            }
        }
    }

    private static let closingWords: Set<String> = [
        "elif", "else", "endif", "endfor", "endset", "endmacro", "endcall", "endfilter", "endwith", "endgeneration",
    ]

    /// A body and the word that closes it, which must be one of those given.
    private mutating func parseBody(of block: String, at offset: Int, until ends: [String]) throws(PlacedFailure)
        -> ([Statement], end: String)
    {
        let (body, word) = try parseBody(until: ends)
        guard let word else {
            throw failure("this `\(block)` is never closed with `{% \(ends[ends.count - 1]) %}`", at: offset)
        }
        guard ends.contains(word.name) else {
            throw failure("expected `\(ends[ends.count - 1])`, found `\(word.name)`", at: word.offset)
        }
        return (body, word.name)
    }

    /// A body up to its one closing word, with the end of that block.
    private mutating func parseWhole(_ block: String, at offset: Int) throws(PlacedFailure) -> [Statement] {
        let (body, _) = try parseBody(of: block, at: offset, until: ["end\(block)"])
        try expectBlockEnd()
        return body
    }

    private mutating func parseBlock(_ word: String, at offset: Int) throws(PlacedFailure) -> StatementKind {
        switch word {
        case "if": return try parseIf(at: offset)
        case "for": return try parseFor(at: offset)
        case "set": return try parseSet(at: offset)
        case "macro":
            let name = try expectName("the macro's name")
            let parameters = try parseParameters()
            try expectBlockEnd()
            // A macro's body is no part of the loop in which it is written.
            let outside = loops
            loops = 0
            defer { loops = outside }
            return .macro(MacroNode(name: name, parameters: parameters, body: try parseWhole(word, at: offset)))
        case "call":
            let parameters = isSign("(") ? try parseParameters() : []
            let call = try parseExpression()
            guard case .call = call.kind else { throw failure("expected a call of a macro", at: call.offset) }
            try expectBlockEnd()
            let body = try parseWhole(word, at: offset)
            return .callBlock(call, MacroNode(name: "caller", parameters: parameters, body: body))
        case "filter":
            var filters = try parseFilterName(try node(.captured, at: offset), at: current.offset)
            while isSign("|") { filters = try parseFilter(filters) }
            try expectBlockEnd()
            return .filterBlock(filters, body: try parseWhole(word, at: offset))
        case "with": return try parseWith(at: offset)
        case "generation":
            try expectBlockEnd()
            return .generation(try parseWhole(word, at: offset))
        case "break", "continue":
            guard loops > 0 else { throw failure("`\(word)` stands outside of a loop", at: offset) }
            try expectBlockEnd()
            return word == "break" ? .leaveLoop : .nextTurn
        default: throw failure("the block `\(word)` is not supported", at: offset, kind: .unsupported)
        }
    }

    private mutating func parseIf(at offset: Int) throws(PlacedFailure) -> StatementKind {
        var branches: [(condition: Node, body: [Statement])] = []
        while true {
            let condition = try parseTuple(conditional: false)
            try expectBlockEnd()
            let (body, end) = try parseBody(of: "if", at: offset, until: ["elif", "else", "endif"])
            branches.append((condition, body))
            switch end {
            case "elif": continue
            case "else":
                try expectBlockEnd()
                return .choice(branches, otherwise: try parseWhole("if", at: offset))
            default:
                try expectBlockEnd()
                return .choice(branches, otherwise: [])
            }
        }
    }

    private mutating func parseFor(at offset: Int) throws(PlacedFailure) -> StatementKind {
        let target = try parseTarget(allowsFields: false)
        guard takeName("in") else { throw failure("expected `in`, found \(current.name)") }
        let items = try parseTuple(conditional: false)
        let condition = takeName("if") ? try parseExpression() : nil
        if isName("recursive") { throw failure("`recursive` loops are not supported", kind: .unsupported) }
        try expectBlockEnd()
        loops += 1
        let (body, end) = try parseBody(of: "for", at: offset, until: ["else", "endfor"])
        loops -= 1
        try expectBlockEnd()
        let otherwise = end == "else" ? try parseWhole("for", at: offset) : []
        return .loop(LoopNode(target: target, items: items, condition: condition, body: body, otherwise: otherwise))
    }

    private mutating func parseSet(at offset: Int) throws(PlacedFailure) -> StatementKind {
        let target = try parseTarget(allowsFields: true)
        if take("=") {
            let value = try parseTuple()
            try expectBlockEnd()
            return .set(target, value)
        }
        var filters = try node(.captured, at: offset)
        while isSign("|") { filters = try parseFilter(filters) }
        try expectBlockEnd()
        return .setText(target, filters: filters, body: try parseWhole("set", at: offset))
    }

    private mutating func parseWith(at offset: Int) throws(PlacedFailure) -> StatementKind {
        var values: [(target: Target, value: Node)] = []
        while current.kind != .blockEnd {
            if !values.isEmpty { try expect(",") }
            let target = try parseTarget(allowsFields: false, single: true)
            try expect("=")
            values.append((target, try parseExpression()))
        }
        try expectBlockEnd()
        return .with(values, body: try parseWhole("with", at: offset))
    }

    private mutating func parseParameters() throws(PlacedFailure) -> [(name: String, fallback: Node?)] {
        try expect("(")
        var parameters: [(name: String, fallback: Node?)] = []
        while !isSign(")") {
            let name = try expectName("a parameter's name")
            parameters.append((name, take("=") ? try parseExpression() : nil))
            guard take(",") else { break }
        }
        try expect(")")
        return parameters
    }

    // MARK: Targets

    private mutating func parseTarget(allowsFields: Bool, single: Bool = false) throws(PlacedFailure) -> Target {
        let offset = current.offset
        let first = try parseOneTarget(allowsFields: allowsFields)
        guard !single, isSign(",") else { return first }
        var targets = [first]
        while take(",") {
            if case .name(let name) = current.kind, name != "in" {
                targets.append(try parseOneTarget(allowsFields: allowsFields))
            } else if isSign("(") {
                targets.append(try parseOneTarget(allowsFields: allowsFields))
            } else {
                break
            }
        }
        return .tuple(targets, offset: offset)
    }

    private mutating func parseOneTarget(allowsFields: Bool) throws(PlacedFailure) -> Target {
        let offset = current.offset
        if take("(") {
            blocks += 1
            defer { blocks -= 1 }
            guard blocks <= Self.deepestBlock else {
                throw failure("names are nested more than \(Self.deepestBlock) deep", kind: .limit)
            }
            let target = try parseTarget(allowsFields: allowsFields)
            try expect(")")
            return target
        }
        let name = try expectName("a name")
        guard !["true", "false", "none", "True", "False", "None", "loop"].contains(name) else {
            throw failure("`\(name)` cannot be set", at: offset)
        }
        if allowsFields, take(".") {
            return .field(namespace: name, try expectName("a field's name after `.`"), offset: offset)
        }
        return .name(name)
    }
}

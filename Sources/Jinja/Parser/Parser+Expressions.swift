/// Expressions, from the loosest operator to the tightest, in Jinja's order.
extension Parser {
    /// An expression, or several with commas between them, which make a tuple.
    mutating func parseTuple(conditional: Bool = true, endsAtIn: Bool = false) throws(PlacedFailure) -> Node {
        let offset = current.offset
        var items: [Node] = []
        var isTuple = false
        while true {
            if !items.isEmpty, isTupleEnd(endsAtIn) { break }
            items.append(conditional ? try parseExpression() : try parseOr())
            guard take(",") else { break }
            isTuple = true
        }
        guard isTuple else { return items[0] }
        return try node(.list(items, isTuple: true), items, at: offset)
    }

    private func isTupleEnd(_ endsAtIn: Bool) -> Bool {
        switch current.kind {
        case .variableEnd, .blockEnd, .end, .sign(")"): true
        case .name("in"): endsAtIn
        default: false
        }
    }

    /// An expression, with `a if b else c`.
    mutating func parseExpression() throws(PlacedFailure) -> Node {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.deepestExpression else {
            throw failure("expressions are nested more than \(Self.deepestExpression) deep", kind: .limit)
        }
        let offset = current.offset
        var value = try parseOr()
        while takeName("if") {
            let condition = try parseOr()
            let otherwise = takeName("else") ? try parseExpression() : nil
            let parts = [value, condition] + (otherwise.map { [$0] } ?? [])
            value = try node(.conditional(condition, then: value, otherwise: otherwise), parts, at: offset)
        }
        return value
    }

    mutating func parseOr() throws(PlacedFailure) -> Node {
        let offset = current.offset
        var left = try parseAnd()
        while takeName("or") {
            let right = try parseAnd()
            left = try node(.or(left, right), [left, right], at: offset)
        }
        return left
    }

    private mutating func parseAnd() throws(PlacedFailure) -> Node {
        let offset = current.offset
        var left = try parseNot()
        while takeName("and") {
            let right = try parseNot()
            left = try node(.and(left, right), [left, right], at: offset)
        }
        return left
    }

    private mutating func parseNot() throws(PlacedFailure) -> Node {
        let offset = current.offset
        var count = 0
        while takeName("not") { count += 1 }
        var value = try parseComparison()
        for _ in 0..<count { value = try node(.not(value), [value], at: offset) }
        return value
    }

    private mutating func parseComparison() throws(PlacedFailure) -> Node {
        let offset = current.offset
        let left = try parseSum()
        var others: [(relation: Relation, value: Node)] = []
        while let relation = takeRelation() { others.append((relation, try parseSum())) }
        guard !others.isEmpty else { return left }
        return try node(.comparison(left, others), [left] + others.map(\.value), at: offset)
    }

    private mutating func takeRelation() -> Relation? {
        switch current.kind {
        case .sign(let sign):
            guard let relation = Relation(rawValue: sign) else { return nil }
            advance()
            return relation
        case .name("in"):
            advance()
            return .isIn
        case .name("not") where next.kind == .name("in"):
            advance()
            advance()
            return .isNotIn
        default: return nil
        }
    }

    private mutating func parseSum() throws(PlacedFailure) -> Node {
        let offset = current.offset
        var left = try parseJoined()
        while let operation = takeArithmetic(["+", "-"]) {
            let right = try parseJoined()
            left = try node(.arithmetic(operation, left, right), [left, right], at: offset)
        }
        return left
    }

    private mutating func parseJoined() throws(PlacedFailure) -> Node {
        let offset = current.offset
        var parts = [try parseProduct()]
        while take("~") { parts.append(try parseProduct()) }
        return parts.count == 1 ? parts[0] : try node(.joined(parts), parts, at: offset)
    }

    private mutating func parseProduct() throws(PlacedFailure) -> Node {
        let offset = current.offset
        var left = try parsePower()
        while let operation = takeArithmetic(["*", "/", "//", "%"]) {
            let right = try parsePower()
            left = try node(.arithmetic(operation, left, right), [left, right], at: offset)
        }
        return left
    }

    private mutating func parsePower() throws(PlacedFailure) -> Node {
        let offset = current.offset
        var left = try parseUnary()
        while let operation = takeArithmetic(["**"]) {
            let right = try parseUnary()
            left = try node(.arithmetic(operation, left, right), [left, right], at: offset)
        }
        return left
    }

    private mutating func takeArithmetic(_ signs: [String]) -> Arithmetic? {
        guard case .sign(let sign) = current.kind, signs.contains(sign) else { return nil }
        advance()
        return Arithmetic(rawValue: sign)
    }

    private mutating func parseUnary(withFilters: Bool = true) throws(PlacedFailure) -> Node {
        let offset = current.offset
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.deepestExpression else {
            throw failure("expressions are nested more than \(Self.deepestExpression) deep", kind: .limit)
        }
        var value: Node
        if take("-") {
            let operand = try parseUnary(withFilters: false)
            value = try node(.negative(operand), [operand], at: offset)
        } else if take("+") {
            let operand = try parseUnary(withFilters: false)
            value = try node(.positive(operand), [operand], at: offset)
        } else {
            value = try parsePrimary()
        }
        value = try parsePostfix(value)
        return withFilters ? try parseFilters(value) : value
    }

    // MARK: What follows a value

    private mutating func parsePostfix(_ start: Node) throws(PlacedFailure) -> Node {
        var value = start
        while true {
            let offset = current.offset
            if take(".") {
                if case .integer(let index) = current.kind {
                    advance()
                    let place = try node(.integer(index), at: offset)
                    value = try node(.item(value, place), [value], at: offset)
                } else {
                    value = try node(.attribute(value, try expectName("a name after `.`")), [value], at: offset)
                }
            } else if take("[") {
                value = try parseSubscript(value, at: offset)
            } else if isSign("(") {
                let arguments = try parseArguments()
                value = try node(.call(value, arguments), [value] + arguments.nodes, at: offset)
            } else {
                return value
            }
        }
    }

    private mutating func parseSubscript(_ value: Node, at offset: Int) throws(PlacedFailure) -> Node {
        if isSign("]") { throw failure("expected an index between the brackets") }
        var parts: [Node?] = [nil]
        var colons = 0
        while !isSign("]") {
            if take(":") {
                colons += 1
                guard colons <= 2 else { throw failure("a slice has at most two `:`") }
                parts.append(nil)
            } else if parts[parts.count - 1] == nil {
                parts[parts.count - 1] = try parseExpression()
            } else if isSign(",") {
                throw failure("an index with several parts is not supported", kind: .unsupported)
            } else {
                throw failure("expected `]`, found \(current.name)")
            }
        }
        advance()
        if colons == 0, let index = parts[0] { return try node(.item(value, index), [value, index], at: offset) }
        let (to, step) = (parts.count > 1 ? parts[1] : nil, parts.count > 2 ? parts[2] : nil)
        return try node(
            .slice(value, from: parts[0], to: to, step: step), [value] + parts.compactMap { $0 }, at: offset)
    }

    /// The arguments of a call, from its `(` on.
    mutating func parseArguments() throws(PlacedFailure) -> Arguments {
        try expect("(")
        var arguments = Arguments()
        while !isSign(")") {
            if isSign("*") || isSign("**") {
                throw failure("arguments by `\(isSign("*") ? "*" : "**")` are not supported", kind: .unsupported)
            }
            if case .name(let name) = current.kind, next.kind == .sign("=") {
                advance()
                advance()
                arguments.named.append((name, try parseExpression()))
            } else {
                guard arguments.named.isEmpty else { throw failure("named arguments come last") }
                arguments.positional.append(try parseExpression())
            }
            guard take(",") else { break }
        }
        try expect(")")
        return arguments
    }

    private mutating func parseFilters(_ start: Node) throws(PlacedFailure) -> Node {
        var value = start
        while true {
            let offset = current.offset
            if isSign("|") {
                value = try parseFilter(value)
            } else if takeName("is") {
                value = try parseTest(value, at: offset)
            } else if isSign("(") {
                let arguments = try parseArguments()
                value = try node(.call(value, arguments), [value] + arguments.nodes, at: offset)
            } else {
                return value
            }
        }
    }

    /// One filter with its `|`.
    mutating func parseFilter(_ value: Node) throws(PlacedFailure) -> Node {
        let offset = next.offset
        try expect("|")
        return try parseFilterName(value, at: offset)
    }

    /// One filter from its name on.
    mutating func parseFilterName(_ value: Node, at offset: Int) throws(PlacedFailure) -> Node {
        let name = try expectName("a filter's name")
        guard Filters.table[name] != nil else {
            throw failure("the filter `\(name)` is not supported", at: offset, kind: .unsupported)
        }
        let arguments = isSign("(") ? try parseArguments() : Arguments()
        return try node(.filter(value, name, arguments), [value] + arguments.nodes, at: offset)
    }

    private mutating func parseTest(_ value: Node, at offset: Int) throws(PlacedFailure) -> Node {
        let isNegated = takeName("not")
        let place = current.offset
        let name = try expectName("a test's name")
        guard TestTable.rows[name] != nil else {
            throw failure("the test `\(name)` is not supported", at: place, kind: .unsupported)
        }
        var arguments = Arguments()
        if isSign("(") {
            arguments = try parseArguments()
        } else if startsTestArgument {
            let argument = try parsePostfix(try parsePrimary())
            arguments.positional = [argument]
        }
        let test = try node(.test(value, name, arguments), [value] + arguments.nodes, at: offset)
        return isNegated ? try node(.not(test), [test], at: offset) : test
    }

    private var startsTestArgument: Bool {
        switch current.kind {
        case .name(let name): !["else", "or", "and", "is", "if", "in", "not"].contains(name)
        case .text, .integer, .double, .sign("["), .sign("{"): true
        default: false
        }
    }

    // MARK: Values

    private mutating func parsePrimary() throws(PlacedFailure) -> Node {
        let token = current
        switch token.kind {
        case .name(let name):
            advance()
            switch name {
            case "true", "True": return try node(.bool(true), at: token.offset)
            case "false", "False": return try node(.bool(false), at: token.offset)
            case "none", "None": return try node(.none, at: token.offset)
            case "if", "else", "elif", "in", "is", "and", "or", "not", "for":
                throw failure("expected a value, found \(token.name)", at: token.offset)
            default: return try node(.name(name), at: token.offset)
            }
        case .text(var units):
            advance()
            // Texts that stand side by side are one.
            while case .text(let more) = current.kind {
                units += more
                advance()
            }
            return try node(.text(TemplateText(units: units)), at: token.offset)
        case .integer(let number):
            advance()
            return try node(.integer(number), at: token.offset)
        case .double(let number):
            advance()
            return try node(.double(number), at: token.offset)
        case .sign("("):
            advance()
            if take(")") { return try node(.list([], isTuple: true), at: token.offset) }
            let value = try parseTuple()
            try expect(")")
            return value
        case .sign("["): return try parseList()
        case .sign("{"): return try parseMapping()
        default: throw failure("expected a value, found \(token.name)")
        }
    }

    private mutating func parseList() throws(PlacedFailure) -> Node {
        let offset = current.offset
        try expect("[")
        var items: [Node] = []
        while !isSign("]") {
            items.append(try parseExpression())
            guard take(",") else { break }
        }
        try expect("]")
        return try node(.list(items, isTuple: false), items, at: offset)
    }

    private mutating func parseMapping() throws(PlacedFailure) -> Node {
        let offset = current.offset
        try expect("{")
        var entries: [(key: Node, value: Node)] = []
        while !isSign("}") {
            let key = try parseExpression()
            try expect(":")
            entries.append((key, try parseExpression()))
            guard take(",") else { break }
        }
        try expect("}")
        return try node(.mapping(entries), entries.flatMap { [$0.key, $0.value] }, at: offset)
    }
}

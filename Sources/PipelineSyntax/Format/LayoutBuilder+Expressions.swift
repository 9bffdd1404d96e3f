/// How each kind of expression is laid out.
extension LayoutBuilder {
    /// Lays out an expression that ends with a token.
    mutating func build(_ expression: Expression, to last: Int) {
        if isInParentheses(to: last) { return buildParentheses(expression, to: last) }
        switch expression.kind {
        case .null, .bool, .integer, .double, .field, .row, .name, .text, .hole: take(to: last)
        case .lastValue: break
        case .call(let call): buildCall(call)
        case .pipeline(let head, let stages): buildPipeline(head, stages, to: last)
        case .list(let elements): buildList(elements)
        case .record(let entries): buildRecord(entries)
        case .negate(let inner):
            take()
            build(inner, to: last)
        case .not(let inner):
            take()
            space()
            build(inner, to: last)
        case .binary(let sign, _, _): buildOperators(expression, sign)
        case .membership(let left, let right, let isNegated):
            build(left, to: end(of: left))
            words(isNegated ? 2 : 1)
            space()
            build(right, to: last)
        case .kindTest(let inner, _, let isNegated):
            build(inner, to: end(of: inner))
            words(isNegated ? 3 : 2)
        case .condition:
            add(.open)
            add(.indent)
            buildCondition(expression, to: last)
            add(.dedent)
            add(.close)
        case .member, .index: buildMembers(expression)
        }
    }

    private mutating func words(_ count: Int) {
        for _ in 0..<count {
            space()
            take()
        }
    }

    private mutating func buildParentheses(_ expression: Expression, to last: Int) {
        let hugs = tokens[cursor + 1].kind == .open(.parenthesis) && partners[cursor + 1] == last - 1
        bracketed(1, hugs: hugs) { builder, _ in builder.build(expression, to: last - 1) }
    }

    // MARK: Calls and pipelines

    private mutating func buildPipeline(_ head: Expression, _ stages: [Call], to last: Int) {
        add(.open)
        if hasLongText(from: cursor, to: last) { add(.breaksGroups) }
        if head.kind != .lastValue { build(head, to: end(of: head)) }
        add(.indent)
        for (index, stage) in stages.enumerated() {
            if index > 0 || head.kind != .lastValue { breakable(.line(flat: " ")) }
            take()
            space()
            buildStage(stage)
        }
        add(.dedent)
        add(.close)
    }

    private mutating func buildStage(_ stage: Call) {
        take()
        guard stage.hasParentheses else { return buildStageArguments(stage.arguments) }
        let close = partners[cursor]
        // A comment inside may stand where only the parentheses let a line be broken.
        if comments.areBetween(cursor, close) { return buildActuals(stage.arguments) }
        skip()
        buildStageArguments(stage.arguments)
        while cursor <= close { skip() }
    }

    private mutating func buildCall(_ call: Call) {
        take()
        if call.hasParentheses { buildActuals(call.arguments) } else { buildArguments(call.arguments) }
    }

    /// Arguments in parentheses.
    private mutating func buildActuals(_ arguments: [Argument]) {
        let hugs = arguments.count == 1 && arguments[0].label == nil && huggable(cursor + 1)
        bracketed(arguments.count, hugs: hugs) { builder, index in builder.build(arguments[index]) }
    }

    /// Whether the only element begins and ends with brackets or quotes of its own, so that it can be broken alone.
    private func huggable(_ first: Int) -> Bool {
        switch tokens[first].kind {
        case .open, .textStart:
            let next = partners[first] + 1
            return tokens[next].kind.isClose || tokens[next].kind == .sign(.comma) && tokens[next + 1].kind.isClose
        default: return false
        }
    }

    /// Arguments without parentheses at the head of a pipeline: indented from the second line on.
    private mutating func buildArguments(_ arguments: [Argument]) {
        add(.openArguments)
        for (index, argument) in arguments.enumerated() {
            if index > 0 { comma() }
            if hasPendingComments { add(.wrap) }
            if index > 0 { breakable(.fill(wraps: true)) } else { space() }
            build(argument)
        }
        add(.closeArguments)
    }

    /// A stage's arguments without parentheses: all below the verb.
    private mutating func buildStageArguments(_ arguments: [Argument]) {
        guard !arguments.isEmpty else { return }
        add(.indent)
        for (index, argument) in arguments.enumerated() {
            if index > 0 {
                comma()
                breakable(.fill(wraps: false))
            } else {
                space()
            }
            build(argument)
        }
        add(.dedent)
    }

    private mutating func build(_ argument: Argument) {
        if argument.label != nil {
            take()
            space()
        }
        build(argument.value, to: end(of: argument.value))
    }

    // MARK: Lists and records

    private mutating func buildList(_ elements: [Expression]) {
        let isPlain = elements.allSatisfy { element in
            switch element.kind {
            case .null, .bool, .integer, .double, .field, .name, .negate: true
            default: false
            }
        }
        let hugs = elements.count == 1 && huggable(cursor + 1)
        bracketed(elements.count, fills: isPlain, hugs: hugs) { builder, index in
            builder.build(elements[index], to: builder.end(of: elements[index]))
        }
    }

    private mutating func buildRecord(_ entries: [RecordEntry]) {
        bracketed(entries.count) { builder, index in
            let last = builder.end(of: entries[index].value)
            switch builder.tokens[builder.cursor].kind {
            case .label:
                builder.take()
                builder.space()
            case .raw, .textStart:
                builder.take(to: builder.partners[builder.cursor])
                builder.take()
                builder.space()
            default: break
            }
            builder.build(entries[index].value, to: last)
        }
    }

    // MARK: Operators

    /// Operators of one rank in a row, as one group.
    private mutating func buildOperators(_ expression: Expression, _ sign: BinaryOperator) {
        var first = expression
        var rest: [Expression] = []
        while case .binary(let other, let left, let right) = first.kind, other.rank == sign.rank,
            rest.isEmpty || !isInParentheses(to: end(of: first))
        {
            rest.append(right)
            first = left
        }
        add(.open)
        build(first, to: end(of: first))
        add(.indent)
        for operand in rest.reversed() {
            buildOperator(before: operand, isTight: sign == .range && isTight(first) && isTight(operand))
            build(operand, to: end(of: operand))
        }
        add(.dedent)
        add(.close)
    }

    private mutating func buildOperator(before operand: Expression, isTight: Bool) {
        switch tokens[cursor].kind {
        // Only these may begin a line.
        case .keyword(.and), .keyword(.or), .sign(.coalesce):
            breakable(.line(flat: " "))
            take()
            space()
        case .sign(.range) where isTight: take()
        default:
            space()
            take()
            breakable(.line(flat: " "))
        }
    }

    /// Whether a range's end may stand right beside its dots.
    private func isTight(_ end: Expression) -> Bool {
        switch end.kind {
        case .integer, .double, .name: true
        case .negate(let inner): isTight(inner)
        case .call(let call): call.hasParentheses
        default: false
        }
    }

    private mutating func buildCondition(_ expression: Expression, to last: Int) {
        guard case .condition(let test, let yes, let no) = expression.kind else { return }
        take()
        space()
        build(test, to: end(of: test))
        add(.open)
        breakable(.line(flat: " "))
        take()
        space()
        build(yes, to: end(of: yes))
        add(.close)
        breakable(.line(flat: " "))
        take()
        space()
        if case .condition = no.kind, !isInParentheses(to: last) {
            buildCondition(no, to: last)
        } else {
            build(no, to: last)
        }
    }

    /// `a.b[1].c`, from the left.
    private mutating func buildMembers(_ expression: Expression) {
        var first = expression
        var indexes: [Expression?] = []
        walk: while indexes.isEmpty || !isInParentheses(to: end(of: first)) {
            switch first.kind {
            case .member(let inner, _, _):
                indexes.append(nil)
                first = inner
            case .index(let inner, let index):
                indexes.append(index)
                first = inner
            default: break walk
            }
        }
        build(first, to: end(of: first))
        for index in indexes.reversed() {
            guard let index else {
                take()
                continue
            }
            bracketed(1, hugs: true) { builder, _ in builder.build(index, to: builder.end(of: index)) }
        }
    }
}

extension BinaryOperator {
    /// Operators of one rank bind alike and stand in one row.
    fileprivate var rank: Int {
        switch self {
        case .or: 0
        case .and: 1
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: 2
        case .coalesce: 3
        case .range: 4
        case .add, .subtract: 5
        case .multiply, .divide, .remainder: 6
        }
    }
}

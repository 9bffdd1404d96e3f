extension Expression {
    /// The expressions directly inside this one, in the order of the text.
    public var children: [Expression] {
        switch kind {
        case .null, .bool, .integer, .double, .field, .row, .hole, .name, .lastValue: []
        case .text(let parts):
            parts.compactMap { if case .interpolation(let inner) = $0 { inner } else { nil } }
        case .call(let call): call.arguments.map(\.value)
        case .pipeline(let head, let stages): [head] + stages.flatMap { $0.arguments.map(\.value) }
        case .list(let elements): elements
        case .record(let entries): entries.map(\.value)
        case .negate(let inner), .not(let inner): [inner]
        case .binary(_, let left, let right): [left, right]
        case .membership(let left, let right, _): [left, right]
        case .kindTest(let inner, _, _): [inner]
        case .condition(let test, let yes, let no): [test, yes, no]
        case .member(let inner, _, _): [inner]
        case .index(let inner, let index): [inner, index]
        }
    }

    /// The calls made right here: of a call, or of a pipeline's stages.
    public var calls: [Call] {
        switch kind {
        case .call(let call): [call]
        case .pipeline(_, let stages): stages
        default: []
        }
    }

    /// Visits this expression and all inside it, outermost first.
    public func forEach(_ visit: (Expression) -> Void) {
        visit(self)
        for child in children { child.forEach(visit) }
    }

    /// All names that the expression mentions: of values, verbs and functions alike.
    public var mentionedNames: Set<String> {
        var names: Set<String> = []
        forEach { expression in
            if case .name(let name) = expression.kind { names.insert(name) }
            for call in expression.calls { names.insert(call.name) }
        }
        return names
    }
}

extension Statement {
    /// The name that the statement binds.
    public var boundName: String? {
        switch self {
        case .binding(let binding): binding.name
        case .function(let function): function.name
        case .expression: nil
        }
    }

    /// All names that the statement mentions, but for an `fn`'s own parameters.
    public var mentionedNames: Set<String> {
        switch self {
        case .binding(let binding): return binding.value.mentionedNames
        case .expression(let expression): return expression.mentionedNames
        case .function(let function):
            var names = function.body.mentionedNames
            for parameter in function.parameters { names.formUnion(parameter.defaultValue?.mentionedNames ?? []) }
            return names.subtracting(function.parameters.map(\.name))
        }
    }
}

extension Program {
    /// The names that the program binds at its top level, with the last place of each.
    public var boundNames: [String] {
        statements.compactMap(\.boundName)
    }

    /// The names that the program mentions before it binds them itself: what it may need from cells above.
    public var mentionedNames: Set<String> {
        var names: Set<String> = []
        var bound: Set<String> = []
        for statement in statements {
            names.formUnion(statement.mentionedNames.subtracting(bound))
            if let name = statement.boundName { bound.insert(name) }
        }
        return names
    }

    /// Every expression of the program, outermost first.
    public func forEachExpression(_ visit: (Expression) -> Void) {
        for statement in statements {
            switch statement {
            case .binding(let binding): binding.value.forEach(visit)
            case .function(let function):
                for parameter in function.parameters { parameter.defaultValue?.forEach(visit) }
                function.body.forEach(visit)
            case .expression(let expression): expression.forEach(visit)
            }
        }
    }
}

internal import OrderedCollections
public import PipelineSyntax
public import Tables

extension Checker {
    /// The type of a call's result; mistakes in its arguments are noted.
    mutating func check(
        _ call: Call, subject: Expression?, subjectType: StaticType?, _ scope: CheckScope
    ) -> StaticType {
        if case .function(let function)? = scope.names[call.name] {
            return check(call, of: function, subject: subject, scope)
        }
        if call.name == "___" {
            let examples = "where, derive, sort, take, group"
            report(.hole, call.nameSpan, "This is a hole; a verb fits, such as \(examples).", hint: "replace ___")
            return .any
        }
        guard let builtin = builtins[call.name] else {
            unknownVerb(call, scope)
            for argument in call.arguments { _ = check(argument.value, CheckScope(names: scope.names, row: .any)) }
            return .any
        }
        return check(call, of: builtin, subject: subject, subjectType: subjectType, scope)
    }

    private mutating func unknownVerb(_ call: Call, _ scope: CheckScope) {
        if let type = scope.names[call.name], type != .any {
            report(
                .nameIsNotCallable, call.nameSpan, "Expected a verb; `\(call.name)` is \(type.kindName).",
                hint: call.hasParentheses ? nil : "put `|` between the value and the verb")
            return
        }
        if scope.names[call.name] != nil { return }
        if let foreign = Self.foreignWords[call.name] {
            return report(.unknownVerb, call.nameSpan, "Expected a verb; there is no `\(call.name)`.", hint: foreign)
        }
        let functions = scope.names.filter { if case .function = $0.value { true } else { false } }.keys
        let close = Suggestion.closest(to: call.name, among: builtins.names.union(functions))
        let hint = close.map { "did you mean `\($0)`?" }
        report(.unknownVerb, call.nameSpan, "Expected a verb; there is no `\(call.name)`.", hint: hint)
    }

    /// Words that people bring from elsewhere, with what does the same here.
    private static let foreignWords: [String: String] = [
        "filter": "| where .column == value", "map": "| each … or | derive new: …", "mutate": "| derive new: …",
        "print": "a cell's last value is its output; | show 10 shows rows", "head": "| take 10", "limit": "| take 10",
        "count_rows": "len(rows)", "len_rows": "len(rows)", "order_by": "| sort .column", "orderby": "| sort .column",
        "arrange": "| sort .column", "groupby": "| group .column, n: count()",
        "group_by": "| group .column, n: count()",
        "summarize": "| group .column, n: count()", "read_csv": "load \"data/file.csv\"",
        "read_json": "load \"data/file.jsonl\"", "open": "load \"data/file.jsonl\"", "train": "| finetune student",
        "fit": "| finetune student", "predict": "| generate student", "evaluate": "| grade grader",
        "unique": "| distinct",
    ]

    private mutating func check(
        _ call: Call, of function: StaticType.FunctionType, subject: Expression?, _ scope: CheckScope
    ) -> StaticType {
        var given: Set<String> = []
        let positional = call.arguments.filter { $0.label == nil }.count + (subject == nil ? 0 : 1)
        for argument in call.arguments {
            _ = check(argument.value, scope)
            guard let label = argument.label else { continue }
            if !function.parameters.contains(label.name) {
                let known = function.parameters.joined(separator: ", ")
                report(
                    .unknownArgument, label.span,
                    "Expected a parameter of `\(call.name)`: \(known.isEmpty ? "it has none" : known).",
                    hint: Suggestion.closest(to: label.name, among: function.parameters).map {
                        "did you mean `\($0):`?"
                    })
            }
            given.insert(label.name)
        }
        if positional > function.parameters.count {
            report(
                .tooManyArguments, call.nameSpan,
                "Expected at most \(function.parameters.count) arguments for `\(call.name)`, found \(positional).",
                hint: "fn \(call.name)(\(function.parameters.joined(separator: ", ")))")
        } else if positional + given.count < function.required {
            report(
                .missingArgument, call.nameSpan,
                "Expected \(function.required) argument\(function.required == 1 ? "" : "s") for `\(call.name)`: "
                    + "\(function.parameters.joined(separator: ", ")).")
        }
        return function.result
    }

    private mutating func check(
        _ call: Call, of builtin: Builtin, subject: Expression?, subjectType: StaticType?, _ scope: CheckScope
    ) -> StaticType {
        var mistakes: [Diagnostic] = []
        let bound = BoundArguments(call, subject: subject, builtin: builtin, source: source) { mistakes.append($0) }
        diagnostics.append(contentsOf: mistakes)
        var inner = CheckScope(names: scope.names, row: scope.row, rowName: scope.rowName, group: scope.group)
        inner.allowsTemplates = builtin.takesTemplates || scope.allowsTemplates
        if builtin.isAggregate, let group = scope.group {
            inner.row = group
            inner.group = nil
        }
        var types: [String: [StaticType]] = [:]
        // The subject first: what it is says what the dot means in the others.
        // Inside `group` an aggregate's argument is evaluated for each row and gathered into a list.
        let isGrouped = builtin.isAggregate && scope.group != nil
        let element = isGrouped ? inner : elementScope(builtin, bound, subject, subjectType, inner, &types)
        for parameter in builtin.parameters {
            guard let expressions = bound.byParameter[parameter.name] else {
                if parameter.isRequired, !(builtin.isAggregate && scope.group != nil) {
                    missing(parameter, call, builtin)
                }
                continue
            }
            guard types[parameter.name] == nil else { continue }
            if isGrouped, parameter.isSubject {
                types[parameter.name] = expressions.map { .list(check($0, inner)) }
                continue
            }
            types[parameter.name] = expressions.map { check($0, as: parameter, of: builtin, inner, element) }
        }
        var inventions: Columns = [:]
        for (name, span, value) in bound.inventions {
            inventions[name] = check(invention: value, span, of: builtin, inner, element)
        }
        let checked = CheckedCall(
            call: call, source: source, types: types, expressions: bound.byParameter, inventions: inventions,
            inventionValues: bound.inventions, files: files)
        do throws(Diagnostic) {
            return try builtin.result(checked)
        } catch {
            diagnostics.append(error)
            return .any
        }
    }

    /// Checks the subject and answers the scope that row expressions of the call see.
    private mutating func elementScope(
        _ builtin: Builtin, _ bound: BoundArguments, _ subject: Expression?, _ subjectType: StaticType?,
        _ scope: CheckScope, _ types: inout [String: [StaticType]]
    ) -> CheckScope {
        var element = scope
        element.row = .any
        element.group = nil
        guard let parameter = builtin.parameters.first, parameter.isSubject,
            let expression = bound.byParameter[parameter.name]?.first
        else { return element }
        let type = subject == nil ? check(expression, scope) : subjectType ?? .any
        types[parameter.name] = [type]
        expect(parameter, type, expression, builtin)
        if type.splitNames != nil { return element }
        element.row = type.element
        if case .name(let name) = expression.kind {
            element.rowName = "`\(name)`"
        } else {
            element.rowName = "the rows"
        }
        return element
    }

    private mutating func check(
        _ expression: Expression, as parameter: Parameter, of builtin: Builtin, _ scope: CheckScope,
        _ element: CheckScope
    ) -> StaticType {
        if case .hole = expression.kind {
            let isOnRows = parameter.evaluation != .value
            let what = parameter.summary.isEmpty ? parameter.accepts.expectation : parameter.summary
            let list = isOnRows ? columnList(element) : ""
            report(
                .hole, expression.span,
                "This is a hole; for `\(parameter.name)` of `\(builtin.name)` fits: \(what)\(list.isEmpty ? "." : "; columns: \(list).")",
                hint: "replace ___, as in  \(builtin.example)")
            return .any
        }
        switch parameter.evaluation {
        case .row: return check(expression, element)
        case .column, .columns:
            guard case .field = expression.kind else {
                report(
                    .wrongType, expression.span, "Expected a column such as `.name` for `\(parameter.name)`.",
                    hint: builtin.example)
                return .any
            }
            return check(expression, element)
        case .value:
            let type = check(expression, scope)
            expect(parameter, type, expression, builtin)
            return type
        }
    }

    private mutating func check(
        invention value: Expression, _ span: Span, of builtin: Builtin, _ scope: CheckScope, _ element: CheckScope
    ) -> StaticType {
        switch builtin.inventions {
        case .aggregates:
            var grouped = scope
            grouped.group = element.row
            grouped.row = nil
            grouped.rowName = element.rowName
            return check(value, grouped)
        case .renames:
            if case .hole = value.kind {
                report(
                    .hole, value.span, "This is a hole; a column to rename fits: \(columnList(element)).",
                    hint: "replace ___, as in  \(builtin.example)")
                return .any
            }
            guard case .field = value.kind else {
                report(
                    .wrongType, value.span, "Expected a column to rename, such as `.question`.", hint: builtin.example)
                return .any
            }
            return check(value, element)
        case .columns, .none: return check(value, element)
        }
    }

    private mutating func missing(_ parameter: Parameter, _ call: Call, _ builtin: Builtin) {
        let what =
            parameter.accepts.expectation == "a value"
            ? "`\(parameter.name)`" : "\(parameter.accepts.expectation) (`\(parameter.name)`)"
        if parameter.isSubject {
            report(
                .missingArgument, call.nameSpan, "Expected \(parameter.accepts.expectation) before `| \(call.name)`.",
                hint: builtin.example)
        } else {
            report(.missingArgument, call.nameSpan, "Expected \(what) for `\(call.name)`.", hint: builtin.example)
        }
    }

    private mutating func expect(
        _ parameter: Parameter, _ type: StaticType, _ expression: Expression, _ builtin: Builtin
    ) {
        let label = parameter.place == .named ? "\(parameter.name): " : ""
        if let value = expression.literalValue {
            guard !parameter.accepts.admitsValue(value), !(value.isNull && builtin.isFunction) else { return }
            let kindIsRight = parameter.accepts.admitsKind(value)
            report(
                kindIsRight ? .outOfRange : .wrongType, expression.span,
                "Expected \(parameter.accepts.expectation), found \(kindIsRight ? source.text(of: expression.span) : Self.shortKind(value)).",
                hint: Self.mended(value, parameter).map { "\(label)\($0)" } ?? builtin.example)
            return
        }
        guard !parameter.accepts.admitsType(type) else { return }
        if let parts = type.splitNames, parameter.accepts.admitsType(.rows(nil)) {
            let part = parts.contains("test") ? "test" : parts.first ?? "test"
            let rest = parameter.isSubject ? " | \(builtin.name)" : ""
            let code = source.text(of: expression.span)
            report(
                .splitInsteadOfRows, expression.span, "Expected rows; this is \(type.kindName).",
                hint: splitHint(expression, part, builtin) ?? "\(code).\(part)\(rest)")
            return
        }
        report(
            .wrongType, expression.span, "Expected \(parameter.accepts.expectation), found \(type.kindName).",
            hint: builtin.example)
    }

    /// The statement again with the part put in: `questions.test | generate student`.
    private func splitHint(_ expression: Expression, _ part: String, _ builtin: Builtin) -> String? {
        guard case .name = expression.kind else { return nil }
        let line = source.line(at: expression.span.start)
        let position = source.position(of: expression.span.start)
        let name = source.text(of: expression.span)
        let before = line.prefix(position.column - 1)
        let after = line.dropFirst(position.column - 1 + name.count)
        return "\(before)\(name).\(part)\(after)"
    }

    private static func shortKind(_ value: Value) -> String {
        switch value {
        case .number: "a number"
        default: value.kindName
        }
    }

    /// A literal that was meant, where that is plain: `"3"` for a number.
    private static func mended(_ value: Value, _ parameter: Parameter) -> String? {
        switch value {
        case .string(let text):
            if let whole = Int64(text), parameter.accepts.admitsValue(.number(.integer(whole))) { return text }
            if let number = Double(text), parameter.accepts.admitsValue(.double(number)) { return text }
            return nil
        case .number(let number):
            let text = number.description
            return parameter.accepts.admitsValue(.string(text)) ? "\"\(text)\"" : nil
        default: return nil
        }
    }
}

extension Expression {
    /// The value, where this is a plain literal.
    public var literalValue: Value? {
        switch kind {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .number(.integer(value))
        case .double(let value): .number(.double(value))
        case .text: literalText.map { .string($0) }
        case .negate(let inner):
            switch inner.literalValue {
            case .number(.integer(let value)): .number(.integer(-value))
            case .number(.double(let value)): .number(.double(-value))
            default: nil
            }
        default: nil
        }
    }
}

internal import OrderedCollections
internal import PipelineSyntax

extension Checker {
    /// The type of a call's result; mistakes in its arguments are noted.
    mutating func check(
        _ call: Call, subject: Expression?, subjectType: StaticType?, _ scope: CheckScope
    ) -> StaticType {
        if case .function(let function)? = scope.names[call.name] {
            return check(call, of: function, subject: subject, subjectType: subjectType, scope)
        }
        if call.name == "___" {
            let examples = "where, derive, sort, take, group"
            report(.hole, call.nameSpan, "This is a hole; a verb fits, such as \(examples).", hint: "replace ___")
            return .any
        }
        if let builtin = builtins[call.name] {
            return check(call, of: builtin, subject: subject, subjectType: subjectType, scope)
        }
        return checkUnknown(call, subject: subject, subjectType: subjectType, scope)
    }

    // MARK: Calls of builtins

    private mutating func check(
        _ call: Call, of builtin: Builtin, subject: Expression?, subjectType: StaticType?, _ scope: CheckScope
    ) -> StaticType {
        let start = diagnostics.count
        var mistakes: [Diagnostic] = []
        let bound = BoundArguments(call, subject: subject, builtin: builtin, source: source) { mistakes.append($0) }
        diagnostics.append(contentsOf: mistakes)
        var inner = scope
        inner.allowsTemplates = builtin.takesTemplates || scope.allowsTemplates
        // Inside `group` an aggregate's argument is evaluated for each row of the group and gathered into a list.
        let isGrouped = builtin.isAggregate && scope.group != nil
        if isGrouped {
            inner.row = scope.group
            inner.group = nil
        }
        var types: [String: [StaticType]] = [:]
        // The subject first: what it is says what the dot means in the others.
        let element = isGrouped ? inner : elementScope(builtin, bound, subject, subjectType, inner, &types)
        for parameter in builtin.parameters {
            guard let expressions = bound.byParameter[parameter.name] else {
                // One mistake a call: an argument that has no place was probably meant for the one that is missing.
                if parameter.isRequired, !isGrouped, diagnostics.count == start { missing(parameter, call, builtin) }
                continue
            }
            guard types[parameter.name] == nil else { continue }
            if isGrouped, parameter.isSubject {
                types[parameter.name] = expressions.map { .list(check($0, inner)) }
                continue
            }
            types[parameter.name] = expressions.map { check($0, as: parameter, of: builtin, inner, element) }
        }
        refuseSwapped(bound, types, builtin, call, subject: subject, since: start)
        var inventions: Columns = [:]
        var before = element
        for (name, span, value) in bound.inventions {
            let type = check(invention: name, value, span, of: builtin, inner, before)
            inventions[name] = type
            // A column of `derive` is there for the next ones of the same call.
            if case .columns = builtin.inventions, case .record(var columns?)? = before.row {
                columns[name] = type
                before.row = .record(columns)
            }
        }
        if !mistakes.isEmpty {
            // Arguments that have no place or a wrong name shift the others: what these seem to be says little.
            diagnostics.removeSubrange((start + mistakes.count)...)
        }
        let checked = CheckedCall(
            call: call, builtin: builtin, source: source, types: types, expressions: bound.byParameter,
            inventions: inventions,
            inventionValues: bound.inventions, files: files)
        do throws(Diagnostic) {
            return try builtin.result(checked)
        } catch {
            // What the verb says of a call whose arguments are wrong already would only repeat that.
            if diagnostics.count == start { diagnostics.append(error) }
            return .any
        }
    }

    /// Two arguments that would be right the other way round are one mistake.
    private mutating func refuseSwapped(
        _ bound: BoundArguments, _ types: [String: [StaticType]], _ builtin: Builtin, _ call: Call,
        subject: Expression?, since start: Int
    ) {
        let places = builtin.parameters.filter { $0.place == .positional && $0.evaluation == .value }.prefix(2)
        guard diagnostics.count > start, places.count == 2, let first = places.first, let second = places.last,
            let a = bound.byParameter[first.name]?.first, let b = bound.byParameter[second.name]?.first,
            let typeA = types[first.name]?.first, let typeB = types[second.name]?.first, typeA != .any, typeB != .any,
            !first.accepts.admitsType(typeA), !second.accepts.admitsType(typeB), first.accepts.admitsType(typeB),
            second.accepts.admitsType(typeA)
        else { return }
        diagnostics.removeSubrange(start...)
        let (codeA, codeB) = (source.text(of: a.span), source.text(of: b.span))
        let swapped =
            subject != nil
            ? "\(codeB) | \(call.name) \(codeA)"
            : call.hasParentheses ? "\(call.name)(\(codeB), \(codeA))" : "\(call.name) \(codeB), \(codeA)"
        report(
            .wrongType, a.span.joined(with: b.span),
            "Expected \(first.accepts.expectation) first, then \(second.accepts.expectation); they stand the other way round.",
            hint: swapped)
    }

    /// Checks the subject and answers the scope that row expressions of the call see.
    private mutating func elementScope(
        _ builtin: Builtin, _ bound: BoundArguments, _ subject: Expression?, _ subjectType: StaticType?,
        _ scope: CheckScope, _ types: inout [String: [StaticType]]
    ) -> CheckScope {
        var element = scope
        element.row = .any
        element.group = nil
        element.rowName = "the rows"
        element.rowVariable = nil
        if subject == nil { element.lost = [:] }
        guard let parameter = builtin.parameters.first, parameter.isSubject,
            let expression = bound.byParameter[parameter.name]?.first
        else { return element }
        let found = subject == nil ? check(expression, scope) : subjectType ?? .any
        let type = parameter.accepts.adapted(found)
        types[parameter.name] = [type]
        expect(parameter, found, expression, builtin)
        if type.splitNames != nil { return element }
        element.row = type.element
        if case .name(let name) = expression.kind {
            element.rowName = "`\(name)`"
            element.rowVariable = name
        }
        return element
    }

    private mutating func check(
        _ expression: Expression, as parameter: Parameter, of builtin: Builtin, _ scope: CheckScope,
        _ element: CheckScope
    ) -> StaticType {
        if case .hole = expression.kind {
            hole(expression, parameter, builtin, element)
            return .any
        }
        switch parameter.evaluation {
        case .row:
            if let column = quotedColumn(expression, element), parameter.accepts.expectation != "text" {
                columnMeant(expression, column)
                return .any
            }
            if parameter.place == .rest, expression.literalText != nil {
                report(
                    .wrongType, expression.span,
                    "Expected a column or an expression on the rows; this is the same for every row.",
                    hint: builtin.example)
                return .any
            }
            let start = diagnostics.count
            let type = check(expression, element)
            guard diagnostics.count == start else { return type }
            if parameter.accepts.admitsType(type) || type == .null {
                if parameter.accepts.expectation == Acceptance.bool.expectation { warnOfConstant(expression, element) }
                return type
            }
            if parameter.accepts.admitsType(.bool) {
                expectCondition(type, expression)
            } else {
                report(
                    .wrongType, expression.span,
                    "Expected \(parameter.accepts.expectation), found \(type.kindName).", hint: builtin.example)
            }
            return .any
        case .measure, .measures:
            guard expression.isMeasure else {
                columnExpected(expression, parameter, builtin, element)
                return .any
            }
            return check(expression, element)
        case .column, .columns:
            guard case .field = expression.kind else {
                columnExpected(expression, parameter, builtin, element)
                return .any
            }
            return check(expression, element)
        case .value:
            if let told = checkWord(expression, parameter, builtin, scope) { return told }
            let start = diagnostics.count
            let type = check(expression, scope)
            if diagnostics.count == start { expect(parameter, type, expression, builtin) }
            return parameter.accepts.adapted(type)
        }
    }

    private mutating func hole(
        _ expression: Expression, _ parameter: Parameter, _ builtin: Builtin, _ element: CheckScope
    ) {
        let isOnRows = parameter.evaluation != .value
        let what = parameter.summary.isEmpty ? parameter.accepts.expectation : parameter.summary
        let list = isOnRows ? columnList(element) : ""
        report(
            .hole, expression.span,
            "This is a hole; for `\(parameter.name)` of `\(builtin.name)` fits: \(what)\(list.isEmpty ? "." : "; columns: \(list).")",
            hint: "replace ___, as in  \(builtin.example)")
    }

    private mutating func check(
        invention name: String, _ value: Expression, _ span: Span, of builtin: Builtin, _ scope: CheckScope,
        _ element: CheckScope
    ) -> StaticType {
        switch builtin.inventions {
        case .aggregates:
            var grouped = element
            grouped.group = element.row
            grouped.row = nil
            return check(value, grouped)
        case .renames: return check(rename: name, value, span, builtin, element)
        case .columns, .none: return check(value, element)
        }
    }

    private mutating func check(
        rename name: String, _ value: Expression, _ span: Span, _ builtin: Builtin, _ element: CheckScope
    ) -> StaticType {
        switch value.kind {
        case .hole:
            report(
                .hole, value.span, "This is a hole; a column to rename fits: \(columnList(element)).",
                hint: "replace ___, as in  \(builtin.example)")
            return .any
        case .field(let old):
            // `rename question: .prompt` where `.question` is what there is.
            if let columns = element.columns, columns[old] == nil, columns[name] != nil {
                let meant = "\(old): .\(Self.columnText(name))"
                report(
                    .unknownColumn, value.span,
                    "Expected the column's present name here; the new name goes before the colon.", hint: meant,
                    replacement: nil)
                diagnostics[diagnostics.count - 1].replacement = Diagnostic.Replacement(
                    place(span.joined(with: value.span)), meant)
                return .any
            }
            return check(value, element)
        default:
            if let column = nameOfColumn(value, element) {
                columnMeant(value, column)
            } else {
                report(
                    .wrongType, value.span, "Expected a column to rename, such as `.question`.", hint: builtin.example)
            }
            return .any
        }
    }

    private mutating func missing(_ parameter: Parameter, _ call: Call, _ builtin: Builtin) {
        let what =
            parameter.accepts.expectation == "a value"
            ? "`\(parameter.name)`" : "\(parameter.accepts.expectation) (`\(parameter.name)`)"
        if parameter.isSubject, !builtin.isFunction {
            report(
                .missingArgument, call.nameSpan, "Expected \(parameter.accepts.expectation) before `| \(call.name)`.",
                hint: builtin.example)
        } else {
            report(.missingArgument, call.nameSpan, "Expected \(what) for `\(call.name)`.", hint: builtin.example)
        }
    }

    // MARK: Verbs that are none

    private mutating func checkUnknown(
        _ call: Call, subject: Expression?, subjectType: StaticType?, _ scope: CheckScope
    ) -> StaticType {
        if let type = scope.names[call.name], type != .any {
            notCallable(call, type, isStage: subject != nil)
            return .any
        }
        // A parameter of an `fn` may hold one.
        if scope.names[call.name] != nil { return .any }
        let message = "Expected a verb; there is no `\(call.name)`."
        if call.name == functionName {
            report(
                .unknownVerb, call.nameSpan, "Expected a verb that is there already; an `fn` cannot call itself.",
                hint: "| each … works on every element")
            return .any
        }
        switch ForeignWords.verbs[call.name.lowercased()] {
        case .synonym(let verb)? where builtins[verb] != nil:
            let place = Span(call.nameSpan.end..<max(call.nameSpan.end, call.span.end))
            let rest = withDots(place, call.arguments.map(\.value), columns: subjectType?.element, scope)
            // An option of a shell's command, such as `-c`, does not come along.
            let isShort = rest.utf8.count <= 60 && !rest.contains("\n") && !rest.hasPrefix(" -")
            report(
                .unknownVerb, call.nameSpan, message,
                hint: "\(subject == nil ? "" : "| ")\(verb)\(isShort ? rest : " …")",
                replacement: verb)
            // The rest is checked when the verb is the right one; its result is known already.
            var silent = self
            return builtins[verb].map {
                silent.check(call, of: $0, subject: subject, subjectType: subjectType, scope)
            } ?? .any
        case .form(let form)?:
            let mended = filled(form, call, subject: subject, subjectType: subjectType, scope)
            report(.unknownVerb, call.nameSpan, message, hint: mended)
            if subject == nil, !mended.contains("…"), let last = diagnostics.indices.last {
                diagnostics[last].replacement = .init(self.place(call.span), mended)
            }
            return .any
        case .code(let code)?:
            report(.unknownVerb, call.nameSpan, message, hint: code)
            return .any
        default: break
        }
        let functions = scope.names.filter { if case .function = $0.value { true } else { false } }.keys
        let close = Suggestion.closest(to: call.name, among: builtins.names.union(functions))
        report(
            .unknownVerb, call.nameSpan, message, hint: close.map { "did you mean `\($0)`?" }, replacement: close)
        return .any
    }

    /// A part of the source with the dots that columns miss: `category == "x"` as `.category == "x"`.
    private func withDots(
        _ place: Span, _ arguments: [Expression], columns element: StaticType?, _ scope: CheckScope
    ) -> String {
        var row = scope
        row.row = element ?? scope.row
        row.rowVariable = nil
        var columns: [(span: Span, name: String)] = []
        for argument in arguments {
            if let name = nameOfColumn(argument, row), row.names[name] == nil { columns.append((argument.span, name)) }
            argument.forEach { part in
                guard case .name(let name) = part.kind, row.names[name] == nil, row.columns?[name] != nil,
                    part.span != argument.span
                else { return }
                columns.append((part.span, name))
            }
        }
        var code = ""
        var at = place.start
        for (span, name) in columns.sorted(by: { $0.span.start < $1.span.start }) where span.start >= at {
            code += source.text(of: Span(at..<span.start)) + ".\(Self.columnText(name))"
            at = span.end
        }
        return code + source.text(of: Span(at..<max(at, place.end)))
    }

    /// A form with the arguments of a call put in; `…` for those that are missing.
    private func filled(
        _ form: String, _ call: Call, subject: Expression?, subjectType: StaticType?, _ scope: CheckScope
    ) -> String {
        var codes = call.arguments.map { argument in
            withDots(argument.value.span, [argument.value], columns: subjectType?.element, scope)
        }
        if let subject { codes.insert(source.text(of: subject.span), at: 0) }
        var text = form.replacing("$*", with: codes.joined(separator: ", "))
        for place in 1...3 { text = text.replacing("$\(place)", with: place <= codes.count ? codes[place - 1] : "…") }
        return text
    }

    private mutating func notCallable(_ call: Call, _ type: StaticType, isStage: Bool) {
        let argument = call.arguments.first?.value
        let hint: String?
        if isStage, type.domainTag != nil {
            // `rows | student`: the verb that takes such a value is missing.
            let verb = builtins.all.first {
                $0.parameters.first?.isSubject == true
                    && $0.parameters.contains {
                        $0.accepts.admitsType(type) && !$0.accepts.admitsType(.text) && !$0.isSubject
                    }
            }
            hint = verb.map { "| \($0.name) \(call.name)" }
        } else if call.hasParentheses, let argument, case .list(let element) = type, element != .any {
            hint = "\(call.name)[\(source.text(of: argument.span))]"
        } else {
            hint = call.hasParentheses ? nil : "put `|` between the value and the verb"
        }
        report(
            .nameIsNotCallable, call.nameSpan, "Expected a verb; `\(call.name)` is \(type.kindName).", hint: hint)
        label(origin: call.name)
    }
}

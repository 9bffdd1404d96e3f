internal import OrderedCollections
internal import PipelineSyntax

/// `fn`: what is wrong in every case is told where it is defined, the rest at the calls.
extension Checker {
    /// Checks a definition; nothing is known of its parameters but their defaults.
    mutating func check(_ function: FunctionDefinition, _ names: [String: StaticType]) -> StaticType {
        var scope = CheckScope(names: names)
        var seen: Set<String> = []
        for parameter in function.parameters {
            if !seen.insert(parameter.name).inserted {
                report(
                    .duplicateArgument, parameter.span,
                    "Expected each parameter once; `\(parameter.name)` stands twice.", hint: "rename one")
            }
            if let value = parameter.defaultValue { _ = check(value, CheckScope(names: names)) }
            scope.names[parameter.name] = .any
        }
        let start = diagnostics.count
        let outer = functionName
        functionName = function.name
        let result = check(function.body, scope)
        functionName = outer
        let mentioned = Statement.function(function).mentionedNames
        return .function(
            .init(
                parameters: function.parameters.map(\.name),
                required: function.parameters.count { $0.defaultValue == nil }, result: result,
                body: .init(
                    definition: function, source: source, names: names.filter { mentioned.contains($0.key) },
                    told: Set(diagnostics[start...].map { .init($0) }))))
    }

    /// Checks a call and, with what is known of its arguments, the body.
    mutating func check(
        _ call: Call, of function: StaticType.FunctionType, subject: Expression?, subjectType: StaticType?,
        _ scope: CheckScope
    ) -> StaticType {
        let start = diagnostics.count
        var given: [String: StaticType] = [:]
        var positional = subject == nil ? [] : [subjectType ?? .any]
        for argument in call.arguments {
            let type = check(argument.value, scope)
            guard let label = argument.label else {
                positional.append(type)
                continue
            }
            if !function.parameters.contains(label.name) { unknownParameter(label, of: function, call) }
            given[label.name] = type
        }
        for (name, type) in zip(function.parameters, positional) { given[name] = type }
        if positional.count > function.parameters.count {
            report(
                .tooManyArguments, call.nameSpan,
                "Expected at most \(function.parameters.count) arguments for `\(call.name)`, found \(positional.count).",
                hint: "fn \(call.name)(\(function.parameters.joined(separator: ", ")))")
            label(origin: call.name)
        } else if given.count < function.required, diagnostics.count == start {
            let missing = function.parameters.first { given[$0] == nil }
            report(
                .missingArgument, call.nameSpan,
                "Expected \(function.required) argument\(function.required == 1 ? "" : "s") for `\(call.name)`: "
                    + "\(function.parameters.joined(separator: ", ")).",
                hint: missing.map { "\(call.name)(…, \($0): …)" })
            label(origin: call.name)
        }
        guard diagnostics.count == start else { return function.result }
        return result(of: function, given, call)
    }

    private mutating func unknownParameter(
        _ label: Argument.Label, of function: StaticType.FunctionType, _ call: Call
    ) {
        let known = function.parameters.joined(separator: ", ")
        let close = Suggestion.closest(to: label.name, among: function.parameters)
        report(
            .unknownArgument, label.span,
            "Expected a parameter of `\(call.name)`: \(known.isEmpty ? "it has none" : known).",
            hint: close.map { "did you mean `\($0):`?" }, replacement: close.map { "\($0):" })
        self.label(origin: call.name)
    }

    /// The type that the body has for these arguments; mistakes that only these arguments make are noted.
    private mutating func result(
        of function: StaticType.FunctionType, _ given: [String: StaticType], _ call: Call
    ) -> StaticType {
        guard let body = function.body, callDepth < Self.maximumCallDepth, given.values.contains(where: { $0 != .any })
        else { return function.result }
        var inner = Checker(builtins: builtins, files: files, source: body.source)
        inner.callDepth = callDepth + 1
        var scope = CheckScope(names: body.names)
        for parameter in body.definition.parameters {
            scope.names[parameter.name] =
                given[parameter.name]
                ?? parameter.defaultValue.map { inner.check($0, CheckScope(names: body.names)) } ?? .any
        }
        let result = inner.check(body.definition.body, scope)
        // Warnings are about the definition; a call cannot make more of them.
        for mistake in inner.diagnostics where mistake.severity == .error && !body.told.contains(.init(mistake)) {
            diagnostics.append(mistake.labelled(place(call.nameSpan), "`\(call.name)` is called here."))
        }
        return result
    }
}

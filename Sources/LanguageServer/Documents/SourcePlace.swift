internal import PipelineRuntime
internal import PipelineSyntax

/// What stands at a place of a program.
struct SourcePlace {
    enum Kind {
        /// A name in front of arguments: of a verb, a function or an `fn`.
        case callee(String)
        case name(String)
        /// A name where it is bound; the statement gives its type.
        case declaration(String)
        /// A parameter where its `fn` declares it.
        case parameterDeclaration(String, of: String)
        /// The label of an argument.
        case label(String, of: String)
        /// A column; the code of the rows that it belongs to, where some verb brings them.
        case column(String, rows: String?)
        /// A member of the value that some code gives.
        case member(String, of: String, rows: String?)
        /// Text as the argument of a verb.
        case text(String, parameter: Parameter?)
    }

    let kind: Kind
    let span: Span
    /// The statement's place in the program; nil where it could not be read.
    let statement: Int?
}

extension SourcePlace {
    /// What stands at an offset, or right before it; nil where nothing is known of it.
    static func find(at offset: Int, in program: Program, builtins: BuiltinTable) -> SourcePlace? {
        let finder = SourcePlaceFinder(program: program, builtins: builtins)
        return finder.find(offset) ?? (offset > 0 ? finder.find(offset - 1) : nil)
    }
}

extension Statement {
    var span: Span {
        switch self {
        case .binding(let binding): binding.span
        case .function(let function): function.span
        case .expression(let expression): expression.span
        }
    }
}

/// Goes down the tree to the byte at an offset.
private struct SourcePlaceFinder {
    let program: Program
    let builtins: BuiltinTable

    func find(_ offset: Int) -> SourcePlace? {
        func has(_ span: Span) -> Bool { span.range.contains(offset) }
        guard let index = program.statements.firstIndex(where: { has($0.span) }) else { return token(at: offset) }
        func place(_ found: (SourcePlace.Kind, Span)?) -> SourcePlace? {
            found.map { SourcePlace(kind: $0.0, span: $0.1, statement: index) }
        }
        switch program.statements[index] {
        case .binding(let binding):
            if has(binding.nameSpan) { return place((.declaration(binding.name), binding.nameSpan)) }
            return place(find(offset, in: binding.value, rows: nil))
        case .function(let function):
            if has(function.nameSpan) { return place((.declaration(function.name), function.nameSpan)) }
            for parameter in function.parameters {
                if has(parameter.span) {
                    return place((.parameterDeclaration(parameter.name, of: function.name), parameter.span))
                }
                if let value = parameter.defaultValue, has(value.span) {
                    return place(find(offset, in: value, rows: nil))
                }
            }
            return place(find(offset, in: function.body, rows: nil))
        case .expression(let expression): return place(find(offset, in: expression, rows: nil))
        }
    }

    /// In a statement with mistakes there are only tokens.
    private func token(at offset: Int) -> SourcePlace? {
        let tokens = Lexer.tokens(of: program.source).tokens
        guard let token = tokens.first(where: { $0.span.range.contains(offset) }), case .name(let name) = token.kind
        else { return nil }
        return SourcePlace(
            kind: builtins[name] == nil ? .name(name) : .callee(name), span: token.span, statement: nil)
    }

    /// - Parameter rows: the code of the rows that a dot belongs to.
    private func find(_ offset: Int, in expression: Expression, rows: String?) -> (SourcePlace.Kind, Span)? {
        guard expression.span.range.contains(offset) else { return nil }
        switch expression.kind {
        case .name(let name): return (.name(name), expression.span)
        case .field(let name): return (.column(name, rows: rows), expression.span)
        case .member(let inner, let name, let span):
            if span.range.contains(offset) {
                return (.member(name, of: program.source.text(of: inner.span), rows: rows), span)
            }
            return find(offset, in: inner, rows: rows)
        case .call(let call): return find(offset, in: call, subject: nil, rows: rows)
        case .pipeline(let head, let stages):
            var subject = head.span
            for stage in stages {
                if stage.span.range.contains(offset) { return find(offset, in: stage, subject: subject, rows: rows) }
                subject = subject.joined(with: stage.span)
            }
            return find(offset, in: head, rows: rows)
        default:
            for child in expression.children {
                if let found = find(offset, in: child, rows: rows) { return found }
            }
            return nil
        }
    }

    private func find(
        _ offset: Int, in call: Call, subject: Span?, rows: String?
    ) -> (SourcePlace.Kind, Span)? {
        if call.nameSpan.range.contains(offset) { return (.callee(call.name), call.nameSpan) }
        let builtin = builtins[call.name]
        var positional = builtin?.parameters.filter { $0.place != .named } ?? []
        var subject = subject
        if subject != nil, !positional.isEmpty {
            positional.removeFirst()
        } else if subject == nil, builtin?.parameters.first?.isSubject == true {
            subject = call.arguments.first { $0.label == nil }?.value.span
        }
        for argument in call.arguments {
            if let label = argument.label, label.span.range.contains(offset) {
                return (.label(label.name, of: call.name), label.span)
            }
            let parameter: Parameter?
            if let label = argument.label {
                parameter = builtin?.parameters.first { $0.name == label.name }
            } else {
                parameter = positional.first
                if positional.count > 1 || parameter?.place == .positional {
                    positional = Array(positional.dropFirst())
                }
            }
            guard argument.value.span.range.contains(offset) else { continue }
            if case .text(let parts) = argument.value.kind, parts.count == 1, case .literal(let text, _)? = parts.first
            {
                return (.text(text, parameter: parameter), argument.value.span)
            }
            let isInvented = argument.label != nil && parameter == nil && builtin.map { $0.inventions != .none } == true
            let ownsDot = isInvented || (parameter.map { $0.evaluation != .value } ?? false)
            let brought = subject.map { program.source.text(of: $0) }
            return find(offset, in: argument.value, rows: ownsDot ? brought : rows)
        }
        return nil
    }
}

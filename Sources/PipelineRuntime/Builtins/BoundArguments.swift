internal import PipelineSyntax

/// The arguments of a call sorted to the parameters of a builtin: the one place that knows how that is done.
struct BoundArguments {
    /// By parameter name; several for a `rest` parameter.
    var byParameter: [String: [Expression]] = [:]
    /// Named arguments that are new columns.
    var inventions: [(name: String, span: Span, value: Expression)] = []

    /// Sorts the arguments.
    /// - Parameters:
    ///   - subject: what stands to the left of `|`, the first argument.
    ///   - report: called for each mistake.
    init(
        _ call: Call, subject: Expression?, builtin: Builtin, source: SourceText, report: (Diagnostic) -> Void
    ) {
        let positional = builtin.parameters.filter { $0.place != .named }
        var next = 0
        var values = call.arguments.filter { $0.label == nil }.map(\.value)
        if let subject { values.insert(subject, at: 0) }
        for value in values {
            if next < positional.count {
                let parameter = positional[next]
                byParameter[parameter.name, default: []].append(value)
                if parameter.place == .positional { next += 1 }
            } else {
                let count = positional.count - (subject == nil ? 0 : 1)
                report(
                    Diagnostic(
                        .tooManyArguments, at: value.span, in: source,
                        "Expected \(count == 0 ? "no argument" : count == 1 ? "one argument" : "\(count) arguments") for "
                            + "`\(call.name)`; this one has no place.", hint: builtin.example))
                break
            }
        }
        for argument in call.arguments {
            guard let label = argument.label else { continue }
            if builtin.parameters.contains(where: { $0.name == label.name && !builtin.takesAsColumn($0) }) {
                if byParameter[label.name] != nil {
                    report(
                        Diagnostic(
                            .duplicateArgument, at: label.span, in: source,
                            "Expected `\(label.name)` once; it is given twice.", hint: "remove one"))
                } else {
                    byParameter[label.name] = [argument.value]
                }
            } else if case .none = builtin.inventions {
                report(Self.unknownArgument(label, builtin, source))
            } else {
                if inventions.contains(where: { $0.name == label.name }) {
                    report(
                        Diagnostic(
                            .duplicateArgument, at: label.span, in: source,
                            "Expected `\(label.name)` once; it is given twice.", hint: "remove one"))
                }
                inventions.append((label.name, label.span, argument.value))
            }
        }
        for parameter in builtin.parameters where parameter.evaluation == .columns || parameter.evaluation == .measures
        {
            byParameter[parameter.name] = byParameter[parameter.name]?.flatMap(Self.listed)
        }
    }

    /// The elements of a list literal, each an argument of its own; an empty list stays, to be told as a mistake.
    private static func listed(_ expression: Expression) -> [Expression] {
        if case .list(let elements) = expression.kind, !elements.isEmpty { elements } else { [expression] }
    }

    private static func unknownArgument(_ label: Argument.Label, _ builtin: Builtin, _ source: SourceText) -> Diagnostic
    {
        if let (message, hint) = builtin.refuses[label.name] {
            return Diagnostic(.unknownArgument, at: label.span, in: source, message, hint: hint)
        }
        let names = builtin.parameters.filter { !$0.isSubject && $0.place != .rest }.map(\.name)
        let foreign = ForeignWords.arguments[label.name].flatMap { names.contains($0) ? $0 : nil }
        let close = foreign ?? Suggestion.closest(to: label.name, among: names)
        let expected =
            names.isEmpty
            ? "Expected no named argument; `\(builtin.name)` takes none."
            : "Expected an argument of `\(builtin.name)`: \(names.sorted().joined(separator: ", "))."
        return Diagnostic(
            .unknownArgument, at: label.span, in: source, expected,
            hint: close.map { "did you mean `\($0):`?" } ?? builtin.example, replacement: close.map { "\($0):" })
    }
}

extension Builtin {
    /// Whether a named argument of the parameter's name is a new column all the same: `derive rows: 1`.
    fileprivate func takesAsColumn(_ parameter: Parameter) -> Bool {
        if case .none = inventions { return false }
        return parameter.place != .named
    }
}

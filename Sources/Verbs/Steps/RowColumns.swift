internal import PipelineRuntime
internal import PipelineSyntax

extension Expression {
    /// Whether the expression means the row at hand anywhere.
    var readsRow: Bool {
        var reads = false
        forEach { expression in
            switch expression.kind {
            case .field, .row: reads = true
            default: break
            }
        }
        return reads
    }

    /// Whether a bare dot takes the row as a whole.
    var readsWholeRow: Bool {
        var reads = false
        forEach { if case .row = $0.kind { reads = true } }
        return reads
    }

    /// Whether it looks at what a model answered, or may do so by taking the row as a whole.
    func readsAnswer(_ builtins: BuiltinTable) -> Bool {
        !columnsRead(builtins).isDisjoint(with: GeneratedColumns.all) || readsWholeRow
    }

    /// The columns of the row at hand that the expression names; the dots of verbs inside it mean other rows.
    func columnsRead(_ builtins: BuiltinTable) -> Set<String> {
        if case .field(let name) = kind { return [name] }
        var names: Set<String> = []
        for child in outerChildren(builtins) { names.formUnion(child.columnsRead(builtins)) }
        return names
    }

    /// The parts in which a dot means what it means here.
    private func outerChildren(_ builtins: BuiltinTable) -> [Expression] {
        func arguments(_ call: Call) -> [Expression] {
            let ownsDot = builtins[call.name]?.parameters.contains { $0.evaluation != .value } ?? false
            return ownsDot
                ? call.arguments.prefix(call.hasParentheses ? 1 : 0).map(\.value) : call.arguments.map(\.value)
        }
        switch kind {
        case .call(let call): return arguments(call)
        case .pipeline(let head, let stages):
            return [head]
                + stages.flatMap { stage in
                    builtins[stage.name]?.parameters.contains { $0.evaluation != .value } ?? false
                        ? [] : stage.arguments.map(\.value)
                }
        default: return children
        }
    }

    /// The columns whose null the expression provides for, with `??` or `is`.
    var columnsWithNullInMind: Set<String> {
        var names: Set<String> = []
        forEach { expression in
            switch expression.kind {
            case .binary(.coalesce, let left, _): if case .field(let name) = left.kind { names.insert(name) }
            case .kindTest(let inner, _, _): if case .field(let name) = inner.kind { names.insert(name) }
            default: break
            }
        }
        return names
    }
}

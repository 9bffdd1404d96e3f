internal import PipelineSyntax
internal import Tables

/// The groups that aggregates run over, inside `group`.
///
/// An aggregate is computed for all groups when the first of them asks for it: its argument once for all rows, in one
/// pass over them.
final class GroupScope {
    let rows: DataSet
    let groups: RowGroups
    /// The group at hand.
    var current = 0
    private var results: [Span: Column] = [:]
    private lazy var rowsOfGroups = groups.rows

    init(rows: DataSet, groups: RowGroups) {
        self.rows = rows
        self.groups = groups
    }

    /// The result of an aggregate for the group at hand.
    func value(of builtin: Builtin, _ call: Call, _ evaluator: Evaluator, _ frame: Frame) throws -> Value {
        if let known = results[call.span] { return known[current] }
        let column = try results(of: builtin, call, evaluator, frame)
        results[call.span] = column
        return column[current]
    }

    private func results(
        of builtin: Builtin, _ call: Call, _ evaluator: Evaluator, _ frame: Frame
    ) throws -> Column {
        var mistake: Diagnostic?
        let bound = BoundArguments(call, subject: nil, builtin: builtin, source: evaluator.context.source) {
            mistake = mistake ?? $0
        }
        if let mistake { throw mistake }
        var inner = frame
        inner.group = nil
        inner.row = nil
        var others: [String: [Value]] = [:]
        for parameter in builtin.parameters.dropFirst() {
            guard let expression = bound.byParameter[parameter.name]?.first else { continue }
            let value = try evaluator.evaluate(expression, inner)
            try evaluator.expect(parameter, value, expression, builtin)
            others[parameter.name] = [value]
        }
        let argument = builtin.parameters.first.flatMap { bound.byParameter[$0.name]?.first }
        // Without an argument an aggregate counts rows.
        let column =
            try argument.map { try RowFunction($0, evaluator, inner).column(over: rows) }
            ?? Column(.bool(true), count: rows.count)
        if others.isEmpty, let quick = builtin.groups?(column, groups) {
            let gaps = column.gaps
            evaluator.context.notes.tally(builtin.name, nulls: gaps.nulls, errors: gaps.errors)
            return quick
        }
        return Column(
            try rowsOfGroups.map { indices in
                var values = others
                if let first = builtin.parameters.first { values[first.name] = [.list(indices.map { column[$0] })] }
                do {
                    return try builtin.run(
                        Invocation(
                            call: call, builtin: builtin, context: evaluator.context, values: values, functions: [:],
                            expressions: bound.byParameter, inventions: []))
                } catch let error as RowError {
                    return .error(error)
                }
            })
    }
}

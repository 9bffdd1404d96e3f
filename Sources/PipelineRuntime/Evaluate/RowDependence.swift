internal import PipelineSyntax

/// Whether an expression says something of the row at hand, or the same for every row.
enum RowDependence {
    /// True where the dot may mean the row outside; an inner verb that works on rows of its own owns its dots.
    static func isFound(in expression: Expression, _ builtin: (String) -> Builtin?) -> Bool {
        switch expression.kind {
        case .field, .row, .hole, .lastValue: return true
        case .call(let call): return isFound(in: call, isStage: false, builtin)
        case .pipeline(let head, let stages):
            return isFound(in: head, builtin) || stages.contains { isFound(in: $0, isStage: true, builtin) }
        default: return expression.children.contains { isFound(in: $0, builtin) }
        }
    }

    /// - Parameter isStage: whether `|` brings the subject; otherwise it is the first argument.
    private static func isFound(in call: Call, isStage: Bool, _ builtin: (String) -> Builtin?) -> Bool {
        guard let verb = builtin(call.name) else {
            return call.arguments.contains { isFound(in: $0.value, builtin) }
        }
        let hasSubject = !isStage && verb.parameters.first?.isSubject == true
        let subject = hasSubject ? call.arguments.firstIndex { $0.label == nil } : nil
        return call.arguments.enumerated().contains { index, argument in
            // The dots of a verb on rows are its own, except in its subject and in what is computed before it begins.
            index != subject && isRowArgument(argument, verb) ? false : isFound(in: argument.value, builtin)
        }
    }

    /// Whether an argument is evaluated for each row of the verb; positional ones are told by not being plain values.
    private static func isRowArgument(_ argument: Argument, _ verb: Builtin) -> Bool {
        if let label = argument.label {
            guard let parameter = verb.parameters.first(where: { $0.name == label.name && $0.place == .named }) else {
                if case .none = verb.inventions { return false }
                return true
            }
            return parameter.evaluation != .value
        }
        return verb.parameters.contains { $0.place != .named && !$0.isSubject && $0.evaluation != .value }
            && !verb.parameters.contains { $0.place != .named && !$0.isSubject && $0.evaluation == .value }
    }
}

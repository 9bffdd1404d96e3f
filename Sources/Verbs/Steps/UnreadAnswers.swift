internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Answers in which a grader's rule finds nothing to grade: counted and told, since `==` makes a plain "wrong" of them.
enum UnreadAnswers {
    /// The functions that are null where an answer says nothing, and what such answers do.
    private static let readers = ["label": "name no label, or several", "last_number": "hold no number"]

    /// A sentence for each function in the rule that read nothing in some answers.
    static func notes(
        _ rule: RowClosure, _ rows: DataSet, _ context: EvaluationContext, name: String
    ) -> [String] {
        readings(in: rule.expression).compactMap { function, reading in
            let part = rule.part(reading)
            let graded = rows.indices.filter { rows.value($0, GeneratedColumns.output).rowError == nil }
            let unread = graded.count { (try? part(rows, $0, context))?.isNull == true }
            guard unread > 0, let what = readers[function] else { return nil }
            return "\(name): \(unread) of \(graded.count) answers \(what); `\(function)` is null there."
        }
    }

    private static func readings(in rule: Expression) -> [(function: String, reading: Expression)] {
        var found: [(function: String, reading: Expression)] = []
        rule.forEach { expression in
            switch expression.kind {
            case .call(let call) where readers[call.name] != nil: found.append((call.name, expression))
            case .pipeline(let head, let stages):
                for (place, stage) in stages.enumerated() where readers[stage.name] != nil {
                    let kind = Expression.Kind.pipeline(head, Array(stages[...place]))
                    found.append((stage.name, Expression(kind, expression.span)))
                }
            default: break
            }
        }
        return found
    }
}

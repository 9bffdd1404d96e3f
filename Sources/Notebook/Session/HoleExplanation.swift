internal import PipelineRuntime
internal import PipelineSyntax
internal import Rendering
internal import Tables
internal import Verbs

/// Adds to the message of a hole `___` three of the rows that it would work on: seeing them, a learner knows what to
/// write.
struct HoleExplanation {
    let program: Program
    let lab: Lab
    let builtins: BuiltinTable
    let bindings: Bindings
    let parameters: Bindings

    /// The diagnostic with a trace of rows, where the rows before the hole can be had without a model or a file
    /// being written.
    func extended(_ diagnostic: Diagnostic) -> Diagnostic {
        guard diagnostic.code == .hole, let place = diagnostic.place, let rows = rows(before: place.span) else {
            return diagnostic
        }
        var diagnostic = diagnostic
        let table = Value.domain(DataSet(rows: rows.rows.prefix(3).map { $0 }))
        diagnostic.trace.append("Three of the rows it works on:")
        diagnostic.trace += ValueText.render(table, style: TextStyle(width: 90)).split(separator: "\n").map(String.init)
        return diagnostic
    }

    private func rows(before hole: Span) -> DataSet? {
        var code: String?
        program.forEachExpression { expression in
            guard case .pipeline(let head, let stages) = expression.kind,
                let stage = stages.firstIndex(where: { $0.span.start <= hole.start && hole.end <= $0.span.end })
            else { return }
            // The innermost pipeline wins: it is visited last.
            let end = stage > 0 ? stages[stage - 1].span.end : head.span.end
            code = program.source.text(of: Span(head.span.start..<end))
        }
        guard let code else { return nil }
        let prefix = Parser.parse(SourceText(name: "hole", text: code), words: builtins.words())
        var isSafe = prefix.diagnostics.isEmpty
        prefix.program.forEachExpression { expression in
            if !isHarmless(expression) { isSafe = false }
        }
        guard isSafe else { return nil }
        let context = EvaluationContext(
            source: prefix.program.source, builtins: builtins, host: lab, notes: Notes())
        let result = try? Evaluator(context: context).run(
            prefix.program, bindings: bindings, parameters: parameters, lastValue: nil
        ) { _, _ in }
        return result?.value?.rows
    }

    /// Whether the expression's own calls ask no model and write no file. An `fn` is as harmless as its code; one that
    /// calls another is not looked into further.
    private func isHarmless(_ expression: Expression, followsFunctions: Bool = true) -> Bool {
        expression.calls.allSatisfy { call in
            if let function = bindings[call.name]?.domain(FunctionValue.self) {
                var isSafe = followsFunctions
                for code in function.definition.parameters.compactMap(\.defaultValue) + [function.definition.body] {
                    code.forEach { if !isHarmless($0, followsFunctions: false) { isSafe = false } }
                }
                return isSafe
            }
            guard let builtin = builtins[call.name] else { return false }
            // A grader that is a judge asks a model wherever it grades.
            let asksJudge = call.arguments.contains { argument in
                argument.value.mentionedNames.contains { bindings[$0].map(StandardLanguage.asksModel) ?? false }
            }
            return !asksJudge && !builtin.mayReachModel(call) && !builtin.parameters.contains { $0.file == .writes }
        }
    }
}

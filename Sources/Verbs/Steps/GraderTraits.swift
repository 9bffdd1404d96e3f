internal import Distillation
internal import PipelineRuntime

/// What a comparison must know of a grader.
extension Grader {
    /// Whether it looks at what a model answered. One that does not gives every model the same grade.
    func readsAnswer(_ builtins: BuiltinTable) -> Bool {
        switch kind {
        case .expression(let closure):
            !closure.expression.columnsRead(builtins).isDisjoint(with: GeneratedColumns.all)
        case .stringCheck(let check): check.input.readsSample || check.reference.readsSample
        }
    }

    /// The ends of its scale, where it has them.
    var range: ClosedRange<Double>? { nil }

    /// Why no verdict can rest on it; nil where it may.
    var distrust: String? { nil }
}

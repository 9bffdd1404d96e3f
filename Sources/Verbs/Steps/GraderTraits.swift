internal import Distillation

/// What a comparison must know of a grader.
extension Grader {
    /// The ends of its scale, where it has them.
    var range: ClosedRange<Double>? {
        if case .judge(let judge) = kind, case .score(let range) = judge.judge.form { range } else { nil }
    }

    /// Why no verdict can rest on it; nil where it may.
    var distrust: String? {
        guard let audit, !audit.passes else { return nil }
        let verdict = audit.verdict
        return verdict.hasSuffix(".") ? String(verdict.dropLast()) : verdict
    }
}

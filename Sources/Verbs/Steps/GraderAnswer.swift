internal import Distillation
internal import PipelineRuntime
internal import PipelineSyntax

/// Graders that never look at a model's answer: what they grade is the reference, and every model gets the same grade.
extension CheckedCall {
    /// Refuses templates that are all there and none of which reads the sample.
    func refuseTemplatesWithoutAnswer() throws(Diagnostic) {
        guard let kind = literalText("rule"), ["string_check", "text_similarity"].contains(kind) else { return }
        let given = ["input", "reference"].filter(has)
        // Templates with mistakes of their own are told of those.
        let templates = given.compactMap(literalText).compactMap { try? Template($0) }
        guard given.count == 2, templates.count == 2, !templates.contains(where: \.readsSample) else { return }
        throw mistake(
            .gradesNoAnswer, at: "input",
            "Expected a template that reads what the model answered; without one every model gets the same grade.",
            hint: "input: \"{{sample.output_text}}\"")
    }

    /// Refuses graders that are known to give every model the same grade.
    func refuseBlindGraders(in parameter: String) throws(Diagnostic) {
        for (name, type) in zip(plainNames(parameter), types(parameter)) {
            let graders: [StaticType] = if case .list(let element) = type { [element] } else { [type] }
            for case .domain(let grader) in graders where grader.isBlind {
                let (message, hint) = Grader.blindness(of: name)
                throw mistake(.gradesNoAnswer, at: parameter, message, hint: hint)
            }
        }
    }
}

extension Grader {
    /// What is said of a grader that reads no answer.
    static func blindness(of name: String?) -> (message: String, hint: String) {
        (
            "Expected a grader that reads what a model answered; \(name.map { "`\($0)`" } ?? "this one") gives every model the "
                + "same grade.", "grader .output == .answer"
        )
    }
}

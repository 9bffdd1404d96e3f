internal import PipelineRuntime
internal import PipelineSyntax

/// Graders that never look at a model's answer: what they grade is the reference, and every model gets the same grade.
extension CheckedCall {
    /// Refuses templates that are all there and none of which reads the sample.
    func refuseTemplatesWithoutAnswer() throws(Diagnostic) {
        let given = ["input", "reference"].filter(has)
        let texts = given.compactMap(literalText)
        guard has("input"), texts.count == given.count, !texts.contains(where: { $0.contains("{{sample") }),
            texts.contains(where: { $0.contains("{{item") }) || texts.count > 1
        else { return }
        throw mistake(
            .gradesNoAnswer, at: "input",
            "Expected a template that reads what the model answered; without one every model gets the same grade.",
            hint: "input: \"{{sample.output_text}}\"")
    }
}

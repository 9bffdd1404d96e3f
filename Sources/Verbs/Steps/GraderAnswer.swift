internal import PipelineRuntime
internal import PipelineSyntax

/// Graders that never look at a model's answer: what they grade is the reference, and every model gets the same grade.
extension CheckedCall {
    /// Refuses templates that are all there and none of which reads the sample.
    func refuseTemplatesWithoutAnswer() throws(Diagnostic) {
        guard let kind = literalText("rule"), ["string_check", "text_similarity"].contains(kind) else { return }
        let given = ["input", "reference"].filter(has)
        let texts = given.compactMap(literalText)
        guard given.count == 2, texts.count == 2, !texts.contains(where: { $0.contains("{{") && $0.contains("sample") })
        else { return }
        throw mistake(
            .gradesNoAnswer, at: "input",
            "Expected a template that reads what the model answered; without one every model gets the same grade.",
            hint: "input: \"{{sample.output_text}}\"")
    }
}

internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// A kind of grader that is named by its word, and what it takes: the table that checking and building read.
struct GraderForm {
    /// OpenAI's word, or `pairwise`, which is ours.
    let name: String
    let required: [String]
    let optional: [String]
    let example: String

    static let all = [
        GraderForm(
            name: "string_check", required: ["input", "reference"], optional: ["operation"],
            example: "grader \"string_check\", input: \"{{sample.output_text}}\", reference: \"{{item.answer}}\""),
        GraderForm(
            name: "text_similarity", required: ["input", "reference", "metric"], optional: ["pass_threshold"],
            example: "grader \"text_similarity\", metric: \"rouge_l\", input: \"{{sample.output_text}}\", "
                + "reference: \"{{item.answer}}\""),
        GraderForm(
            name: "score_model", required: ["model", "input"],
            optional: ["range", "pass_threshold", "sampling_params", "samples"],
            example: "grader \"score_model\", model: \"judge\", range: [1, 5], "
                + "input: \"Rate politeness: {{sample.output_text}}\""),
        GraderForm(
            name: "label_model", required: ["model", "input", "labels", "passing_labels"],
            optional: ["sampling_params", "samples"],
            example: "grader \"label_model\", model: \"judge\", labels: [\"polite\", \"rude\"], "
                + "passing_labels: [\"polite\"], input: \"Is this polite? {{sample.output_text}}\""),
        GraderForm(
            name: "multi", required: ["graders", "calculate_output"], optional: [],
            example: "grader \"multi\", graders: {polite, same}, calculate_output: \"0.5 * polite + same\""),
        GraderForm(
            name: "pairwise", required: ["model", "criteria"], optional: ["input", "sampling_params"],
            example: "grader \"pairwise\", model: \"judge\", criteria: \"more helpful\""),
    ]

    /// The options of OpenAI's JSON: what it says itself cannot be given.
    static let ofJSON = ["model", "samples"]

    static func named(_ name: String) -> GraderForm? { all.first { $0.name == name } }

    /// All options that some grader takes, besides its name.
    static let options = Set(all.flatMap { $0.required + $0.optional })

    /// What is said of OpenAI's grader of that kind.
    static let python = (
        message: "Expected a grader that is data; Python is not run here, an expression on rows takes its place.",
        hint: "grader .output_json.intent == .intent, or a number: grader similarity(.output, .answer)"
    )

    /// The mistake of a word that is no kind of grader.
    static func unknown(_ word: String) -> (message: String, hint: String) {
        if word == "python" { return python }
        let names = all.map(\.name)
        return (
            "Expected a rule on rows, or a grader's type: \(names.joined(separator: ", ")); there is no `\(word)`.",
            Suggestion.closest(to: word, among: names).map { "grader \"\($0)\"" } ?? "grader .output == .answer"
        )
    }
}

extension CheckedCall {
    /// Refuses a word that is no kind of grader, options that it lacks, and those that would do nothing.
    func checkGraderForm() throws(Diagnostic) {
        guard let rule = expression("rule") else { return }
        let given = GraderForm.options.filter(has).sorted()
        if rule.readsRow {
            guard let option = given.first else { return }
            throw mistake(
                .unknownArgument, at: option, "Expected no `\(option):` beside a rule on rows; it would do nothing.",
                hint: "grader \(source.text(of: rule.span))")
        }
        guard let word = literalText("rule") else { return }
        guard let form = GraderForm.named(word) else {
            let (message, hint) = GraderForm.unknown(word)
            throw mistake(.wrongType, at: "rule", message, hint: hint)
        }
        if let missing = form.required.first(where: { !has($0) }) {
            throw mistake(.missingArgument, "Expected `\(missing):` for a \(word) grader.", hint: form.example)
        }
        if let option = given.first(where: { !form.required.contains($0) && !form.optional.contains($0) }) {
            throw mistake(
                .unknownArgument, at: option,
                "Expected no `\(option):`; a \(word) grader takes "
                    + "\((form.required + form.optional).joined(separator: ", ")).", hint: form.example)
        }
    }
}

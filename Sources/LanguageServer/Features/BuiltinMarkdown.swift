internal import PipelineRuntime

/// A verb's row in the table as Markdown.
enum BuiltinMarkdown {
    /// Signature, sentence, parameters, example.
    static func text(_ builtin: Builtin) -> String {
        var parts = [code(builtin.signature), builtin.summary]
        let parameters = builtin.parameters.filter { !$0.summary.isEmpty }.map { "- " + line($0) }
        if !parameters.isEmpty { parts.append(parameters.joined(separator: "\n")) }
        parts += ["Example:", code(builtin.example)]
        return parts.joined(separator: "\n\n")
    }

    /// One parameter: its name, what it takes, its sentence.
    static func line(_ parameter: Parameter) -> String {
        let name = parameter.place == .named ? "\(parameter.name):" : parameter.name
        let kind =
            parameter.evaluation == .value && parameter.accepts.expectation != "a value"
            ? " (\(parameter.accepts.expectation))" : ""
        return "`\(name)`\(kind)\(parameter.summary.isEmpty ? "" : " – \(parameter.summary)")"
    }

    /// A block of code, fenced so that nothing in it ends it.
    static func code(_ text: String) -> String {
        var fence = "```"
        while text.contains(fence) { fence += "`" }
        return "\(fence)distnb\n\(text)\n\(fence)"
    }
}

public import PipelineRuntime

/// Help for a verb, from its row in the table.
public enum BuiltinHelp {
    /// How a call is written, what it does, its parameters and an example.
    public static func text(_ builtin: Builtin) -> String {
        var lines = ["\(builtin.signature)", "  \(builtin.summary)"]
        for parameter in builtin.parameters where !parameter.summary.isEmpty {
            let name = parameter.place == .named ? "\(parameter.name):" : parameter.name
            let kind =
                parameter.evaluation == .value && parameter.accepts.expectation != "a value"
                ? " (\(parameter.accepts.expectation))" : ""
            lines.append("  \(name)\(kind) – \(parameter.summary)")
        }
        lines.append("  Example: \(builtin.example)")
        return lines.joined(separator: "\n")
    }
}

internal import Rendering
public import Tables

/// What saved outputs say as plain text.
public enum OutputText {
    /// An output's text without a line break at the end; nil where it has none.
    public static func of(_ output: Value) -> String? {
        switch output[field: "output_type"].text {
        case "stream":
            guard var text = output[field: "text"].text else { return nil }
            while text.hasSuffix("\n") { text.removeLast() }
            return text
        // Tracebacks are coloured in the file, as Jupyter expects them.
        case "error":
            let lines = (output[field: "traceback"].list ?? []).compactMap(\.text)
            return TerminalText.withoutColours(lines.joined(separator: "\n"))
        // A chart beside a table stands apart from it.
        case "display_data": return output[field: "data"][field: "text/plain"].text.map { "\n" + $0 }
        default: return output[field: "data"][field: "text/plain"].text
        }
    }

    /// The texts of all outputs, one after another.
    public static func of(_ outputs: [Value]) -> String { outputs.compactMap(of).joined(separator: "\n") }
}

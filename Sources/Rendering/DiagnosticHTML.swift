public import PipelineSyntax

/// Diagnostics as HTML: a `<pre class="diagnostic error">` with a `<span>` for each part that a page may colour.
///
/// The classes are those of the parts: `error`, `warning` (the code), `place`, `code`, `caret`, `label` (carets of
/// further places), `message`, `trace`, `hint-word` and `hint`. What is shown is the plain text, escaped.
public enum DiagnosticHTML {
    /// One message.
    public static func render(_ diagnostic: Diagnostic) -> String {
        let lines = DiagnosticLayout(diagnostic, style: TextStyle()).lines.map { line in
            line.map { piece in
                let text = HTMLText.escape(piece.text)
                return piece.role == .blank ? text : "<span class=\"\(piece.role.rawValue)\">\(text)</span>"
            }.joined()
        }
        let severity = diagnostic.severity.rawValue
        return "<pre class=\"diagnostic \(severity)\">\(lines.joined(separator: "\n"))</pre>"
    }
}

public import PipelineSyntax

/// Diagnostics as text: code, place, the line with carets, what was expected, one hint; then further places.
public enum DiagnosticText {
    /// The whole message, without a line break at the end.
    public static func render(_ diagnostic: Diagnostic, style: TextStyle = TextStyle()) -> String {
        DiagnosticLayout(diagnostic, style: style).lines.map { line in
            line.map { piece in
                switch piece.role {
                case .error, .caret: style.paint(piece.text, .red)
                case .warning: style.paint(piece.text, .yellow)
                case .label, .hintWord: style.paint(piece.text, .cyan)
                case .place, .code, .message, .trace, .hint, .blank: piece.text
                }
            }.joined()
        }.joined(separator: "\n")
    }
}

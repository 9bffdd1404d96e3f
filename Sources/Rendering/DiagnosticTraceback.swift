public import PipelineSyntax

/// Diagnostics as Jupyter shows errors: a name, a value, and coloured lines (nbformat 4, output type `error`).
public struct DiagnosticTraceback: Sendable, Equatable {
    /// The first mistake's code.
    public let name: String
    /// The first mistake's message.
    public let value: String
    /// The rendered messages, a string a line, coloured by ANSI sequences as Jupyter expects them.
    public let lines: [String]

    public init(_ diagnostics: [Diagnostic], usesColour: Bool = true) {
        let style = TextStyle(usesColour: usesColour)
        name = diagnostics.first?.shownCode ?? DiagnosticCode.engine.rawValue
        value = diagnostics.first?.message ?? ""
        lines = diagnostics.flatMap { diagnostic in
            DiagnosticText.render(diagnostic, style: style)
                .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
    }
}

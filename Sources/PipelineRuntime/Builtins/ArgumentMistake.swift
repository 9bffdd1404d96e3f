public import PipelineSyntax

/// An argument that no row can make right, such as a regular expression that is none: a mistake of the program.
public struct ArgumentMistake: Error, Sendable {
    public let code: DiagnosticCode
    /// The name of the parameter.
    public let parameter: String
    /// A whole sentence: what was expected, what was found.
    public let message: String
    public let hint: String?

    public init(_ code: DiagnosticCode, at parameter: String, _ message: String, hint: String? = nil) {
        self.code = code
        self.parameter = parameter
        self.message = message
        self.hint = hint
    }
}

/// A mistake in a program, as data: what, where, what was expected, how to mend it.
///
/// The core throws and collects these; only `Rendering` turns them into text.
public struct Diagnostic: Error, Sendable, Hashable {
    /// Whether the program can run all the same.
    public enum Severity: String, Sendable, Hashable { case error, warning }

    public var code: DiagnosticCode
    public var severity: Severity

    /// Where it is; nil for mistakes that have no place in a program, such as a damaged notebook file.
    public var place: Place?

    /// Whole sentences: "Expected a verb; there is no `genrate`."
    public var message: String

    /// One way to mend it: code where code does.
    public var hint: String?

    /// Calls that led to the place, innermost first: "in `tidy`, called at cell 2, 3:10".
    public var trace: [String] = []

    /// A span in a source text.
    public struct Place: Sendable, Hashable {
        public var source: SourceText
        public var span: Span

        public init(source: SourceText, span: Span) {
            self.source = source
            self.span = span
        }
    }

    public init(
        _ code: DiagnosticCode, _ severity: Severity = .error, at span: Span, in source: SourceText, _ message: String,
        hint: String? = nil
    ) {
        self.code = code
        self.severity = severity
        place = Place(source: source, span: span)
        self.message = message
        self.hint = hint
    }

    /// A mistake without a place in a program.
    public init(_ code: DiagnosticCode, _ message: String, hint: String? = nil) {
        self.code = code
        severity = .error
        self.message = message
        self.hint = hint
    }
}

/// One or more mistakes thrown together.
public struct Diagnostics: Error, Sendable {
    public let list: [Diagnostic]

    public init(_ list: [Diagnostic]) { self.list = list }
}

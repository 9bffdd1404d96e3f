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

    /// Further places that have to do with it, perhaps in other cells: where a name was made.
    public var labels: [Label] = []

    /// A change of the text that mends exactly this mistake, where there is one; tools may apply it.
    public var replacement: Replacement?

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

    /// A secondary place, with a sentence that says what happened there: "`quiz` is made here."
    public struct Label: Sendable, Hashable {
        public var place: Place
        public var text: String

        public init(_ place: Place, _ text: String) {
            self.place = place
            self.text = text
        }
    }

    /// New text for a span; an empty span inserts.
    public struct Replacement: Sendable, Hashable {
        public var place: Place
        public var text: String

        public init(_ place: Place, _ text: String) {
            self.place = place
            self.text = text
        }

        /// The whole source text with the change made.
        public var changedText: String {
            let bytes = place.source.utf8
            let range = place.span.range.clamped(to: 0..<bytes.count)
            return String(
                decoding: bytes[..<range.lowerBound] + Array(text.utf8) + bytes[range.upperBound...], as: UTF8.self)
        }
    }

    /// - Parameter replacement: what mends it when it stands in the place of the span.
    public init(
        _ code: DiagnosticCode, _ severity: Severity = .error, at span: Span, in source: SourceText, _ message: String,
        hint: String? = nil, replacement: String? = nil
    ) {
        self.code = code
        self.severity = severity
        let place = Place(source: source, span: span)
        self.place = place
        self.message = message
        self.hint = hint
        self.replacement = replacement.map { Replacement(place, $0) }
    }

    /// A mistake without a place in a program.
    public init(_ code: DiagnosticCode, _ message: String, hint: String? = nil) {
        self.code = code
        severity = .error
        self.message = message
        self.hint = hint
    }

    /// What was expected, without what was found: "a verb"; nil for messages that do not begin with "Expected".
    public var expectation: String? {
        let opening = "Expected "
        guard message.hasPrefix(opening) else { return nil }
        let rest = message.dropFirst(opening.count)
        let ends = ["; ", ", found ", ": ", ". "].compactMap { rest.firstRange(of: $0)?.lowerBound }
        let expected = rest[..<(ends.min() ?? rest.endIndex)]
        return String(expected.hasSuffix(".") ? expected.dropLast() : expected)
    }

    /// The same with a further place.
    public func labelled(_ place: Place?, _ text: String) -> Diagnostic {
        guard let place else { return self }
        var copy = self
        copy.labels.append(Label(place, text))
        return copy
    }

    /// The code as messages show it: warnings have a `W` for the `E`.
    public var shownCode: String {
        severity == .warning ? "W" + code.rawValue.dropFirst() : code.rawValue
    }
}

/// One or more mistakes thrown together.
public struct Diagnostics: Error, Sendable {
    public let list: [Diagnostic]

    public init(_ list: [Diagnostic]) { self.list = list }
}

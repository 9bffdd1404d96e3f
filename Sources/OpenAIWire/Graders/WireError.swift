/// JSON that does not follow OpenAI's format.
public struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was expected, and found where that helps.
    public let expected: String
    /// How to mend it, where there is more to say.
    public let hint: String?

    public init(_ expected: String, hint: String? = nil) {
        self.expected = expected
        self.hint = hint
    }

    public var description: String { "Expected \(expected)." }

    /// The same mistake in a part of a larger whole.
    func inside(_ part: String) -> WireError { WireError("\(expected), in \(part)", hint: hint) }
}

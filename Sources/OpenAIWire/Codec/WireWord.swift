/// A word of the API, such as a role or a status. Words that are unknown here are kept: services add them without
/// notice.
public protocol WireWord: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible
where RawValue == String {
    /// Wraps a word, known or not.
    init(rawValue: String)
}

extension WireWord {
    public init(stringLiteral value: String) { self.init(rawValue: value) }

    public var description: String { rawValue }
}

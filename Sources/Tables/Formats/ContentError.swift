/// A data file whose content as a whole cannot be understood, at no one place in it.
public struct ContentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, to stand after the file's name: "the gzip file is cut off".
    public let description: String

    /// How to mend it.
    public let hint: String?

    public init(_ description: String, hint: String? = nil) {
        self.description = description
        self.hint = hint
    }
}

/// What is wrong with a template, or went wrong while it was rendered.
public struct JinjaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of trouble, for those who treat them differently.
    public enum Kind: Hashable, Sendable {
        /// The text is no Jinja.
        case syntax
        /// It is Jinja, but of a part that this engine leaves out.
        case unsupported
        /// A step that has no result, such as adding a number to a text.
        case failed
        /// The template itself refuses its input (`raise_exception`).
        case raised
        /// More work, depth or text than a template may take.
        case limit
    }

    public let kind: Kind
    /// Line in the template, from 1.
    public let line: Int
    /// Column in the template in characters, from 1.
    public let column: Int
    /// What is wrong, in one sentence; of `raised` the template's own words.
    public let message: String

    public var description: String {
        switch kind {
        case .raised: message
        default: "line \(line), column \(column): \(message)"
        }
    }
}

/// A failure whose place is not known yet; whoever evaluates the node adds it.
struct Failure: Error {
    var kind: JinjaError.Kind = .failed
    let message: String

    init(_ message: String, kind: JinjaError.Kind = .failed) {
        self.message = message
        self.kind = kind
    }
}

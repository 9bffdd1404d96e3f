/// What stands between tokens and means nothing to the parser: together with the tokens it covers every byte of a text.
public struct Trivia: Sendable, Hashable {
    public let kind: Kind
    public let span: Span

    public enum Kind: Sendable, Hashable {
        /// Blanks, tabs and carriage returns.
        case blank
        /// A line break that ends no statement.
        case lineBreak
        /// From `#` to the end of the line, without the line break.
        case comment
        /// The blanks and the line break right after the opening `"""`, which are not part of the text.
        case margin
        /// What cannot be read; a mistake says why.
        case unreadable
    }
}

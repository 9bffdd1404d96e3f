/// Writes programs in one style: what people agree on is how a program reads, so that no review is about blanks.
///
/// - A pipeline stands on one line where it fits 100 columns, else one stage a line behind two blanks and `|`.
/// - `| take(5)` becomes `| take 5`, `;` becomes a new line; blanks stand around operators and behind `,` and `:`.
/// - Long lists, records and calls are broken one element a line, arguments without parentheses where the line is full.
/// - Texts and numbers stay as they are written, and so does every comment, at its place.
/// - At most one blank line in a row is kept, and only between statements and before comments.
public enum ProgramFormatter {
    /// Lines longer than this are broken where they can be.
    public static let width = 100

    /// The program in the style, without a line break at its end; nil where it has mistakes of syntax, for what cannot
    /// be understood is not changed.
    ///
    /// Formatting twice is formatting once, and the result is the same program with the same comments.
    /// - Parameter allowsLeadingPipe: whether a leading `|` takes the last value, as in the REPL.
    public static func format(_ source: SourceText, allowsLeadingPipe: Bool = false) -> String? {
        let parsed = Parser.parse(source, words: Parser.Words(allowsLeadingPipe: allowsLeadingPipe))
        guard parsed.diagnostics.isEmpty else { return nil }
        let lexed = Lexer.tokens(of: source)
        var builder = LayoutBuilder(source, lexed)
        builder.build(parsed.program)
        let text = LayoutPrinter(builder.items, width: width).text
        return isSame(Lexer.tokens(of: SourceText(name: source.name, text: text)), text, lexed, source) ? text : nil
    }

    /// Whether a formatted text has the tokens and comments of its source: a net below the property tests.
    private static func isSame(
        _ formatted: Lexer.Result, _ text: String, _ lexed: Lexer.Result, _ source: SourceText
    ) -> Bool {
        let tokens = formatted.canonicalTokens
        let before = lexed.canonicalTokens
        guard formatted.diagnostics.isEmpty, tokens.count == before.count,
            zip(tokens, before).allSatisfy({ $0.kind == $1.kind })
        else { return false }
        return formatted.comments(in: SourceText(name: source.name, text: text)) == lexed.comments(in: source)
    }
}

extension Lexer.Result {
    /// The comments from `#` on, without the blanks behind them.
    func comments(in source: SourceText) -> [String] {
        trivia.filter { $0.kind == .comment }.map { source.text(of: $0.span).withoutBlanksAtEnd }
    }
}

extension String {
    /// The text without blanks, tabs and carriage returns behind it.
    var withoutBlanksAtEnd: String {
        var bytes = utf8[...]
        while let last = bytes.last, last == 0x20 || last == 0x09 || last == 0x0D { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

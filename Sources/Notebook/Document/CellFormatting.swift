public import PipelineSyntax

/// What formatting made of a code cell.
public struct CellFormatting: Sendable {
    /// The cell's number among code cells, from 1.
    public let number: Int
    public let before: String
    /// The same as `before` where nothing was to be done, or could be.
    public let after: String
    /// Mistakes of syntax: such a cell is left as it is.
    public let mistakes: [Diagnostic]
    /// Whether the cell is meant to fail.
    public let expectsFailure: Bool

    public var isChanged: Bool { before != after }

    /// Formats a program.
    /// - Parameter number: the cell that it is; messages say "cell 4".
    public init(_ source: String, number: Int, expectsFailure: Bool = false) {
        let text = SourceText(name: "cell \(number)", text: source)
        self.number = number
        self.expectsFailure = expectsFailure
        before = source
        if let formatted = ProgramFormatter.format(text) {
            after = formatted
            mistakes = []
        } else {
            after = source
            mistakes = Parser.parse(text).diagnostics
        }
    }
}

extension NotebookDocument {
    /// Formats code cells; outputs and state stay.
    /// - Parameter place: the only cell to format, among all; nil for every one.
    public mutating func format(only place: Int? = nil) -> [CellFormatting] {
        codeCells.enumerated().compactMap { offset, index in
            guard place == nil || place == index else { return nil }
            let cell = cells[index]
            let result = CellFormatting(cell.source, number: offset + 1, expectsFailure: cell.expectsFailure)
            guard result.isChanged else { return result }
            // A cell that stands as it was handed out stays one.
            if cell.handout == cell.source { cells[index].handout = result.after }
            cells[index].source = result.after
            return result
        }
    }
}

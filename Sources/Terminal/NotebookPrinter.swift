internal import Distillation
public import Notebook
internal import PipelineSyntax
internal import Rendering
internal import Verbs

/// Prints a notebook as it stands in its file: text, code, saved outputs, what is stale.
public struct NotebookPrinter {
    private let console: Console

    public init(console: Console) { self.console = console }

    /// Prints all cells, or the one at a place among all; what is longer than the terminal goes through the pager.
    public func print(_ session: NotebookSession, only place: Int? = nil) {
        let statuses = session.statuses().map(\.status)
        let style = console.style
        var lines: [String] = []
        var number = 0
        for (index, cell) in session.document.cells.enumerated() {
            if cell.kind == .code { number += 1 }
            guard place == nil || place == index else { continue }
            switch cell.kind {
            case .markdown, .raw: lines.append(TerminalText.safe(cell.source))
            case .code: lines += code(cell, number, statuses[number - 1], style)
            }
            lines.append("")
        }
        if place == nil {
            let stale = statuses.count { $0 != .current }
            lines.append(
                stale == 0
                    ? "All \(statuses.count) cells are current."
                    : "\(stale) of \(statuses.count) cells are not current.")
            if let tape = session.lab.kernel.tape { lines.append(tape.sentence) }
        }
        console.page(lines.joined(separator: "\n"))
    }

    private func code(_ cell: NotebookCell, _ number: Int, _ status: CellStatus, _ style: TextStyle) -> [String] {
        var lines: [String] = []
        let mark = "[\(number)] "
        let source = TerminalText.safe(cell.source).split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in source.enumerated() {
            let note = index == 0 && status != .current ? "   " + style.yellow("← \(status.label)") : ""
            lines.append((index == 0 ? style.dim(mark) : String(repeating: " ", count: mark.count)) + line + note)
        }
        let outputs = cell.outputs.compactMap { OutputText.of($0) }
        if !outputs.isEmpty { lines.append("") }
        for output in outputs {
            // What was saved by somebody else must not reach the terminal as it is; wider tables are cut, not folded.
            let shown = TerminalText.withoutColours(output).split(separator: "\n", omittingEmptySubsequences: false)
                .map { console.isTerminal ? TextWidth.cut(String($0), to: style.width) : String($0) }
            lines += status == .stale ? shown.map(style.dim) : shown
        }
        return lines
    }
}

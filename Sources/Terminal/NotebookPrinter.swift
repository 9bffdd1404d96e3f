public import Notebook
internal import OrderedCollections
internal import Rendering
internal import Tables

/// Prints a notebook as it stands in its file: text, code, saved outputs, what is stale.
public struct NotebookPrinter {
    private let console: Console

    public init(console: Console) { self.console = console }

    /// Prints all cells.
    public func print(_ session: NotebookSession) {
        let statuses = session.statuses()
        var number = 0
        for cell in session.document.cells {
            switch cell.kind {
            case .markdown, .raw:
                console.print(cell.source)
            case .code:
                let status = statuses[number].status
                number += 1
                for (index, line) in cell.source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                    let mark = "[\(number)] "
                    let note = index == 0 && status != .current ? "   ← \(status.label)" : ""
                    console.print((index == 0 ? mark : String(repeating: " ", count: mark.count)) + line + note)
                }
                let outputs = cell.outputs.compactMap { OutputText.of($0) }
                if !outputs.isEmpty { console.print("") }
                for output in outputs { console.print(output) }
            }
            console.print("")
        }
        let stale = statuses.filter { $0.status != .current }.count
        console.print(
            stale == 0
                ? "All \(statuses.count) cells are current." : "\(stale) of \(statuses.count) cells are not current.")
    }
}

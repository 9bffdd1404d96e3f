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
                let outputs = cell.outputs.compactMap(Self.text)
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

    /// An output's plain text.
    private static func text(_ output: Value) -> String? {
        switch output[field: "output_type"].text {
        case "stream":
            guard var text = output[field: "text"].text else { return nil }
            while text.hasSuffix("\n") { text.removeLast() }
            return text
        case "error": return (output[field: "traceback"].list ?? []).compactMap(\.text).joined(separator: "\n")
        // A chart beside a table stands apart from it.
        case "display_data": return output[field: "data"][field: "text/plain"].text.map { "\n" + $0 }
        default: return output[field: "data"][field: "text/plain"].text
        }
    }
}

public import Notebook
internal import Rendering

/// Prints what two notebooks have different.
public struct DifferencePrinter {
    private let console: Console
    /// More lines than these of one change are cut, with a notice.
    private static let limit = 40

    public init(console: Console) { self.console = console }

    public func print(_ difference: NotebookDifference) {
        if difference.changes.isEmpty { console.print("No difference.") }
        for change in difference.changes {
            switch change {
            case .added(let cell, let place):
                heading("+ \(name(cell, place)) is new")
                lines("", cell.source)
            case .removed(let cell, let place):
                heading("- \(name(cell, place)) is gone")
                lines(cell.source, "")
            case .moved(let cell, let from, let to):
                heading("~ \(name(cell, to)) stood elsewhere\(cell.kind == .code ? ", as cell \(from)" : "")")
            case .source(let cell, let place, let from):
                heading("~ \(name(cell, place)) has other text")
                lines(from, cell.source)
            case .outputs(let cell, let place, let from):
                heading("~ \(name(cell, place)) shows something else")
                lines(from, OutputText.of(cell.outputs))
            case .kernel(let from, let to): heading("~ the kernel is \(to), it was \(from)")
            case .parameters: heading("~ the parameters of the saved outputs are others")
            }
        }
    }

    /// The lines that differ, with a little around them.
    public func lines(_ old: String, _ new: String) {
        var left = Self.limit
        for line in LineDifference.between(old, new) {
            guard left > 0 else {
                console.print("    …")
                return
            }
            left -= 1
            let width = console.style.width - 6
            switch line {
            case .same(let text): console.print("    " + TextWidth.cut(text, to: width))
            case .removed(let text): console.print(console.style.red("  - " + TextWidth.cut(text, to: width)))
            case .added(let text): console.print(console.style.green("  + " + TextWidth.cut(text, to: width)))
            case .gap(let count): console.print("    … \(count) equal line\(count == 1 ? "" : "s")")
            }
        }
    }

    private func heading(_ text: String) { console.print(console.style.bold(text)) }

    private func name(_ cell: NotebookCell, _ place: Int) -> String {
        "\(cell.kind == .code ? "cell \(place)" : "\(cell.kind.rawValue) cell") (\(cell.id))"
    }
}

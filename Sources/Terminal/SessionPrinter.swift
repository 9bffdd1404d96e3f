public import Notebook
public import PipelineSyntax
internal import Rendering
public import Tables

/// Prints what a session does: outputs to stdout, mistakes to stderr.
public final class SessionPrinter: SessionObserver {
    private let console: Console
    private let progress: ProgressPrinter
    private let showsCells: Bool
    /// What a typed line gave, until it is saved.
    private var held: String?
    /// Whether each cell's time is told, however short.
    public var showsTimes = false

    /// - Parameter showsCells: whether each cell's code goes before its output; a REPL's user sees it already.
    public init(console: Console, progress: ProgressPrinter, showsCells: Bool) {
        self.console = console
        self.progress = progress
        self.showsCells = showsCells
    }

    /// The same, with each cell's code before its output: for cells that were not just typed.
    var showingCells: SessionPrinter { SessionPrinter(console: console, progress: progress, showsCells: true) }

    public func willRun(cells: Int, of total: Int, seconds: Double?) {
        let time = seconds.map { ", about \(ProgressText.duration($0))" } ?? ""
        console.printError("\(cells) of \(total) cells to run\(time).")
    }

    public func cellDidStart(number: Int, source: String) {
        progress.clear()
        guard showsCells else { return }
        console.print("")
        let lines = TerminalText.safe(source).split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            console.print((index == 0 ? "[\(number)] " : String(repeating: " ", count: "[\(number)] ".count)) + line)
        }
        console.print("")
    }

    public func cellDidLog(_ line: String) {
        progress.clear()
        console.print(TerminalText.safe(line))
    }

    public func cellDidShow(_ value: Value) {
        progress.clear()
        let text = ValueText.render(value, style: console.style)
        // A pager keeps the cell waiting: only for typed lines, and only when what they gave is saved.
        if showsCells { console.print(text) } else { held = text }
    }

    public func cellDidFail(_ diagnostics: [Diagnostic]) {
        progress.clear()
        for diagnostic in diagnostics { console.printError(DiagnosticText.render(diagnostic, style: console.style)) }
    }

    public func cellDidFinish(number: Int, seconds: Double) {
        progress.clear()
        if let held { console.page(held) }
        held = nil
        if showsTimes || showsCells && seconds >= 1 {
            console.printError("    cell \(number) took \(ProgressText.duration(seconds))")
        }
    }

    public func didFindMistakes(_ diagnostics: [Diagnostic]) {
        progress.clear()
        console.printError("Some cells have mistakes; those above them run all the same:")
        cellDidFail(diagnostics)
    }
}

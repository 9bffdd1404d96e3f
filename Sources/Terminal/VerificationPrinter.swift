public import Notebook
internal import Rendering

/// Prints what came of verifying a notebook.
public struct VerificationPrinter {
    private let console: Console

    public init(console: Console) { self.console = console }

    public func print(_ verification: Verification, file: String) {
        for cell in verification.cells {
            let mark = cell.verdict == .same ? "✓" : "✗"
            let time = cell.seconds.map { $0 >= 1 ? "  \(ProgressText.duration($0))" : "" } ?? ""
            let line = "\(mark) cell \(cell.number)  \(cell.verdict.rawValue)\(time)"
            console.print(cell.verdict == .same ? line : console.style.bold(line))
            if cell.verdict == .different || cell.verdict == .failed {
                DifferencePrinter(console: console).lines(cell.saved, cell.fresh)
            }
        }
        let same = verification.cells.count { $0.verdict == .same }
        console.print(
            verification.holds
                ? "All \(same) cells of \(file) say the same again."
                : "\(verification.cells.count - same) of \(verification.cells.count) cells of \(file) do not say the same again."
        )
    }
}

/// Shows progress and what stops a run, but not what cells say.
public final class ProgressOnlyPrinter: SessionObserver {
    private let console: Console
    private let progress: ProgressPrinter

    public init(console: Console, progress: ProgressPrinter) {
        self.console = console
        self.progress = progress
    }

    public func willRun(cells: Int, of total: Int, seconds: Double?) {
        console.printError("\(cells) cells to run in a scratch copy.")
    }

    public func cellDidFinish(number: Int, seconds: Double) {
        progress.clear()
        if seconds >= 1 { console.printError("    cell \(number) took \(ProgressText.duration(seconds))") }
    }
}

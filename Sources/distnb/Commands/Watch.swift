internal import ArgumentParser
internal import Foundation
internal import Notebook
internal import Terminal

struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run what is stale whenever the notebook or a file that it read changes. Ctrl-C ends it.")

    @OptionGroup var notebook: NotebookArgument
    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let workbench = Workbench(console: console)
        Interrupts.install()
        var session: NotebookSession?
        // What the cells depended on after the last run: a cell that failed runs again only when that changes.
        var seen: [String] = []
        var isFirst = true
        // A file that is damaged for a moment is told of once, and so is its being well again.
        var isMended = false
        var told = ""
        while !Interrupts.isRequested {
            if let session, !session.isChangedOnDisk, session.statuses().map(\.fingerprint) == seen {
                // Nothing tells a program about all of these on every system; four looks a second cost nothing.
                usleep(250_000)
                continue
            }
            do {
                // The lock of the last round goes before the next takes it.
                session = nil
                let opened = try options.session(of: notebook, workbench)
                let printer = SessionPrinter(console: console, progress: workbench.progress, showsCells: true)
                let summary = try FileFailure.translating { try opened.run(.stale, observer: printer) }
                if summary.wasInterrupted { throw ExitCode(130) }
                seen = opened.statuses().map(\.fingerprint)
                // Others may change the notebook until the next run.
                opened.releaseLock()
                session = opened
                let what =
                    summary.failed.map { "cell \($0) failed" }
                    ?? (summary.ran > 0
                        ? "\(summary.ran) cell\(summary.ran == 1 ? "" : "s") ran" : "all cells are current")
                if summary.ran > 0 || summary.failed != nil || isFirst || isMended {
                    console.printError("\n\(what); watching \(notebook.file), Ctrl-C ends it.")
                }
                isFirst = false
                isMended = false
                told = ""
            } catch let error as SessionError {
                // Somebody wrote the notebook while a cell ran, or has it for a moment: it is read anew.
                if isFirst { throw Refusal(error.description) }
                if told != error.description { console.printError(error.description) }
                told = error.description
                isMended = true
                usleep(500_000)
            } catch let refusal as Refusal {
                // An editor may be in the middle of writing the file.
                if isFirst { throw refusal }
                if told != refusal.description { console.printError(refusal.description) }
                told = refusal.description
                isMended = true
                usleep(500_000)
            }
        }
        throw ExitCode(130)
    }
}

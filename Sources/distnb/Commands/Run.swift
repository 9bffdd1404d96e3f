internal import ArgumentParser
internal import Distillation
internal import Notebook
internal import Rendering
internal import Terminal
internal import Verbs

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the cells that are stale or failed, saving after each.",
        discussion: "Stored completions are reused, with --all too; --fresh asks for them anew.")

    @OptionGroup var notebook: NotebookArgument
    @OptionGroup var selection: SelectionOptions

    @Flag(help: "Run every cell and ignore stored completions.")
    var fresh = false

    @Option(help: ArgumentHelp("Stop a cell that takes longer.", valueName: "seconds"))
    var timeout: Double?

    @Option(
        name: .customLong("budget"),
        help: ArgumentHelp(
            "Spend no more in this run: \(Budget.examples); several may be given.",
            discussion: """
                Only what is really asked of models counts, not what comes from the store. Dollars and tokens are never \
                exceeded: a request is sent only where the most that it can take still fits. All that was paid for is \
                kept, and running again goes on where it stopped.
                """, valueName: "amount"))
    var budget: [String] = []

    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let timeout, !(timeout > 0) { throw ValidationError("--timeout takes seconds, more than 0.") }
        for text in budget where Budget(text) == nil {
            throw ValidationError("--budget takes \(Budget.examples), more than 0; it was \(text).")
        }
    }

    func run() throws {
        let console = output.console
        let workbench = Workbench(console: console)
        Interrupts.install()
        let session = try options.session(of: notebook, workbench)
        try selection.check(against: session)
        session.lab.ignoresStore = fresh
        session.cellTimeout = timeout
        session.budgets = budget.compactMap(Budget.init)
        let printer = SessionPrinter(console: console, progress: workbench.progress, showsCells: true)
        let cells = fresh && selection.selection == .stale ? RunSelection.all : selection.selection
        let summary = try FileFailure.translating { try session.run(cells, observer: printer) }
        for number in session.cellsWithSecrets {
            console.printError(
                "Cell \(number) holds what looks like a key. It stays in the file: take it out before you share it.")
        }
        if let spent = session.lab.spending.summary { console.printError("Spent: \(spent).") }
        if let failed = summary.failed {
            let what = summary.wasInterrupted ? "interrupted" : "failed"
            console.printError(
                "\nCell \(failed) \(what); \(summary.ran > 0 ? "what ran is" : "the file is") saved in \(notebook.file)."
            )
            throw ExitCode(summary.wasInterrupted ? 130 : 1)
        }
        if summary.wasInterrupted {
            console.printError("\nInterrupted; what ran is saved in \(notebook.file).")
            throw ExitCode(130)
        }
        if summary.ran == 0 {
            console.print("Nothing to run: all \(summary.current) cells are current.")
        } else {
            let computed = workbench.activity.sentence.map { "; \($0)" } ?? ""
            let expected =
                summary.failedAsExpected > 0
                ? " (\(summary.failedAsExpected) failed, as \(summary.failedAsExpected == 1 ? "it was" : "they were") meant to)"
                : ""
            removeExpired(session, console)
            console.printError(
                "\n\(summary.ran) cell\(summary.ran == 1 ? "" : "s") ran\(expected)\(computed); outputs and state are in \(notebook.file)."
            )
        }
    }

    /// After a run that left nothing to do no cell is going to look a completion up.
    private func removeExpired(_ session: NotebookSession, _ console: Console) {
        guard session.statuses().allSatisfy({ $0.status == .current }),
            let count = try? session.lab.store?.removeExpired(), count > 0
        else { return }
        console.printError(CompletionShelf.removalNotice(count))
    }
}

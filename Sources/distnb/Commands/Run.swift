internal import ArgumentParser
internal import Notebook
internal import Rendering
internal import Terminal
internal import Verbs

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the cells that are stale or failed, saving after each.",
        discussion: "Stored completions are reused, with --all too; --fresh asks for them anew.")

    @Argument(help: ArgumentHelp("The notebook.", valueName: "file"))
    var file: String

    @Flag(help: "Run every cell.")
    var all = false

    @Flag(help: "Run every cell and ignore stored completions.")
    var fresh = false

    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let workbench = Workbench(console: console)
        Interrupts.install()
        let session = try workbench.session(
            file: file, kernel: options.kernel, parameters: options.parameters, root: options.root)
        session.lab.ignoresStore = fresh
        let printer = SessionPrinter(console: console, progress: workbench.progress, showsCells: true)
        let summary = try FileFailure.translating { try session.run(all || fresh ? .all : .stale, observer: printer) }
        if let failed = summary.failed {
            let what = summary.wasInterrupted ? "interrupted" : "failed"
            console.printError(
                "\nCell \(failed) \(what); \(summary.ran > 0 ? "what ran is" : "the file is") saved in \(file).")
            throw ExitCode(summary.wasInterrupted ? 130 : 1)
        }
        if summary.ran == 0 {
            console.print("Nothing to run: all \(summary.current) cells are current.")
        } else {
            let computed = workbench.activity.sentence.map { "; \($0)" } ?? ""
            console.printError("\n\(summary.ran) cells ran\(computed); outputs and state are in \(file).")
        }
    }
}

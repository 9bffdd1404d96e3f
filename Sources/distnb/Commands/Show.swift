internal import ArgumentParser
internal import Notebook
internal import Terminal

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a notebook with its saved outputs; says which are stale. Runs nothing.")

    @OptionGroup var notebook: NotebookArgument

    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let session = try options.session(of: notebook, Workbench(console: console), usesSavedParameters: true)
        NotebookPrinter(console: console).print(session)
    }
}

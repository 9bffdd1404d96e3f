internal import ArgumentParser
internal import Notebook
internal import Terminal

struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare two notebooks cell by cell.",
        discussion: "Exit code 0 where they say the same, 1 where they differ.")

    @Argument(help: ArgumentHelp("The older notebook.", valueName: "a"))
    var old: String

    @Argument(help: ArgumentHelp("The newer notebook.", valueName: "b"))
    var new: String

    @Flag(help: "Compare only what people wrote, not outputs.")
    var sources = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let (first, _) = try Workbench.read(old)
        let (second, _) = try Workbench.read(new)
        let difference = NotebookDifference(first, second, ignoresOutputs: sources)
        DifferencePrinter(console: output.console).print(difference)
        if !difference.changes.isEmpty { throw ExitCode(1) }
    }
}

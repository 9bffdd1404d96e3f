internal import ArgumentParser
internal import Notebook
internal import Terminal

struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove outputs and state, so that a notebook can be handed out. Stored completions stay.")

    @Argument(help: ArgumentHelp("The notebook.", valueName: "file"))
    var file: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let session = try Workbench(console: console).session(file: file)
        try FileFailure.translating { try session.clear() }
        console.print("\(file) is cleared.")
    }
}

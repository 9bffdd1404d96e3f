internal import ArgumentParser
internal import Notebook
internal import Terminal

struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove outputs and state, so that a notebook can be handed out. Stored completions stay.")

    @OptionGroup var notebook: NotebookArgument

    @Flag(help: "Only what the cells show; what they computed stays, and nothing becomes stale.")
    var outputs = false

    @Flag(help: "Only what the cells computed; what they show stays.")
    var state = false

    @Flag(help: "Both; this is what happens without any of these.")
    var all = false

    @Option(help: ArgumentHelp("Only this cell.", valueName: "n"))
    var cell: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if outputs, state { throw ValidationError("--outputs and --state together are --all.") }
        if let cell, cell < 1 { throw ValidationError("Cells are numbered from 1; --cell was \(cell).") }
        if all, outputs || state { throw ValidationError("--all goes without --outputs and --state.") }
    }

    func run() throws {
        let session = try Workbench(console: output.console).session(file: notebook.file)
        try FileFailure.translating { try session.clear(outputs: !state, state: !outputs, cell: cell) }
        let what = outputs ? "Outputs" : state ? "The state" : "Outputs and state"
        let place = cell.map { "cell \($0) in " } ?? ""
        output.console.print("\(what) of \(place)\(notebook.file) \(state ? "is" : "are") removed.")
    }
}

struct Reset: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a cell back to the code that a workshop handed out.")

    @OptionGroup var notebook: NotebookArgument

    @Option(help: ArgumentHelp("The cell's number or id.", valueName: "n"))
    var cell: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let session = try Workbench(console: output.console).session(file: notebook.file)
        try FileFailure.translating { try session.resetCell(at: try session.place(of: cell)) }
        output.console.print("Cell \(cell) is as it was handed out.")
    }
}

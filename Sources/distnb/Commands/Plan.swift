internal import ArgumentParser
internal import Distillation
internal import Notebook
internal import Rendering
internal import Tables
internal import Terminal
internal import Verbs

struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what `run` would run, why, and what it took the last time. Runs nothing.")

    @OptionGroup var notebook: NotebookArgument
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let session = try options.session(of: notebook, Workbench(console: console))
        try selection.check(against: session)
        let plan = session.plan(selection.selection)
        if !plan.steps.isEmpty { console.printTable(plan.rows) }
        console.print(plan.summary)
    }
}

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what each cell reads, writes and calls, and what it cost the last time. Runs nothing.")

    @OptionGroup var notebook: NotebookArgument
    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let session = try options.session(of: notebook, Workbench(console: console))
        let inspection = session.inspect()
        console.printTable(inspection.rows)
        console.print("Models of the kernel \(session.lab.kernel.name) run on: \(inspection.host).")
        console.print("It reads only files of its folder, and writes only under out/.")
        for refusal in inspection.refused { console.print("Refused when it runs: \(refusal)") }
        for number in session.cellsWithSecrets { console.print("Cell \(number) holds what looks like a key.") }
    }
}

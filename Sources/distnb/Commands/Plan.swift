internal import ArgumentParser
internal import Distillation
internal import Notebook
internal import Rendering
internal import Tables
internal import Terminal
internal import Verbs

struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what `run` would run, why, and what it would take: requests, tokens, dollars, time.",
        discussion: """
            Runs no model and writes nothing. The data steps are tried; prompts are counted with the model's own tokens \
            where it is on this machine; replies are as long as those in the store, or of earlier runs, and else count with \
            the most that they may have. Rows that depend on replies all count.
            """)

    @OptionGroup var notebook: NotebookArgument
    @OptionGroup var selection: SelectionOptions

    @Flag(help: "Measure this machine for at most 20 s on a few requests and training steps; their replies are kept.")
    var trial = false

    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let session = try options.session(of: notebook, Workbench(console: console))
        try selection.check(against: session)
        Interrupts.install()
        let plan = session.plan(selection.selection, trial: trial)
        if !plan.steps.isEmpty { console.printTable(plan.rows) }
        for line in plan.summary { console.print(line) }
        if !plan.steps.isEmpty, let service = session.lab.kernel.service {
            console.print("It asks \(service.endpoint).")
            console.print(ServiceExamination(service, of: session.lab.kernel, isAsked: false).keyLine)
        }
        if let tape = session.lab.kernel.tape { console.print(tape.sentence) }
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
        if let service = session.lab.kernel.service {
            console.print(ServiceExamination(service, of: session.lab.kernel, isAsked: false).keyLine)
        }
        if let tape = session.lab.kernel.tape { console.print(tape.sentence) }
        console.print("It reads only files of its folder, and writes only under out/.")
        for refusal in inspection.refused { console.print("Refused when it runs: \(refusal)") }
        for number in session.cellsWithSecrets { console.print("Cell \(number) holds what looks like a key.") }
    }
}

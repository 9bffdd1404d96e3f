internal import ArgumentParser
internal import Distillation
internal import Notebook
internal import Terminal

/// The notebook that a command is about.
struct NotebookArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The notebook.", valueName: "file"), completion: .file(extensions: ["distnb"]))
    var file: String
}

/// Options of all commands that print.
struct OutputOptions: ParsableArguments {
    @Flag(
        name: .customLong("color"), inversion: .prefixedNo,
        help: "Use colours, or none; the terminal decides unless given.")
    var colour: Bool?

    var console: Console { Console(colour: colour) }
}

/// Options of all commands that open a notebook.
struct SessionOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The kernel to use instead of the notebook's own.")
    var kernel: String?

    @Option(
        name: [.customShort("p"), .customLong("parameter")],
        help: ArgumentHelp("Replace a `param`.", valueName: "name=value"))
    var parameters: [String] = []

    @Option(help: ArgumentHelp("The folder that the notebook may read, instead of its own.", valueName: "dir"))
    var root: String?

    @Option(
        name: .customLong("machine-hour"),
        help: ArgumentHelp(
            "What an hour of this machine costs, for models that run on it; else \(MachineHour.variable) says it.",
            valueName: "usd"))
    var machineHour: String?

    func validate() throws {
        if let machineHour, MachineHour.dollars(machineHour) == nil {
            throw ValidationError("--machine-hour takes dollars, such as 0.40; it was \(machineHour).")
        }
    }

    /// The session that the command line asks for.
    /// - Throws: `Refusal`.
    func session(
        of notebook: NotebookArgument, _ workbench: Workbench, usesSavedParameters: Bool = false
    ) throws -> NotebookSession {
        var workbench = workbench
        workbench.machineHour = machineHour.flatMap(MachineHour.dollars)
        return try workbench.session(
            file: notebook.file, kernel: kernel, parameters: parameters, root: root,
            usesSavedParameters: usesSavedParameters)
    }
}

/// Which cells.
struct SelectionOptions: ParsableArguments {
    @Flag(help: "Every cell, not only those that are stale.")
    var all = false

    @Option(help: ArgumentHelp("Only this cell, and before it what it needs and is stale.", valueName: "n"))
    var cell: Int?

    @Option(help: ArgumentHelp("This cell and those below it.", valueName: "n"))
    var from: Int?

    @Option(help: ArgumentHelp("Nothing below this cell.", valueName: "n"))
    var to: Int?

    func validate() throws {
        if cell != nil, all || from != nil || to != nil {
            throw ValidationError("--cell goes without --all, --from and --to.")
        }
        for (name, number) in [("--cell", cell), ("--from", from), ("--to", to)] {
            if let number, number < 1 { throw ValidationError("Cells are numbered from 1; \(name) was \(number).") }
        }
        if let from, let to, from > to { throw ValidationError("--from \(from) lies below --to \(to).") }
    }

    var selection: RunSelection {
        if let cell { return .one(cell) }
        if from != nil || all { return from == nil && to == nil ? .all : .range(from: from, to: to) }
        return to.map(RunSelection.staleUpTo) ?? .stale
    }

    /// - Throws: a refusal where the notebook has no such cell.
    func check(against session: NotebookSession) throws {
        let count = session.cells.count
        for number in [cell, from, to].compactMap({ $0 }) where number > count {
            throw Refusal(SessionError.noSuchCell(String(number), count: count).description, isUsage: true)
        }
    }
}

internal import Notebook
internal import PipelineRuntime
internal import Rendering

/// A `:command` of the REPL: a row of the table that `:help`, completion and running read.
struct REPLCommand: Sendable {
    /// What Tab offers after the command.
    enum Operand: Sendable { case nothing, cell, verb, kernel, code, file }

    let name: String
    /// How it is written after the name.
    let usage: String
    let operand: Operand
    let summary: String
    /// - Returns: whether the REPL goes on.
    let run: @Sendable (REPL, String) throws -> Bool

    private init(
        _ name: String, _ usage: String = "", _ operand: Operand = .nothing, _ summary: String,
        run: @escaping @Sendable (REPL, String) throws -> Void
    ) {
        self.name = name
        self.usage = usage
        self.operand = operand
        self.summary = summary
        self.run = { repl, argument in
            try run(repl, argument)
            return true
        }
    }

    private init(leaving name: String, _ summary: String) {
        self.name = name
        usage = ""
        operand = .nothing
        self.summary = summary
        run = { _, _ in false }
    }

    static let all: [REPLCommand] = [
        REPLCommand("help", "[VERB]", .verb, "this list, or what a verb does") { $0.help($1) },
        REPLCommand("cells", "", .nothing, "the cells with their status") { repl, _ in repl.showCells() },
        REPLCommand("show", "[N]", .cell, "a cell, or all, with saved outputs") { try $0.show($1) },
        REPLCommand("vars", "", .nothing, "the names that are bound") { repl, _ in repl.showNames() },
        REPLCommand("type", "CODE", .code, "what a pipeline gives, without running it") { $0.showType($1) },
        REPLCommand("explain", "[CODE]", .nothing, "what a mistake's code means") { $0.explain($1) },
        REPLCommand("run", "[N]", .cell, "run what is stale, or one cell and what it needs") { try $0.runStale($1) },
        REPLCommand("rerun", "[N]", .cell, "run a cell again, or all") { try $0.rerun($1) },
        REPLCommand("plan", "", .nothing, "what :run would run, and what it took the last time") { repl, _ in
            repl.showPlan()
        },
        REPLCommand("edit", "[N]", .cell, "change a cell, the last one unless named, in $EDITOR") { try $0.edit($1) },
        REPLCommand("fmt", "[N]", .cell, "write a cell, or all, in one style; nothing becomes stale") {
            try $0.format($1)
        },
        REPLCommand("delete", "N", .cell, "take a cell out") { try $0.delete($1) },
        REPLCommand("clear", "[N]", .cell, "remove outputs and state, of one cell or all") { try $0.clear($1) },
        REPLCommand("reset", "N", .cell, "put a cell back as it was handed out") { try $0.reset($1) },
        REPLCommand("undo", "", .nothing, "take back the last change of cells") { repl, _ in try repl.undo() },
        REPLCommand("save", "[FILE]", .file, "save the session as a notebook") { try $0.save($1) },
        REPLCommand("kernel", "[NAME]", .kernel, "the kernel, or another one") { try $0.kernel($1) },
        REPLCommand("time", "", .nothing, "say after each line how long it took, or stop saying so") { repl, _ in
            repl.toggleTime()
        },
        REPLCommand(leaving: "quit", "leave (Ctrl-D does too)"),
    ]

    /// The command of a name, or of an unambiguous beginning of one.
    static func named(_ name: String) -> REPLCommand? {
        if let exact = all.first(where: { $0.name == name }) { return exact }
        let fitting = all.filter { $0.name.hasPrefix(name) && !name.isEmpty }
        return fitting.count == 1 ? fitting[0] : nil
    }
}

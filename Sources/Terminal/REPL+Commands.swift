internal import Distillation
internal import Foundation
internal import Notebook
internal import PipelineRuntime
internal import PipelineSyntax
internal import Rendering
internal import Tables
internal import Verbs

/// What the rows of `REPLCommand` do.
extension REPL {
    func help(_ argument: String) {
        guard argument.isEmpty else { return helpOnVerb(argument) }
        var lines = ["Type a pipeline, such as  load \"data/rows.csv\" | take 5"]
        for command in REPLCommand.all {
            let usage = TextWidth.fill(":\(command.name) \(command.usage)", to: 15)
            lines.append("  \(usage) \(command.summary)")
        }
        for group in Builtin.Group.allCases {
            let names = StandardLanguage.builtins.all.filter { $0.group == group }.map(\.name).joined(separator: ", ")
            let wrapped = TextWidth.wrap("\(group.rawValue): \(names)", to: max(30, console.style.width - 4))
            lines += wrapped.enumerated().map { ($0 == 0 ? "  " : "    ") + $1 }
        }
        lines.append("Tab completes; Ctrl-R searches the history; an open bracket or `|` goes on in the next line.")
        console.page(lines.joined(separator: "\n"))
    }

    private func helpOnVerb(_ name: String) {
        if let builtin = StandardLanguage.builtins[name] { return console.print(BuiltinHelp.text(builtin)) }
        if name.hasPrefix(":"), let command = REPLCommand.named(String(name.dropFirst())) {
            return console.print(":\(command.name) \(command.usage)\n  \(command.summary)")
        }
        let close =
            Suggestion.closest(to: name, among: StandardLanguage.builtins.names).map { "; did you mean `\($0)`?" } ?? ""
        console.print("There is no verb `\(name)`\(close)")
    }

    func showCells() {
        if session.cells.isEmpty { return console.print("  there are no cells yet: type a pipeline") }
        for (cell, status) in zip(session.cells, session.statuses()) {
            let label = TextWidth.fill(status.status.label, to: 13)
            console.print(
                "  [\(cell.number)] \(label) \(TextWidth.cut(cell.title, to: max(20, console.style.width - 24)))")
        }
    }

    func show(_ argument: String) throws {
        let place = argument.isEmpty ? nil : try session.place(of: argument)
        NotebookPrinter(console: console).print(session, only: place)
    }

    func showNames() {
        let names = session.boundSummaries()
        if names.isEmpty { console.print("  nothing is bound yet") }
        for (name, summary) in names {
            console.print("  \(name): \(TextWidth.cut(summary, to: max(20, console.style.width - name.count - 6)))")
        }
    }

    func showType(_ code: String) {
        guard !code.isEmpty else { return fail("Expected a pipeline after :type, such as  :type bank | take 5") }
        let (type, mistakes) = session.type(of: code)
        for mistake in mistakes { console.printError(DiagnosticText.render(mistake, style: console.style)) }
        if mistakes.isEmpty { console.print(type) } else { sawFailure = true }
    }

    func explain(_ argument: String) {
        guard !argument.isEmpty else { return console.page(ExplanationText.list()) }
        if let explanation = Explanation.named(argument) {
            return console.page(ExplanationText.render(explanation, style: console.style))
        }
        let close = Explanation.suggestion(for: argument).map { "; did you mean \($0.rawValue)?" }
        fail("There is no code \(argument)\(close ?? "; :explain lists all codes")")
    }

    func runStale(_ argument: String) throws {
        let selection = argument.isEmpty ? RunSelection.stale : .one(try number(argument))
        try run(selection)
    }

    func rerun(_ argument: String) throws {
        try run(argument.isEmpty ? .all : .one(try number(argument)))
    }

    private func run(_ selection: RunSelection) throws {
        let summary = try session.run(selection, observer: printer.showingCells)
        if summary.ran == 0, summary.failed == nil { console.print("Nothing is stale.") }
        if summary.failed != nil { sawFailure = true }
    }

    func showPlan() {
        let plan = session.plan()
        if !plan.steps.isEmpty { console.printTable(plan.rows) }
        for line in plan.summary { console.print(line) }
    }

    func edit(_ argument: String) throws {
        let last = session.document.codeCells.last
        guard let place = argument.isEmpty ? last : try session.place(of: argument) else {
            return fail("There is no cell to edit yet.")
        }
        let before = session.document.cells[place].source
        guard let source = ExternalEditor.edit(before) else { return fail("Nothing was changed: the editor failed.") }
        guard source != before else { return console.print("Nothing was changed.") }
        try session.editCell(at: place, source)
        let number = session.document.codeCells.firstIndex(of: place).map { $0 + 1 }
        console.print(number.map { "Cell \($0) is changed; :run \($0) runs it." } ?? "The cell is changed.")
    }

    func format(_ argument: String) throws {
        let cells = try session.formatCells(only: argument.isEmpty ? nil : try session.place(of: argument))
        for mistake in cells.flatMap(\.mistakes) {
            fail(DiagnosticText.render(mistake, style: console.style))
        }
        let changed = cells.filter(\.isChanged)
        if changed.isEmpty, cells.allSatisfy(\.mistakes.isEmpty) { console.print("Nothing was to be done.") }
        for cell in changed {
            console.print(console.style.bold("cell \(cell.number)"))
            DifferencePrinter(console: console).lines(cell.before, cell.after)
        }
    }

    func delete(_ argument: String) throws {
        guard !argument.isEmpty else { return fail("Name a cell: :delete 3") }
        try session.deleteCell(at: try session.place(of: argument))
        console.print("Cell \(argument) is deleted; :undo brings it back.")
    }

    func clear(_ argument: String) throws {
        try session.clear(cell: argument.isEmpty ? nil : try number(argument), canUndo: true)
        console.print(
            "Outputs and state of \(argument.isEmpty ? "all cells" : "cell \(argument)") are removed; :undo brings them back."
        )
    }

    func reset(_ argument: String) throws {
        guard !argument.isEmpty else { return fail("Name a cell: :reset 3") }
        try session.resetCell(at: try session.place(of: argument))
        console.print("Cell \(argument) is as it was handed out.")
    }

    func undo() throws {
        try session.undo()
        console.print("The last change of cells is taken back.")
    }

    func kernel(_ argument: String) throws {
        guard !argument.isEmpty, argument != session.lab.kernel.name else {
            return console.print("\(session.lab.kernel.name); there are \(kernels().joined(separator: ", ")).")
        }
        session = try changeKernel(session, argument)
        let stale = session.statuses().count { $0.status.needsRun }
        console.print(
            "The kernel is \(argument); \(stale == 0 ? "all cells are current" : "\(stale) cells are to run").")
    }

    func toggleTime() {
        printer.showsTimes.toggle()
        console.print(printer.showsTimes ? "Times are shown." : "Times are not shown.")
    }

    private func number(_ argument: String) throws -> Int {
        let place = try session.place(of: argument)
        guard let index = session.document.codeCells.firstIndex(of: place) else {
            throw SessionError.noSuchCell(argument, count: session.document.codeCells.count)
        }
        return index + 1
    }

    func save(_ argument: String) throws {
        if argument.isEmpty {
            guard let path = session.path else { return fail("Name a file: :save lab.distnb") }
            try session.save()
            return console.print("saved \(path)")
        }
        let argument = argument.trimmingCharacters(in: CharacterSet(charactersIn: "\"'"))
        let path = argument.hasSuffix(".distnb") ? argument : argument + ".distnb"
        func resolved(_ path: String) -> String {
            URL(fileURLWithPath: path).resolvingSymlinksInPath().standardized.path
        }
        if let own = session.path, resolved(own) == resolved(path) { return try save("") }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().standardizedFileURL.path
        let here =
            session.path.map { URL(fileURLWithPath: $0).deletingLastPathComponent().standardizedFileURL.path }
            ?? FileManager.default.currentDirectoryPath
        guard folder == here else {
            return fail(
                "Save it in this folder: the files that it reads and its state are here. Copy the folder afterwards.")
        }
        if FileManager.default.fileExists(atPath: path), session.path != path {
            return fail("\(path) is there already; choose another name.")
        }
        try session.save(to: path)
        hasUnsavedCells = false
        console.print("saved \(path)")
    }
}

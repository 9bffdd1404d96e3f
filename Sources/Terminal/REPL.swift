internal import Distillation
internal import Foundation
public import Notebook
internal import PipelineRuntime
internal import PipelineSyntax
internal import Rendering
internal import Tables
internal import Verbs

/// Reads statements, runs each as a cell, prints what it gives.
public final class REPL {
    private let session: NotebookSession
    private let console: Console
    private let printer: SessionPrinter
    private let lines: any LineSource
    private let isInteractive: Bool
    private var hasUnsavedCells = false
    private var sawFailure = false

    /// - Parameter historyPath: where history is kept between sessions.
    public init(session: NotebookSession, console: Console, progress: ProgressPrinter, historyPath: String?) {
        self.session = session
        self.console = console
        printer = SessionPrinter(console: console, progress: progress, showsCells: false)
        let editable = isatty(0) == 1 && console.isTerminal
        if editable, let editor = LineEditor(prompt: "» ", historyPath: historyPath) {
            lines = editor
            isInteractive = true
        } else {
            lines = PipedLines()
            isInteractive = false
        }
    }

    /// Runs until the input ends.
    /// - Returns: the exit code: 0, or 1 where piped input had a statement that failed.
    public func run() -> Int32 {
        if isInteractive { greet() }
        while true {
            Interrupts.forget()
            switch lines.next(isIncomplete: isIncomplete) {
            case .end:
                if isInteractive { console.print("") }
                farewell()
                return sawFailure && !isInteractive ? 1 : 0
            case .cancelled:
                console.print("")
            case .text(let text):
                if !handle(text) {
                    farewell()
                    return sawFailure && !isInteractive ? 1 : 0
                }
            }
        }
    }

    /// - Returns: whether to go on.
    private func handle(_ text: String) -> Bool {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if trimmed.isEmpty { return true }
        do {
            if trimmed.hasPrefix(":") { return try command(trimmed.dropFirst()) }
            if Parser.parse(SourceText(name: "input", text: text)).program.statements.isEmpty,
                Parser.parse(SourceText(name: "input", text: text), words: .init(allowsLeadingPipe: true)).diagnostics
                    .isEmpty,
                !trimmed.hasPrefix("|")
            {
                return true
            }
            if try session.runNewCell(text, observer: printer) {
                hasUnsavedCells = session.path == nil
            } else {
                sawFailure = true
            }
        } catch {
            sawFailure = true
            console.printError("\(error)")
        }
        return true
    }

    private func command(_ text: Substring) throws -> Bool {
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        let name = parts.first ?? "help"
        guard let command = REPLCommand.all.first(where: { $0.name == name }) ?? unambiguous(name) else {
            sawFailure = true
            let close =
                Suggestion.closest(to: name, among: REPLCommand.all.map(\.name)).map { "; did you mean :\($0)?" }
                ?? "; :help lists them"
            console.printError("There is no command :\(name)\(close)")
            return true
        }
        return try command.run(self, parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
    }

    private func unambiguous(_ prefix: String) -> REPLCommand? {
        let fitting = REPLCommand.all.filter { $0.name.hasPrefix(prefix) }
        return fitting.count == 1 ? fitting[0] : nil
    }

    private func isIncomplete(_ text: String) -> Bool {
        guard !text.hasPrefix(":") else { return false }
        return Parser.parse(SourceText(name: "input", text: text), words: .init(allowsLeadingPipe: true)).isIncomplete
    }

    private func greet() {
        console.print("distnb · kernel \(session.lab.kernel.name) · :help shows what there is, Ctrl-D leaves")
        let count = session.cells.count
        if count > 0 {
            console.print("")
            showCells()
        }
    }

    private func farewell() {
        if hasUnsavedCells, isInteractive {
            console.print("The session was not saved; next time :save FILE.distnb keeps it.")
        }
    }

    // MARK: Commands

    func help(_ argument: String) {
        if argument.isEmpty {
            console.print("Type a pipeline, such as  load \"data/rows.csv\" | take 5")
            for command in REPLCommand.all {
                let usage = ":\(command.name) \(command.usage)"
                console.print("  \(usage.padding(toLength: 16, withPad: " ", startingAt: 0))\(command.summary)")
            }
            for group in Builtin.Group.allCases {
                let names = StandardLanguage.builtins.all.filter { $0.group == group }.map(\.name)
                console.print("  \(group.rawValue): \(names.joined(separator: ", "))")
            }
            return
        }
        guard let builtin = StandardLanguage.builtins[argument] else {
            let close =
                Suggestion.closest(to: argument, among: StandardLanguage.builtins.names).map {
                    "; did you mean `\($0)`?"
                } ?? ""
            console.print("There is no verb `\(argument)`\(close)")
            return
        }
        console.print(BuiltinHelp.text(builtin))
    }

    func showCells() {
        for (cell, status) in zip(session.cells, session.statuses()) {
            let first = cell.program.source.text.split(separator: "\n").first { !$0.hasPrefix("#") } ?? ""
            console.print(
                "  [\(cell.number)] \(status.status.label.padding(toLength: 13, withPad: " ", startingAt: 0)) \(TextWidth.cut(String(first), to: max(20, console.style.width - 24)))"
            )
        }
    }

    func showNames() {
        let names = session.boundSummaries()
        if names.isEmpty { console.print("  nothing is bound yet") }
        for (name, summary) in names {
            console.print("  \(name): \(TextWidth.cut(summary, to: max(20, console.style.width - name.count - 6)))")
        }
    }

    func runStale() throws {
        let summary = try session.run(.stale, observer: printer)
        if summary.ran == 0, summary.failed == nil { console.print("Nothing is stale.") }
        if summary.failed != nil { sawFailure = true }
    }

    func save(_ argument: String) throws {
        if argument.isEmpty {
            guard let path = session.path else {
                sawFailure = true
                console.printError("Name a file: :save lab.distnb")
                return
            }
            try session.save()
            console.print("saved \(path)")
            return
        }
        let path = argument.hasSuffix(".distnb") ? argument : argument + ".distnb"
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().standardizedFileURL.path
        let here =
            session.path.map { URL(fileURLWithPath: $0).deletingLastPathComponent().standardizedFileURL.path }
            ?? FileManager.default.currentDirectoryPath
        guard folder == here else {
            sawFailure = true
            console.printError(
                "Save it in this folder: the files that it reads and its state are here. Copy the folder afterwards.")
            return
        }
        if FileManager.default.fileExists(atPath: path), session.path != path {
            sawFailure = true
            console.printError("\(path) is there already; choose another name.")
            return
        }
        try session.save(to: path)
        hasUnsavedCells = false
        console.print("saved \(path)")
    }
}

internal import Distillation
internal import Foundation
public import Notebook
internal import PipelineRuntime
internal import PipelineSyntax
internal import Rendering
internal import Verbs

/// Reads statements, runs each as a cell, prints what it gives. What its `:commands` do is in `REPL+Commands`.
public final class REPL {
    /// Opens the session's notebook with another kernel.
    public typealias KernelChange = (NotebookSession, _ kernel: String) throws -> NotebookSession

    var session: NotebookSession
    let console: Console
    let printer: SessionPrinter
    let changeKernel: KernelChange
    let kernels: () -> [String]
    var hasUnsavedCells = false
    var sawFailure = false
    private let lines: any LineSource
    private let isInteractive: Bool

    /// - Parameters:
    ///   - historyPath: where history is kept between sessions.
    ///   - kernels: the kernels that there are.
    public init(
        session: NotebookSession, console: Console, progress: ProgressPrinter, historyPath: String?,
        kernels: @escaping () -> [String], changeKernel: @escaping KernelChange
    ) {
        self.session = session
        self.console = console
        self.changeKernel = changeKernel
        self.kernels = kernels
        printer = SessionPrinter(console: console, progress: progress, showsCells: false)
        let canEdit = isatty(0) == 1 && console.isTerminal && ProcessInfo.processInfo.environment["TERM"] != "dumb"
        if canEdit, let editor = LineEditor(prompt: "» ", historyPath: historyPath) {
            lines = editor
            isInteractive = true
            editor.width = { console.style.width }
            editor.completion = { [unowned self] in completion(of: $0) }
        } else {
            isInteractive = isatty(0) == 1 && console.isTerminal
            lines = PlainLines(prompt: isInteractive ? { console.draw("» ") } : nil)
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
                return leave()
            case .cancelled:
                console.print("")
            case .text(let text):
                if !handle(text) { return leave() }
            }
        }
    }

    private func leave() -> Int32 {
        if hasUnsavedCells, isInteractive {
            console.print("The session was not saved; next time :save FILE.distnb keeps it.")
        }
        return sawFailure && !isInteractive ? 1 : 0
    }

    /// - Returns: whether to go on.
    private func handle(_ text: String) -> Bool {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if trimmed.isEmpty { return true }
        do {
            // What people type who do not know yet that commands begin with a colon.
            if ["quit", "exit"].contains(trimmed), session.value(of: trimmed) == nil { return false }
            if trimmed == "help", session.value(of: trimmed) == nil { return try command("help") }
            if trimmed.hasPrefix(":") { return try command(String(trimmed.dropFirst())) }
            if isOnlyComment(text) { return true }
            if try session.runNewCell(text, observer: printer) {
                hasUnsavedCells = session.path == nil
            } else {
                sawFailure = true
            }
        } catch {
            fail("\(Self.words(for: error))")
        }
        return true
    }

    private func isOnlyComment(_ text: String) -> Bool {
        let parsed = Parser.parse(SourceText(name: "input", text: text), words: .init(allowsLeadingPipe: true))
        return parsed.program.statements.isEmpty && parsed.diagnostics.isEmpty
    }

    private func command(_ text: String) throws -> Bool {
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        let name = parts.first ?? "help"
        guard let command = REPLCommand.named(name) else {
            let close =
                Suggestion.closest(to: name, among: REPLCommand.all.map(\.name)).map { "; did you mean :\($0)?" }
                ?? "; :help lists them"
            fail("There is no command :\(name)\(close)")
            return true
        }
        return try command.run(self, parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
    }

    func fail(_ message: String) {
        sawFailure = true
        console.printError(message)
    }

    /// An error in words for people.
    public static func words(for error: any Error) -> String {
        guard let error = error as? FileError else { return "\(error)" }
        return error.detail + (error.hint.map { "\n  Hint: \($0)" } ?? "")
    }

    private func isIncomplete(_ text: String) -> Bool {
        guard !text.hasPrefix(":") else { return false }
        return Parser.parse(SourceText(name: "input", text: text), words: .init(allowsLeadingPipe: true)).isIncomplete
    }

    /// A notebook that is opened shows its cells with what was saved, and what is stale.
    private func greet() {
        let greeting = "distnb · kernel \(session.lab.kernel.name) · :help shows what there is, Ctrl-D leaves"
        for line in TextWidth.wrap(greeting, to: console.style.width - 1) { console.print(line) }
        guard !session.document.cells.isEmpty else { return }
        console.print("")
        NotebookPrinter(console: console).print(session)
    }

    // MARK: Completion

    private func completion(of text: String) -> LineCompletion {
        guard text.hasPrefix(":") else {
            let found = session.completion(of: text)
            return LineCompletion(replaced: found.replaced, items: found.items.map { ($0.text, $0.detail) })
        }
        let words = text.dropFirst().split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count > 1 else {
            let typed = words.first.map(String.init) ?? ""
            return LineCompletion(
                replaced: typed.utf8.count,
                items: REPLCommand.all.filter { $0.name.hasPrefix(typed) }.map { ($0.name, $0.summary) })
        }
        let typed = String(words[1])
        let all: [(String, String)]
        switch REPLCommand.named(String(words[0]))?.operand {
        case .cell?: all = session.cells.map { (String($0.number), $0.title) }
        case .verb?: all = StandardLanguage.builtins.all.map { ($0.name, $0.summary) }.sorted { $0.0 < $1.0 }
        case .kernel?: all = kernels().map { ($0, "") }
        case .code?:
            let found = session.completion(of: typed)
            return LineCompletion(replaced: found.replaced, items: found.items.map { ($0.text, $0.detail) })
        default: all = []
        }
        return LineCompletion(replaced: typed.utf8.count, items: all.filter { $0.0.hasPrefix(typed) })
    }
}

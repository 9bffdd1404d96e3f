internal import ArgumentParser
internal import Distillation
internal import Notebook
internal import Rendering
internal import Terminal
internal import Verbs

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Look whether this machine is ready, and, given a notebook, whether that is, before anything is spent.",
        discussion: """
            Of the machine: cores and what they can, memory, disk, the models of each kernel, its keys. Of a notebook: \
            mistakes, empty and doubled rows, the balance of labels, rows alike across a split, the exact text that a \
            model is trained on with what of it is learnt, rows that are too long, and how long it would take, from a \
            trial of at most 20 s whose replies are kept. Exit codes: 0 fine, 1 something will not work, 2 usage.
            """)

    @ArgumentParser.Argument(
        help: ArgumentHelp("The notebook; without one the machine is looked at.", valueName: "file"),
        completion: .file(extensions: ["distnb"]))
    var file: String?

    @Flag(name: .customLong("no-trial"), help: "Measure nothing; the time is what earlier runs took.")
    var skipsTrial = false

    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let printer = FindingPrinter(console: console)
        guard let file else {
            let groups = MachineExamination(kernel: options.kernel).groups
            for group in groups { printer.print(group) }
            return try printer.finish(groups)
        }
        Interrupts.install()
        let workbench = Workbench(console: console)
        let session = try workbench.session(
            file: file, kernel: options.kernel, parameters: options.parameters, root: options.root)
        let machine = MachineExamination(kernel: session.lab.kernel.name).groups.map { group in
            // What is fine of the machine is told without a notebook.
            FindingGroup(group.title, group.findings.filter { $0.level == .problem })
        }.filter { !$0.findings.isEmpty }
        for group in machine { printer.print(group) }
        let examination = NotebookExamination(session, trial: !skipsTrial)
        for group in examination.groups where !group.findings.isEmpty { printer.print(group) }
        for row in examination.rows { printer.print(row) }
        if !examination.time.isEmpty {
            console.print("\n" + console.style.bold("time"))
            for line in examination.time { console.print("  " + line) }
        }
        try printer.finish(machine + examination.groups)
    }
}

/// Prints what was found.
struct FindingPrinter {
    let console: Console

    func print(_ group: FindingGroup) {
        let style = console.style
        console.print(style.bold(group.title))
        for finding in group.findings {
            let mark =
                switch finding.level {
                case .good: style.green("✓")
                case .warning: style.yellow("!")
                case .problem: style.red("✗")
                }
            console.print("  \(mark) \(finding.text)")
            if let hint = finding.hint { console.print("    Hint: \(hint)") }
        }
    }

    /// A training row as the model reads it: what is learnt bright, or between `[[` and `]]` where there is no colour.
    func print(_ row: NotebookExamination.Row) {
        let style = console.style
        console.print("\n" + style.bold("text that is trained on: \(row.title)"))
        let learnt = row.runs.filter(\.isTrained).reduce(0) { $0 + $1.count }
        let total = row.runs.reduce(0) { $0 + $1.count }
        let marks = style.usesColour ? "bright" : "between [[ and ]]"
        console.print(
            "  \(learnt) of \(total) tokens are learnt: \(marks). Special tokens stand as the template writes them."
                + (row.isMadeUp ? " The reply is made up: the cell that asks for it has not run." : ""))
        var text = ""
        var isOpen = false
        for run in row.runs {
            if style.usesColour {
                text += lines(run.text) { run.isTrained ? style.bold($0) : style.dim($0) }
                continue
            }
            if run.isTrained != isOpen { text += run.isTrained ? "[[" : "]]" }
            isOpen = run.isTrained
            text += run.text
        }
        if isOpen { text += "]]" }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) { console.print("  │ \(line)") }
    }

    /// Paints each line for itself: a colour that goes over a line's end would colour what stands before the next.
    private func lines(_ text: String, _ paint: (String) -> String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { paint(String($0)) }.joined(separator: "\n")
    }

    /// Sums up.
    /// - Throws: the exit code 1 where there is a problem.
    func finish(_ groups: [FindingGroup]) throws {
        let all = groups.flatMap(\.findings)
        let problems = all.count { $0.level == .problem }
        let warnings = all.count { $0.level == .warning }
        func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
        console.print(
            problems == 0 && warnings == 0
                ? "\nNothing to mend." : "\n\(count(problems, "problem")), \(count(warnings, "warning")).")
        if problems > 0 { throw ExitCode(1) }
    }
}

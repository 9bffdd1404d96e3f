internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables
internal import Verbs

extension NotebookSession {
    /// Adds a cell below all others, runs it, and keeps it where it worked.
    /// - Returns: whether it worked.
    public func runNewCell(_ source: String, observer: (any SessionObserver)? = nil) throws -> Bool {
        let number = document.codeCells.count + 1
        let parsed = Parser.parse(
            SourceText(name: "cell \(number)", text: source), words: builtins.words(allowsLeadingPipe: true))
        if !parsed.diagnostics.isEmpty {
            observer?.cellDidFail(parsed.diagnostics)
            return false
        }
        let program = parsed.program
        try takeLock()
        let outline = self.outline
        let statuses = self.statuses(in: outline)
        let stale = staleDefiners(of: program, in: outline, statuses.map(\.status))
        guard stale.isEmpty else {
            observer?.cellDidFail(stale)
            return false
        }
        // Names of cells that were not used in this session yet are restored from their saved state.
        var bindings: Bindings = [:]
        for name in program.mentionedNames {
            guard let definer = outline.last[name] else { continue }
            bindings[name] = try value(of: name, boundBy: outline.cells[definer - 1])
        }
        let types = bindings.mapValues(StandardLanguage.type(of:))
        let checked = Checker.check(program, names: types, builtins: builtins, files: FileSchemas(files: files))
        if checked.diagnostics.contains(where: { $0.severity == .error }) {
            observer?.cellDidFail(explained(checked.diagnostics, in: program, bindings))
            return false
        }
        // Saved as it runs without the line above.
        let source = Self.standalone(source, after: lastExpression)
        let (outcome, started) = execute(
            program, number: number, bindings: bindings, last: lastValue, attempts: 0, observer)
        let seconds = lab.now() - started
        guard outcome.status == .ok else {
            observer?.cellDidFinish(number: number, seconds: seconds)
            lab.checkpoints.settleFinished(areKept: false)
            return false
        }
        remember()
        var cell = NotebookCell(
            id: CellID.make(from: "\(number)\u{0}\(source)", avoiding: document.cells.map(\.id)), kind: .code,
            source: source)
        live[cell.id] = outcome.exports
        cell.outputs = outcome.outputs
        cell.executionCount = number
        document.cells.append(cell)
        let extended = self.outline
        try keep(
            outcome, of: extended.cells[number - 1], in: extended, known: statuses.map(\.fingerprint), started: started,
            observer)
        try save()
        lab.checkpoints.settleFinished(areKept: true)
        observer?.cellDidFinish(number: number, seconds: seconds)
        return true
    }

    /// Names whose cell must run first: a typed line must not compute with values that no longer fit their code.
    private func staleDefiners(
        of program: Program, in outline: NotebookOutline, _ statuses: [CellStatus]
    ) -> [Diagnostic] {
        program.mentionedNames.sorted().compactMap { name in
            guard let definer = outline.last[name], statuses[definer - 1].needsRun else { return nil }
            return Diagnostic(
                .missingState, at: Span(0..<program.source.utf8.count), in: program.source,
                "`\(name)` comes from cell \(definer), which is \(statuses[definer - 1].label).",
                hint: ":run \(definer) runs it and what it needs; :run runs all that is stale")
        }
    }
}

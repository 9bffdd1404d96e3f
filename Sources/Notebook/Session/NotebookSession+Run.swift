internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables
internal import Verbs

extension NotebookSession {
    /// Runs cells in order, saving after each; stops at the first that fails unless it was meant to.
    /// - Throws: `FileError` where the notebook cannot be saved, `SessionError` where another process has it or
    ///   there is no such cell.
    public func run(_ selection: RunSelection = .stale, observer: (any SessionObserver)? = nil) throws -> RunSummary {
        try takeLock()
        let outline = self.outline
        for number in selection.named { try requireCell(number, in: outline) }
        var queue = RunQueue()
        queue.enqueue(selection.items(in: outline))
        var statuses = self.statuses(in: outline)
        let planned = queue.planned { statuses[$0 - 1].status }
        guard let first = planned.first else {
            _ = queue.next { statuses[$0 - 1].status }
            return queue.summary
        }
        recordParameters(outline)
        let mistakes = check()
        lab.spending.start(budgets)
        let readsStore = outline.cells.contains(where: \.readsStore)
        let seconds = planned.map { codeCell($0).state.flatMap { $0.seconds > 0 ? $0.seconds : nil } }
        observer?.willRun(
            cells: planned.count, of: outline.cells.count,
            seconds: seconds.contains { $0 == nil } ? nil : seconds.compactMap { $0 }.reduce(0, +))
        tellOtherMistakes(mistakes, than: first, observer)
        var wasInterrupted = false
        while let number = queue.next(status: { statuses[$0 - 1].status }) {
            let cell = outline.cells[number - 1]
            if let found = mistakes[number]?.filter({ $0.severity == .error }), !found.isEmpty {
                try refuse(
                    cell, explained(found, in: cell.program, outline.definitions[number - 1], outline),
                    fingerprint: statuses[number - 1].fingerprint, observer)
                if codeCell(number).expectsFailure { queue.finished(.failedAsExpected) } else { queue.refused() }
                continue
            }
            let ending = try runCell(cell, in: outline, fingerprints: statuses.map(\.fingerprint), observer)
            queue.finished(ending)
            // Ctrl-C while a cell was being saved: the next must not begin. That the time of a budget is over is for the
            // next cell to say.
            if lab.isInterrupted, !lab.spending.isTimeOver {
                queue.interrupt()
                wasInterrupted = true
            }
            // What it read, wrote or asked may have changed what others depend on.
            if files.hasWritten || readsStore && cell.reachesModel {
                statuses = self.statuses(in: outline)
            } else {
                update(&statuses, after: number, in: outline)
            }
        }
        if queue.summary.failed == nil {
            // A training that was stopped in a cell which this run left out still needs its checkpoint.
            if !statuses.contains(where: \.status.needsRun) { lab.checkpoints.removeOthers() }
            collectBlobs()
        }
        var summary = queue.summary
        summary.wasInterrupted = summary.wasInterrupted || wasInterrupted
        return summary
    }

    /// Brings statuses up to date after a cell ran: its own, and those of cells that read from one whose fingerprint
    /// changed.
    private func update(
        _ statuses: inout [(status: CellStatus, fingerprint: String)], after number: Int, in outline: NotebookOutline
    ) {
        let places = document.codeCells
        var identities = ModelIdentityCache(lab: lab)
        var changed: Set<Int> = []
        var known = statuses.map(\.fingerprint)
        for cell in outline.cells[(number - 1)...]
        where cell.number == number
            || !changed.isEmpty && outline.definitions[cell.number - 1].values.contains(where: changed.contains)
        {
            let state = document.cells[places[cell.number - 1]].state
            let fingerprint = fingerprint(
                of: cell, in: outline, state: state, known: known, &identities
            ).text
            if fingerprint != statuses[cell.number - 1].fingerprint { changed.insert(cell.number) }
            known[cell.number - 1] = fingerprint
            statuses[cell.number - 1] = (status(of: cell, state: state, fingerprint), fingerprint)
        }
    }

    /// Holes with rows of the learner's data, as far as the cells above have run.
    private func explained(
        _ mistakes: [Diagnostic], in program: Program, _ definitions: [String: Int], _ outline: NotebookOutline
    ) -> [Diagnostic] {
        guard mistakes.contains(where: { $0.code == .hole }) else { return mistakes }
        var bindings: Bindings = [:]
        for (name, number) in definitions { bindings[name] = try? value(of: name, boundBy: outline.cells[number - 1]) }
        return explained(mistakes, in: program, bindings)
    }

    func explained(_ mistakes: [Diagnostic], in program: Program, _ bindings: Bindings) -> [Diagnostic] {
        let explanation = HoleExplanation(
            program: program, lab: lab, builtins: builtins, bindings: bindings, parameters: parameters)
        return mistakes.map(explanation.extended)
    }

    func requireCell(_ number: Int, in outline: NotebookOutline) throws {
        guard outline.cells.indices.contains(number - 1) else {
            throw SessionError.noSuchCell(String(number), count: outline.cells.count)
        }
    }

    /// Tells of mistakes in cells further down before the first cell runs: it may run for long.
    private func tellOtherMistakes(
        _ mistakes: [Int: [Diagnostic]], than first: Int, _ observer: (any SessionObserver)?
    ) {
        let others = mistakes.keys.filter { $0 != first && !codeCell($0).expectsFailure }.sorted()
            .flatMap { (mistakes[$0] ?? []).filter { $0.severity == .error && $0.code != .missingState } }
        if !others.isEmpty { observer?.didFindMistakes(others) }
    }

    private func recordParameters(_ outline: NotebookOutline) {
        var given = Record()
        let declared = Set(outline.cells.flatMap { $0.parameters.keys })
        for name in parameters.keys.sorted() where declared.contains(name) { given[name] = parameters[name] }
        document.parameters = redaction.apply(to: given)
        document.kernel = lab.kernel.name
    }

    private func runCell(
        _ analysis: CellAnalysis, in outline: NotebookOutline, fingerprints: [String],
        _ observer: (any SessionObserver)?
    ) throws -> RunQueue.Ending {
        let index = document.codeCells[analysis.number - 1]
        var bindings: Bindings = [:]
        for (name, number) in outline.definitions[analysis.number - 1] {
            do {
                bindings[name] = try value(of: name, boundBy: outline.cells[number - 1])
            } catch {
                // What cannot be read is no state: the next run makes it again.
                if !codeCell(number).expectsFailure { document.cells[document.codeCells[number - 1]].state = nil }
                try refuse(
                    analysis, [unreadable(name, number, analysis, error)],
                    fingerprint: fingerprints[analysis.number - 1], observer)
                return document.cells[index].expectsFailure ? .failedAsExpected : .failed
            }
        }
        observer?.cellDidStart(number: analysis.number, source: document.cells[index].source)
        var (outcome, started) = execute(
            analysis.program, number: analysis.number, bindings: bindings, last: nil,
            attempts: document.cells[index].state?.attempts ?? 0, observer)
        // It did not fail as it was meant to.
        if outcome.isOutOfBudget, document.cells[index].expectsFailure { outcome.status = .interrupted }
        live[document.cells[index].id] = outcome.exports
        document.cells[index].outputs = outcome.outputs
        document.cells[index].executionCount = analysis.number
        try keep(outcome, of: analysis, in: outline, known: fingerprints, started: started, observer)
        try save()
        lab.checkpoints.settleFinished(areKept: outcome.status == .ok)
        observer?.cellDidFinish(number: analysis.number, seconds: lab.now() - started)
        switch outcome.status {
        case .ok:
            if document.cells[index].expectsFailure {
                observer?.cellDidLog("This cell is tagged raises-exception, but it did not fail.")
            }
            return .ok
        case .interrupted: return outcome.isOutOfBudget ? .failed : .interrupted
        case .failed: return document.cells[index].expectsFailure ? .failedAsExpected : .failed
        }
    }

    /// Runs a program with the clock, the recording of files and the meter set anew.
    func execute(
        _ program: Program, number: Int, bindings: Bindings, last: Value?, attempts: Int,
        _ observer: (any SessionObserver)?
    ) -> (CellExecution.Outcome, started: Double) {
        files.beginRecording()
        lab.meter.reset()
        lab.earlierAttempts = attempts
        lab.deadline.start(cellTimeout)
        lab.memory.start()
        defer {
            lab.deadline.start(nil)
            lab.memory.start()
        }
        let started = lab.now()
        let execution = CellExecution(program: program, lab: lab, builtins: builtins, number: number)
        let (outcome, value) = execution.run(
            bindings: bindings, parameters: parameters, lastValue: last, observer: observer)
        if value != nil, case .expression(let expression)? = program.statements.last {
            lastExpression = Self.standalone(program.source.text(of: expression.span), after: lastExpression)
        }
        lastValue = value ?? lastValue
        return (outcome, started)
    }

    /// A pipeline that began with the last value, with the code of that value put before it.
    static func standalone(_ code: String, after expression: String) -> String {
        let isContinuation = code.drop { $0 == " " || $0 == "\n" || $0 == "\t" }.hasPrefix("|")
        return isContinuation && !expression.isEmpty ? expression + "\n  " + code : code
    }

    private func unreadable(_ name: String, _ number: Int, _ analysis: CellAnalysis, _ error: any Error) -> Diagnostic {
        Diagnostic(
            .missingState, at: Span(0..<0), in: analysis.program.source,
            "The saved value of `\(name)` (cell \(number)) cannot be read: \(error)",
            hint: codeCell(number).expectsFailure
                ? "cell \(number) is meant to fail, so nothing can read from it"
                : "run again: cell \(number) is made anew")
    }

    /// Writes a cell's state into its metadata; large values go to blobs.
    func keep(
        _ outcome: CellExecution.Outcome, of analysis: CellAnalysis, in outline: NotebookOutline, known: [String],
        started: Double, _ observer: (any SessionObserver)?
    ) throws {
        let index = document.codeCells[analysis.number - 1]
        let read = files.recorded
        let blobs = RedactedBlobs(blobs: lab.blobs, redaction: redaction)
        var encoder = ValueEncoder(blobs: blobs)
        var exports = Record()
        var hasRedacted = false
        for name in outcome.exportNames {
            let state = try encoder.encodeWhole(outcome.exports[name] ?? .null)
            exports[name] = redaction.apply(to: state)
            if exports[name] != state { hasRedacted = true }
        }
        let report = try outcome.report.map { value in
            var encoder = ValueEncoder(blobs: blobs)
            let state = redaction.apply(to: try encoder.encodeWhole(value))
            return CellReport(value: state, blobs: encoder.references)
        }
        if hasRedacted || blobs.hasRedacted {
            // From here on the session computes with what the file holds: with or without a new start it is the same.
            live[document.cells[index].id] = nil
            let notice = "Saved without what looks like keys or leads to your home folder; cells below see it so too."
            document.cells[index].outputs = CellOutputs.adding(notice, to: document.cells[index].outputs)
            observer?.cellDidLog(notice)
        }
        var identities = ModelIdentityCache(lab: lab)
        let before = document.cells[index].state
        let metered = lab.meter.reading
        let fingerprint = fingerprint(
            of: analysis, in: outline, state: before, known: known, files: read, embedding: metered.embedding,
            &identities)
        let attempts = outcome.status == .ok ? 0 : (before?.attempts ?? 0) + (outcome.isFailedCheck ? 1 : 0)
        document.cells[index].state = CellState(
            status: outcome.status, fingerprint: fingerprint.text,
            reads: outline.definitions[analysis.number - 1].keys.sorted(), exports: exports,
            files: Dictionary(read.map { (redaction.apply(to: $0.key), $0.value) }, uniquingKeysWith: { $1 }),
            models: fingerprint.models?.ids ?? [:], embedding: fingerprint.embedding, blobs: encoder.references,
            seconds: lab.now() - started,
            started: Moment.text(started), inputs: fingerprint.inputs,
            usage: CellUsage(
                requests: metered.requests, stored: metered.stored, promptTokens: metered.usage.promptTokens,
                completionTokens: metered.usage.completionTokens, cost: metered.cost),
            attempts: attempts, report: report)
    }

    /// Notes mistakes that were found before the cell could run as its output.
    private func refuse(
        _ analysis: CellAnalysis, _ mistakes: [Diagnostic], fingerprint: String, _ observer: (any SessionObserver)?
    ) throws {
        let index = document.codeCells[analysis.number - 1]
        observer?.cellDidStart(number: analysis.number, source: document.cells[index].source)
        observer?.cellDidFail(mistakes)
        live[document.cells[index].id] = nil
        document.cells[index].outputs = [CellOutputs.error(mistakes)]
        document.cells[index].executionCount = analysis.number
        document.cells[index].state = CellState(
            status: .failed, fingerprint: fingerprint, started: Moment.text(lab.now()),
            attempts: document.cells[index].state?.attempts ?? 0)
        try save()
    }
}

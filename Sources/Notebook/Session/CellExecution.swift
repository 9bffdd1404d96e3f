internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Rendering
internal import Tables
internal import Verbs

/// Runs one cell's program and collects what it did: log, value, exports, mistakes.
struct CellExecution {
    /// What there is to keep of the run.
    struct Outcome {
        var status: CellState.Status
        var exports: Bindings = [:]
        var exportNames: [String] = []
        var outputs: [Value] = []
        /// The value that it shows, where that is kept though no name has it.
        var report: Value?
        /// Whether it failed because a check does not hold.
        var isFailedCheck = false
        /// Whether it was stopped because the run has spent its budget.
        var isOutOfBudget = false
        /// What went wrong, in a sentence.
        var mistake: String?
    }

    let program: Program
    let lab: Lab
    let builtins: BuiltinTable
    let number: Int

    func run(bindings: Bindings, parameters: Bindings, lastValue: Value?, observer: (any SessionObserver)?) -> (
        Outcome, Value?
    ) {
        var log: [String] = []
        func tell(_ line: String) {
            log.append(line)
            observer?.cellDidLog(line)
        }
        // Remarks are told as they come: a training's are worth reading while it runs.
        let notes = Notes(added: tell)
        let context = EvaluationContext(source: program.source, builtins: builtins, host: lab, notes: notes)
        do {
            let result = try Evaluator(context: context).run(
                program, bindings: bindings, parameters: parameters, lastValue: lastValue
            ) {
                name, value in
                tell("\(name): \(value.summary)")
            }
            notes.finish()
            var outcome = Outcome(status: .ok)
            for (name, value) in result.exports { outcome.exports[name] = value }
            outcome.exportNames = Array(result.exports.keys)
            outcome.outputs = CellOutputs.stream(log)
            if let value = result.value, !value.isNull {
                observer?.cellDidShow(value)
                outcome.outputs += CellOutputs.results(value, number: number)
                if case .opaque(let domain) = value, domain.isReport { outcome.report = value }
            }
            return (outcome, result.value)
        } catch {
            var diagnostics = Self.diagnostics(from: error, program: program)
            if diagnostics.first?.code == .interrupted, lab.deadline.isPassed { diagnostics = [tookTooLong] }
            if diagnostics.first?.code == .interrupted, lab.memory.isExceeded { diagnostics = [tookTooMuch] }
            if diagnostics.first?.code == .interrupted, let over = lab.spending.timeIsOver {
                diagnostics = Self.atFirstLine(.budgetSpent, program, over.description, hint: over.hint)
            }
            observer?.cellDidFail(diagnostics)
            let isInterrupt = diagnostics.first?.code == .interrupted
            var outcome = Outcome(status: isInterrupt ? .interrupted : .failed)
            outcome.isFailedCheck = diagnostics.first?.code == .checkFailed
            outcome.mistake = diagnostics.first?.message
            outcome.isOutOfBudget = diagnostics.first?.code == .budgetSpent
            outcome.outputs = CellOutputs.stream(log) + [CellOutputs.error(diagnostics)]
            return (outcome, nil)
        }
    }

    private var tookTooLong: Diagnostic {
        Diagnostic(
            .timedOut, at: Span(0..<min(program.source.utf8.count, program.source.line(at: 0).utf8.count)),
            in: program.source,
            "The cell took longer than \(ProgressText.duration(lab.deadline.seconds)) and was stopped; what is done is kept.",
            hint: "run it again to go on, with a larger --timeout")
    }

    private var tookTooMuch: Diagnostic {
        Diagnostic(
            .outOfMemory, at: Span(0..<min(program.source.utf8.count, program.source.line(at: 0).utf8.count)),
            in: program.source,
            "The cell took more than \(lab.memory.limit >> 20) MB of memory, four fifths of the machine's, and was stopped.",
            hint: "work on fewer rows: | sample 100000, or on fewer columns: | select .prompt")
    }

    private static func atFirstLine(
        _ code: DiagnosticCode, _ program: Program, _ message: String, hint: String?
    ) -> [Diagnostic] {
        let line = Span(0..<min(program.source.utf8.count, program.source.line(at: 0).utf8.count))
        return [Diagnostic(code, at: line, in: program.source, message, hint: hint)]
    }

    /// Whatever a step threw, as mistakes for people.
    static func diagnostics(from error: any Error, program: Program) -> [Diagnostic] {
        func at(_ code: DiagnosticCode, _ message: String, hint: String? = nil) -> [Diagnostic] {
            atFirstLine(code, program, message, hint: hint)
        }
        switch error {
        case let diagnostic as Diagnostic: return [diagnostic]
        case let several as Diagnostics: return several.list
        case let error as ProviderError: return at(.engine, error.description, hint: error.hint)
        case let error as BudgetSpent: return at(.budgetSpent, error.description, hint: error.hint)
        case let error as FileError:
            return at(error.reason == .cannotWrite ? .cannotWrite : .unreadableFile, error.detail, hint: error.hint)
        case let error as BlobError:
            if case .cannotWrite = error {
                return at(.cannotWrite, error.description, hint: "free some space, or check the folder's permissions")
            }
            return at(.missingState, error.description, hint: "run the cell that made it again")
        case is Interrupted: return at(.interrupted, "The cell was interrupted.")
        case let error as RowError: return at(.wrongType, error.message)
        default: return at(.engine, "The step failed: \(error).")
        }
    }
}

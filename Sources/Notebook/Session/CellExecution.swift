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
        /// Whether it failed because a check does not hold.
        var isFailedCheck = false
    }

    /// Longer texts are cut in the file, with a notice.
    private static let outputLimit = 100_000

    let program: Program
    let lab: Lab
    let builtins: BuiltinTable
    let number: Int

    func run(bindings: Bindings, parameters: Bindings, lastValue: Value?, observer: (any SessionObserver)?) -> (
        Outcome, Value?
    ) {
        let notes = Notes()
        var told = 0
        var log: [String] = []
        func tell(_ line: String) {
            log.append(line)
            observer?.cellDidLog(line)
        }
        func tellNotes() {
            for note in notes.list[told...] { tell(note) }
            told = notes.list.count
        }
        let context = EvaluationContext(source: program.source, builtins: builtins, host: lab, notes: notes)
        do {
            let result = try Evaluator(context: context).run(
                program, bindings: bindings, parameters: parameters, lastValue: lastValue
            ) {
                name, value in
                tellNotes()
                tell("\(name): \(value.summary)")
            }
            notes.finish()
            tellNotes()
            var outcome = Outcome(status: .ok)
            for (name, value) in result.exports { outcome.exports[name] = value }
            outcome.exportNames = Array(result.exports.keys)
            outcome.outputs = Self.stream(log)
            if let value = result.value, !value.isNull {
                observer?.cellDidShow(value)
                outcome.outputs += Self.results(value, number: number)
            }
            return (outcome, result.value)
        } catch {
            tellNotes()
            var diagnostics = Self.diagnostics(from: error, program: program)
            if diagnostics.first?.code == .interrupted, lab.deadline.isPassed { diagnostics = [tookTooLong] }
            observer?.cellDidFail(diagnostics)
            let isInterrupt = diagnostics.first?.code == .interrupted
            var outcome = Outcome(status: isInterrupt ? .interrupted : .failed)
            outcome.isFailedCheck = diagnostics.first?.code == .checkFailed
            outcome.outputs = Self.stream(log) + [Self.error(diagnostics)]
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

    // MARK: Outputs as nbformat has them

    private static func stream(_ log: [String]) -> [Value] {
        guard !log.isEmpty else { return [] }
        return [["output_type": "stream", "name": "stdout", "text": .string(log.joined(separator: "\n") + "\n")]]
    }

    /// The first bundle is the result; further ones, such as charts beside tables, are shown after it.
    private static func results(_ value: Value, number: Int) -> [Value] {
        OutputBundles.bundles(of: value, width: 100).enumerated().map { index, bundle in
            var data = bundle
            data["text/plain"] = .string(capped(bundle["text/plain"]?.text ?? ""))
            if let markdown = bundle["text/markdown"]?.text, markdown.utf8.count > outputLimit {
                data["text/markdown"] = nil
            }
            var output: Record = [
                "output_type": index == 0 ? "execute_result" : "display_data", "data": .record(data),
                "metadata": .record([:]),
            ]
            if index == 0 { output["execution_count"] = .integer(number) }
            return .record(output)
        }
    }

    /// A failed cell's output: the code as name, the message, and the whole rendered text as traceback.
    static func error(_ diagnostics: [Diagnostic]) -> Value {
        let text = diagnostics.map { DiagnosticText.render($0) }.joined(separator: "\n")
        return [
            "output_type": "error", "ename": .string(diagnostics.first?.code.rawValue ?? "E0404"),
            "evalue": .string(diagnostics.first?.message ?? ""),
            "traceback": .list(
                text.split(separator: "\n", omittingEmptySubsequences: false).map { .string(String($0)) }),
        ]
    }

    private static func capped(_ text: String) -> String {
        guard text.utf8.count > outputLimit else { return text }
        return text.prefix(outputLimit / 2) + "\n… cut here: the output has \(text.count) characters"
    }

    /// Whatever a step threw, as mistakes for people.
    static func diagnostics(from error: any Error, program: Program) -> [Diagnostic] {
        let whole = Span(0..<min(program.source.utf8.count, program.source.line(at: 0).utf8.count))
        func at(_ code: DiagnosticCode, _ message: String, hint: String? = nil) -> [Diagnostic] {
            [Diagnostic(code, at: whole, in: program.source, message, hint: hint)]
        }
        switch error {
        case let diagnostic as Diagnostic: return [diagnostic]
        case let several as Diagnostics: return several.list
        case let error as ProviderError: return at(.engine, error.description, hint: error.hint)
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

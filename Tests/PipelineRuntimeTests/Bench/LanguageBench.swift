import Distillation
import OrderedCollections
import PipelineRuntime
import PipelineSyntax
import Tables
import Verbs

/// Runs programs as a notebook's cell would: parsed, checked against the files at hand, then evaluated with a scripted
/// kernel.
struct LanguageBench {
    let files: MemoryFiles
    private let blobs = MemoryBlobs()
    /// What is bound above the program.
    var bindings: Bindings
    /// Stops a program from outside.
    var cancellation = Cancellation.never
    /// The memory that a program may fill, in bytes.
    var memoryLimit: Int?
    /// Seconds; stands still unless a test needs it to move.
    var now: @Sendable () -> Double = { 1_000 }

    init(files: [String: String] = [:], bindings: Bindings = [:]) {
        self.init(MemoryFiles(files.mapValues { Array($0.utf8) }), bindings: bindings)
    }

    init(_ files: MemoryFiles, bindings: Bindings = [:]) {
        self.files = files
        self.bindings = bindings
    }

    /// What a program gave.
    struct Outcome {
        /// The last statement's value; nil where there was a mistake, or no value.
        var value: Value?
        /// All mistakes found before running, or the one that stopped it.
        var mistakes: [Diagnostic] = []
        var notes: [String] = []
        /// What the checker knew of the last value before it ran.
        var type: StaticType = .any
        /// The names bound by the program.
        var exports: Bindings = [:]

        /// The value as JSON on one line; rows as a list of records, an error as `error: …`.
        var text: String? { value.map(LanguageBench.text) }
    }

    /// Checks and runs a program.
    func run(_ code: String) -> Outcome {
        let builtins = StandardLanguage.builtins
        let source = SourceText(name: "cell 1", text: code)
        let parsed = Parser.parse(source, words: builtins.words())
        var outcome = Outcome()
        outcome.mistakes = parsed.diagnostics
        guard parsed.diagnostics.isEmpty else { return outcome }
        let types = bindings.mapValues { StandardLanguage.type(of: $0) }
        let checked = Checker.check(parsed.program, names: types, builtins: builtins, files: FileSchemas(files: files))
        outcome.mistakes = checked.diagnostics
        guard checked.diagnostics.isEmpty else { return outcome }
        outcome.type = typeOfLast(parsed.program, types)
        let lab = Lab(
            kernel: KernelProfile(
                name: "scripted", displayName: "scripted", provider: "scripted",
                models: ["teacher": ModelSpecification(id: "big"), "student": ModelSpecification(id: "small")],
                maxTokens: 16),
            provider: KeywordProvider(), store: nil, blobs: blobs, files: files, cancellation: cancellation,
            progress: .none, memory: memoryLimit.map { MemoryLimit(limit: $0, now: now) }, now: now)
        let notes = Notes()
        let context = EvaluationContext(source: source, builtins: builtins, host: lab, notes: notes)
        do {
            let ran = try Evaluator(context: context).run(parsed.program, bindings: bindings)
            outcome.value = ran.value
            outcome.exports = Bindings(ran.exports.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
        } catch let mistake as Diagnostic {
            outcome.mistakes = [mistake]
        } catch {
            outcome.mistakes = [Diagnostic(.engine, at: Span(0..<0), in: source, "\(error)")]
        }
        notes.finish()
        outcome.notes = notes.list
        return outcome
    }

    /// What the checker says of the last statement's value, by giving it a name.
    private func typeOfLast(_ program: Program, _ types: [String: StaticType]) -> StaticType {
        guard case .expression(let last)? = program.statements.last else { return .any }
        let text = program.source.text
        let start = text.utf8.index(text.startIndex, offsetBy: last.span.start)
        let named = SourceText(name: "cell 1", text: "\(text[..<start])let it__ = \(text[start...])")
        let parsed = Parser.parse(named, words: StandardLanguage.builtins.words())
        let checked = Checker.check(
            parsed.program, names: types, builtins: StandardLanguage.builtins, files: FileSchemas(files: files))
        return checked.names["it__"] ?? .any
    }

    static func text(_ value: Value) -> String {
        if let rows = value.rows { return JSON.text(.list(rows.rows.map { .record($0) }), .line) }
        if let error = value.rowError { return "error: \(error.message)" }
        return JSON.text(value, .line)
    }
}

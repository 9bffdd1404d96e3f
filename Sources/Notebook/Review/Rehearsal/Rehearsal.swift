internal import Distillation
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables
internal import Verbs

/// What cells would take, found by running their data steps with a provider that only notes what it is asked.
///
/// Current cells give their saved values. No model runs, nothing is written, nothing is paid for.
struct Rehearsal {
    /// One cell's part.
    struct Cell {
        let number: Int
        let asked: RehearsalProvider.Asked
        /// Completions that the store answers.
        let stored: Int
        /// Why it could not be found out: the first mistake's sentence; nil where it could.
        let problem: String?
        /// What the cell bound.
        let bound: Bindings
        /// Seconds that its data steps took.
        let seconds: Double
    }

    private(set) var cells: [Cell] = []

    /// Seconds that a cell's data steps may take before they are given up.
    private static let cellSeconds = 20.0

    /// - Parameter numbers: the cells that would run, in order.
    init(_ session: NotebookSession, cells numbers: [Int]) {
        let outline = session.outline
        let lab = session.lab
        let earlier = outline.cells.compactMap { session.codeCell($0.number).state?.usage }
        let provider = RehearsalProvider(lab.provider, lengths: ReplyLengths(lab.store, earlier: earlier))
        let rehearsed = Lab(
            kernel: lab.kernel, provider: provider, store: RehearsalStore(lab.store), blobs: RehearsalBlobs(lab.blobs),
            files: RehearsalFiles(files: session.files), cancellation: lab.cancellation, progress: .none,
            memory: lab.memory, now: lab.now)
        let wrong = session.check().filter { $0.value.contains { $0.severity == .error } }
        var bound: [Int: Bindings] = [:]
        var failed: Set<Int> = []
        for number in numbers {
            let cell = outline.cells[number - 1]
            let definers = outline.definitions[number - 1]
            if let mistake = wrong[number]?.first {
                failed.insert(number)
                add(number, provider.take(), 0, mistake.message, [:], 0)
                continue
            }
            var bindings: Bindings = [:]
            var missing: Int?
            for (name, definer) in definers {
                if let value = bound[definer]?[name] {
                    bindings[name] = value
                } else if failed.contains(definer) {
                    missing = definer
                } else if let value = try? session.value(of: name, boundBy: outline.cells[definer - 1]) {
                    bindings[name] = value
                } else {
                    missing = definer
                }
            }
            if let missing {
                failed.insert(number)
                add(number, provider.take(), 0, "It needs what cell \(missing) makes.", [:], 0)
                continue
            }
            rehearsed.meter.reset()
            rehearsed.deadline.start(Self.cellSeconds)
            let started = lab.now()
            let (outcome, _) = CellExecution(
                program: cell.program, lab: rehearsed, builtins: RehearsedLanguage.builtins, number: number
            ).run(bindings: bindings, parameters: session.parameters, lastValue: nil, observer: nil)
            let seconds = lab.now() - started
            let isLate = rehearsed.deadline.isPassed
            rehearsed.deadline.start(nil)
            bound[number] = outcome.exports
            let problem =
                outcome.status == .ok
                ? nil : isLate ? "Its data steps take more than \(Int(Self.cellSeconds)) s." : outcome.mistake
            if problem != nil { failed.insert(number) }
            add(number, provider.take(), rehearsed.meter.reading.stored, problem, outcome.exports, seconds)
        }
    }

    private mutating func add(
        _ number: Int, _ asked: RehearsalProvider.Asked, _ stored: Int, _ problem: String?, _ bound: Bindings,
        _ seconds: Double
    ) {
        cells.append(
            Cell(number: number, asked: asked, stored: stored, problem: problem, bound: bound, seconds: seconds))
    }
}

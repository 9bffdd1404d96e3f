internal import Distillation
internal import Foundation
internal import OrderedCollections
public import PipelineRuntime
public import PipelineSyntax
public import Tables
public import Verbs

/// A notebook being worked on: its cells, their state, what is stale; runs cells and saves after each.
///
/// Every front end uses this one. It belongs to the thread that uses it; interrupting goes through the
/// lab's cancellation.
public final class NotebookSession {
    public private(set) var document: NotebookDocument
    /// Where the notebook is saved; nil for a scratch session.
    public private(set) var path: String?
    public let lab: Lab
    let files: RootedFiles
    let builtins: BuiltinTable
    private let codec: ValueCodec
    private let parameters: Bindings
    private var lock: NotebookLock?
    /// What the file held when it was last read or written, to notice other writers.
    private var savedBytes: [UInt8]?
    /// The values of cells that ran or were restored in this session, by cell id.
    private var live: [String: Bindings] = [:]
    /// The last cell's value, for a leading `|`.
    public private(set) var lastValue: Value?
    private var analyses: [String: (source: String, number: Int, analysis: CellAnalysis)] = [:]

    /// - Parameters:
    ///   - document: the notebook, as read from `savedBytes` where there is a file.
    ///   - parameters: values for `param`s from the command line.
    public init(
        document: NotebookDocument, path: String?, savedBytes: [UInt8]?, lab: Lab, files: RootedFiles,
        parameters: Bindings = [:],
        builtins: BuiltinTable = StandardLanguage.builtins, codec: ValueCodec = StandardLanguage.codec
    ) {
        self.document = document
        self.path = path
        self.savedBytes = savedBytes
        self.lab = lab
        self.files = files
        self.parameters = parameters
        self.builtins = builtins
        self.codec = codec
    }

    // MARK: What is known without running

    /// The code cells' analyses, in order.
    public var cells: [CellAnalysis] {
        document.codeCells.enumerated().map { offset, index in
            let cell = document.cells[index]
            if let known = analyses[cell.id], known.source == cell.source, known.number == offset + 1 {
                return known.analysis
            }
            let analysis = CellAnalysis(source: cell.source, number: offset + 1, builtins: builtins)
            analyses[cell.id] = (cell.source, offset + 1, analysis)
            return analysis
        }
    }

    /// Mistakes of the whole notebook, by cell number, found without running anything.
    public func check() -> [Int: [Diagnostic]] {
        var names: [String: StaticType] = [:]
        var mistakes: [Int: [Diagnostic]] = [:]
        let schemas = FileSchemas(files: files)
        for cell in cells {
            let result = Checker.check(cell.program, names: names, builtins: builtins, files: schemas)
            names = result.names
            // A file that a `param` names is known only where the command line gives it.
            for name in cell.parameters.keys {
                names[name] = parameters[name].map(StandardLanguage.type(of:)) ?? names[name]
            }
            let all = cell.diagnostics.isEmpty ? result.diagnostics + unknownAliases(in: cell) : cell.diagnostics
            if !all.isEmpty { mistakes[cell.number] = all }
        }
        return mistakes
    }

    /// Models that the kernel lacks: found before anything runs, so that nothing is spent first.
    private func unknownAliases(in cell: CellAnalysis) -> [Diagnostic] {
        cell.aliasMentions.filter { lab.kernel.models[$0.name] == nil }.map { name, span in
            lab.unknownModel(name, at: span, in: cell.program.source)
        }
    }

    /// Parameters given from outside that no cell declares.
    public var unknownParameters: [String] {
        let known = Set(cells.flatMap { $0.parameters.keys })
        return parameters.keys.filter { !known.contains($0) }.sorted()
    }

    /// The status of each code cell, in order, and the fingerprint that it would have now.
    public func statuses() -> [(status: CellStatus, fingerprint: String)] {
        var fingerprints: [String] = []
        var result: [(CellStatus, String)] = []
        let all = cells
        for cell in all {
            let fingerprint = self.fingerprint(of: cell, among: all, known: fingerprints)
            fingerprints.append(fingerprint)
            result.append((status(of: cell, fingerprint), fingerprint))
        }
        return result
    }

    private func status(of analysis: CellAnalysis, _ fingerprint: String) -> CellStatus {
        guard analysis.diagnostics.isEmpty else { return .broken }
        guard let state = cell(analysis.number).state else {
            return analysis.program.statements.isEmpty ? .current : .notRun
        }
        switch state.status {
        case .failed: return .failed
        case .interrupted: return .interrupted
        case .ok: break
        }
        guard state.fingerprint == fingerprint else { return .stale }
        return state.blobs.allSatisfy(lab.blobs.contains) ? .current : .missingState
    }

    private func cell(_ number: Int) -> NotebookCell { document.cells[document.codeCells[number - 1]] }

    /// Which cell above defines each name that a cell mentions.
    private func definitions(for cell: CellAnalysis, among all: [CellAnalysis]) -> [String: Int] {
        var definitions: [String: Int] = [:]
        for name in cell.mentioned {
            if let definer = all[..<(cell.number - 1)].last(where: { $0.bound.contains(name) }) {
                definitions[name] = definer.number
            }
        }
        return definitions
    }

    private func fingerprint(of analysis: CellAnalysis, among all: [CellAnalysis], known: [String]) -> String {
        let state = cell(analysis.number).state
        var files: [String: String] = [:]
        for name in (state?.files ?? [:]).keys { files[name] = self.files.hash(name) ?? "missing" }
        return fingerprint(of: analysis, among: all, known: known, files: files)
    }

    private func fingerprint(
        of analysis: CellAnalysis, among all: [CellAnalysis], known: [String], files: [String: String]
    ) -> String {
        var used: [String: Value] = [:]
        for (name, initial) in analysis.parameters
        where parameters[name] != nil && parameters[name] != initial.literalValue {
            used[name] = parameters[name]
        }
        return Fingerprint(
            tokens: analysis.canonicalTokens,
            definitions: definitions(for: analysis, among: all).mapValues { known[$0 - 1] },
            parameters: used, files: files,
            store: analysis.readsStore ? (try? lab.store?.revision()) ?? "0" : nil,
            models: analysis.reachesModel ? (lab.kernel.name, modelIdentities(analysis)) : nil
        ).text
    }

    /// The ids of the models that a cell names. Where one cannot be resolved here, the id that the cell was run with
    /// stands: a file opened without weights still shows what is current.
    private func modelIdentities(_ analysis: CellAnalysis) -> [String: String] {
        let names: Set<String> =
            switch analysis.aliases {
            case .some(let names): names
            case .any: Set(lab.kernel.models.keys)
            }
        let recorded = cell(analysis.number).state?.models ?? [:]
        var ids: [String: String] = [:]
        for name in names {
            let resolved = lab.kernel.models[name].flatMap {
                try? lab.provider.identity(of: $0, trainedWeights: nil).id
            }
            ids[name] = resolved ?? recorded[name] ?? "unknown"
        }
        return ids
    }

    // MARK: Running

    /// Which cells `run` runs.
    public enum Selection: Sendable {
        /// What is stale, failed or never ran.
        case stale
        /// Everything.
        case all
    }

    /// What a run came to.
    public struct RunSummary: Sendable {
        public var ran = 0
        public var current = 0
        /// The number of the cell that failed, where one did.
        public var failed: Int?
        public var wasInterrupted = false
    }

    /// Runs cells from the top, saving after each; stops at the first that fails.
    /// - Throws: `FileError` where the notebook cannot be saved, `SessionError` where another process has it.
    public func run(_ selection: Selection = .stale, observer: (any SessionObserver)? = nil) throws -> RunSummary {
        try takeLock()
        recordParameters()
        var summary = RunSummary()
        let planned = statuses().map { selection == .all || $0.status.needsRun }
        guard planned.contains(true) else {
            summary.current = planned.count
            return summary
        }
        let mistakes = check()
        let estimates = zip(planned, document.codeCells).filter(\.0).map { document.cells[$0.1].state?.seconds }
        let seconds = estimates.contains { $0 == nil } ? nil : estimates.compactMap { $0 }.reduce(0, +)
        observer?.willRun(cells: planned.count(where: { $0 }), of: planned.count, seconds: seconds)
        tellOtherMistakes(mistakes, than: (planned.firstIndex(of: true) ?? 0) + 1, observer)
        let all = cells
        var fingerprints: [String] = []
        for cell in all {
            let fingerprint = self.fingerprint(of: cell, among: all, known: fingerprints)
            fingerprints.append(fingerprint)
            let isCurrent = selection == .stale && !status(of: cell, fingerprint).needsRun
            if isCurrent {
                summary.current += 1
                continue
            }
            if let found = mistakes[cell.number]?.filter({ $0.severity == .error }), !found.isEmpty {
                try refuse(cell, found, observer)
                summary.failed = cell.number
                return summary
            }
            let outcome = try runCell(cell, among: all, fingerprints: &fingerprints, observer)
            summary.ran += 1
            if outcome != .ok {
                summary.failed = cell.number
                summary.wasInterrupted = outcome == .interrupted
                return summary
            }
        }
        lab.checkpoints.removeOthers()
        return summary
    }

    /// Tells of mistakes in cells further down before the first cell runs: it may run for long.
    private func tellOtherMistakes(
        _ mistakes: [Int: [Diagnostic]], than first: Int, _ observer: (any SessionObserver)?
    ) {
        let others = mistakes.keys.filter { $0 != first }.sorted().flatMap { mistakes[$0] ?? [] }
        if !others.isEmpty { observer?.didFindMistakes(others) }
    }

    /// Adds a cell below all others, runs it, and keeps it where it worked.
    /// - Returns: whether it worked.
    public func runNewCell(_ source: String, observer: (any SessionObserver)? = nil) throws -> Bool {
        let number = document.codeCells.count + 1
        let program = Parser.parse(
            SourceText(name: "cell \(number)", text: source), words: builtins.words(allowsLeadingPipe: true))
        if !program.diagnostics.isEmpty {
            observer?.cellDidFail(program.diagnostics)
            return false
        }
        let all = cells
        if path != nil { try takeLock() }
        let stale = staleDefiners(of: program.program, among: all)
        guard stale.isEmpty else {
            observer?.cellDidFail(stale)
            return false
        }
        // Names of cells that were not used in this session yet are restored from their saved state.
        let bindings = try restoredBindings(mentioned: program.program.mentionedNames, among: all)
        let types = bindings.mapValues(StandardLanguage.type(of:))
        let checked = Checker.check(program.program, names: types, builtins: builtins, files: FileSchemas(files: files))
        if checked.diagnostics.contains(where: { $0.severity == .error }) {
            observer?.cellDidFail(checked.diagnostics)
            return false
        }
        files.beginRecording()
        let started = lab.now()
        let execution = CellExecution(program: program.program, lab: lab, builtins: builtins, number: number)
        let (outcome, value) = execution.run(
            bindings: bindings, parameters: parameters, lastValue: lastValue, observer: observer)
        observer?.cellDidFinish(number: number, seconds: lab.now() - started)
        guard outcome.status == .ok else {
            lab.checkpoints.settleFinished(areKept: false)
            return false
        }
        lastValue = value ?? lastValue
        var cell = NotebookCell(
            id: CellID.make(from: "\(number)\u{0}\(source)", avoiding: document.cells.map(\.id)), kind: .code,
            source: source)
        live[cell.id] = outcome.exports
        cell.outputs = outcome.outputs
        cell.executionCount = number
        document.cells.append(cell)
        let analyses = cells
        let known = statuses().map(\.fingerprint)
        try keep(outcome, of: analyses[number - 1], among: analyses, known: Array(known.dropLast()), started: started)
        try save()
        lab.checkpoints.settleFinished(areKept: true)
        return true
    }

    /// Names whose cell must run first: a typed line must not compute with values that no longer fit their code.
    private func staleDefiners(of program: Program, among all: [CellAnalysis]) -> [Diagnostic] {
        let statuses = self.statuses().map(\.status)
        return program.mentionedNames.sorted().compactMap { name in
            guard let definer = all.last(where: { $0.bound.contains(name) }), statuses[definer.number - 1].needsRun
            else { return nil }
            let status = statuses[definer.number - 1].label
            return Diagnostic(
                .missingState, at: Span(0..<program.source.utf8.count), in: program.source,
                "`\(name)` comes from cell \(definer.number), which is \(status).", hint: ":run runs what is stale")
        }
    }

    private func restoredBindings(mentioned: Set<String>, among all: [CellAnalysis]) throws -> Bindings {
        var bindings: Bindings = [:]
        for name in mentioned {
            guard let definer = all.last(where: { $0.bound.contains(name) }) else { continue }
            bindings[name] = try value(of: name, boundBy: definer)
        }
        return bindings
    }

    private func runCell(
        _ analysis: CellAnalysis, among all: [CellAnalysis], fingerprints: inout [String],
        _ observer: (any SessionObserver)?
    ) throws -> CellState.Status {
        let index = document.codeCells[analysis.number - 1]
        observer?.cellDidStart(number: analysis.number, source: document.cells[index].source)
        let started = lab.now()
        files.beginRecording()
        var bindings: Bindings = [:]
        for (name, number) in definitions(for: analysis, among: all) {
            do {
                bindings[name] = try value(of: name, boundBy: all[number - 1])
            } catch {
                let found = [
                    Diagnostic(
                        .missingState, at: Span(0..<0), in: analysis.program.source,
                        "The saved value of `\(name)` (cell \(number)) cannot be read: \(error)",
                        hint: "run with --all to make it again")
                ]
                try refuse(analysis, found, observer)
                return .failed
            }
        }
        let execution = CellExecution(program: analysis.program, lab: lab, builtins: builtins, number: analysis.number)
        let (outcome, value) = execution.run(
            bindings: bindings, parameters: parameters, lastValue: nil, observer: observer)
        live[document.cells[index].id] = outcome.exports
        lastValue = value ?? lastValue
        document.cells[index].outputs = outcome.outputs
        document.cells[index].executionCount = analysis.number
        try keep(outcome, of: analysis, among: all, known: Array(fingerprints.dropLast()), started: started)
        fingerprints[analysis.number - 1] =
            document.cells[index].state?.fingerprint ?? fingerprints[analysis.number - 1]
        try save()
        lab.checkpoints.settleFinished(areKept: outcome.status == .ok)
        observer?.cellDidFinish(number: analysis.number, seconds: lab.now() - started)
        return outcome.status
    }

    /// Writes a cell's state into its metadata; large values go to blobs.
    private func keep(
        _ outcome: CellExecution.Outcome, of analysis: CellAnalysis, among all: [CellAnalysis], known: [String],
        started: Double
    ) throws {
        let index = document.codeCells[analysis.number - 1]
        let read = files.recorded
        var encoder = ValueEncoder(blobs: lab.blobs)
        var exports = Record()
        for name in outcome.exportNames { exports[name] = try encoder.encodeWhole(outcome.exports[name] ?? .null) }
        var state = CellState(
            status: outcome.status, fingerprint: fingerprint(of: analysis, among: all, known: known, files: read),
            reads: definitions(for: analysis, among: all).keys.sorted(), exports: exports, files: read,
            blobs: encoder.references,
            seconds: lab.now() - started, started: Moment.text(started))
        if analysis.reachesModel { state.models = modelIdentities(analysis) }
        document.cells[index].state = state
    }

    /// Notes mistakes that were found before the cell could run as its output.
    private func refuse(_ analysis: CellAnalysis, _ mistakes: [Diagnostic], _ observer: (any SessionObserver)?) throws {
        let index = document.codeCells[analysis.number - 1]
        observer?.cellDidStart(number: analysis.number, source: document.cells[index].source)
        observer?.cellDidFail(mistakes)
        document.cells[index].outputs = [CellExecution.error(mistakes)]
        document.cells[index].executionCount = analysis.number
        document.cells[index].state = CellState(status: .failed, fingerprint: "", started: Moment.text(lab.now()))
        try save()
    }

    func value(of name: String, boundBy analysis: CellAnalysis) throws -> Value {
        let cell = cell(analysis.number)
        if let value = live[cell.id]?[name] { return value }
        guard let state = cell.state, state.status == .ok, let encoded = state.exports[name] else {
            throw StateError("no value of `\(name)`; cell \(analysis.number) has not run")
        }
        let value = try codec.decode(encoded, blobs: lab.blobs)
        live[cell.id, default: [:]][name] = value
        return value
    }

    private func recordParameters() {
        var given = Record()
        let declared = Set(cells.flatMap { $0.parameters.keys })
        for name in parameters.keys.sorted() where declared.contains(name) { given[name] = parameters[name] }
        document.parameters = given
        document.kernel = lab.kernel.name
    }

    // MARK: The file

    /// Saves under another path, and from then on there.
    public func save(to path: String) throws {
        let (before, lockBefore) = (self.path, lock)
        do {
            self.path = path
            lock = nil
            savedBytes = FileManager.default.contents(atPath: path).map { Array($0) }
            try takeLock()
            document.kernel = lab.kernel.name
            try save()
        } catch {
            (self.path, lock) = (before, lockBefore)
            throw error
        }
    }

    /// Replaces the file on disk, whole.
    /// - Throws: `FileError`; `SessionError.changedOnDisk` where another program wrote the file meanwhile.
    public func save() throws {
        guard let path else { return }
        let onDisk = FileManager.default.contents(atPath: path).map { Array($0) }
        if let onDisk, let savedBytes, onDisk != savedBytes {
            let rescue = path + ".unsaved"
            try AtomicFile.replace(rescue, with: Array(NotebookCodec.encode(document).utf8))
            throw SessionError.changedOnDisk(path: path, rescue: rescue)
        }
        let bytes = Array(NotebookCodec.encode(document).utf8)
        try AtomicFile.replace(path, with: bytes)
        savedBytes = bytes
    }

    /// Removes outputs and state and saves.
    public func clear() throws {
        try takeLock()
        document.clear()
        // Set anew, so that a notebook of another tool gets the metadata that running would give it.
        document.kernel = document.kernel
        live = [:]
        try save()
    }

    private func takeLock() throws {
        guard let path, lock == nil else { return }
        let url = URL(fileURLWithPath: path)
        guard
            let taken = NotebookLock(
                folder: url.deletingLastPathComponent().path + "/.distnb", notebook: url.lastPathComponent)
        else {
            throw SessionError.inUse(path: path)
        }
        lock = taken
    }
}

/// Why a notebook cannot be worked on.
public enum SessionError: Error, Sendable, CustomStringConvertible {
    case inUse(path: String)
    case changedOnDisk(path: String, rescue: String)

    public var description: String {
        switch self {
        case .inUse(let path): "Another distnb has \(path) open; nothing was changed."
        case .changedOnDisk(let path, let rescue):
            "Another program changed \(path) meanwhile; it was left as it is, and this run is in \(rescue)."
        }
    }
}

/// Moments as nbformat and people read them.
enum Moment {
    /// `2026-11-21T09:30:00Z`.
    static func text(_ seconds: Double) -> String {
        let formatter = ISO8601DateFormatter()
        return formatter.string(from: Date(timeIntervalSince1970: seconds.rounded(.down)))
    }
}

extension NotebookSession {
    /// The names that are bound by the cells, the nearest binding of each, with what they hold.
    public func boundSummaries() -> [(name: String, summary: String)] {
        var names: OrderedDictionary<String, String> = [:]
        for cell in cells {
            for name in cell.bound {
                names.removeValue(forKey: name)
                names[name] = (try? value(of: name, boundBy: cell))?.summary ?? "not run"
            }
        }
        return names.map { ($0.key, $0.value) }
    }
}

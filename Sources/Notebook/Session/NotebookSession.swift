public import Distillation
public import OrderedCollections
public import PipelineRuntime
public import PipelineSyntax
public import Tables
public import Verbs

/// A notebook being worked on: its cells, their state, what is stale; runs cells and saves after each.
///
/// Every front end uses this one. It belongs to the thread that uses it; interrupting goes through the
/// lab's cancellation. Running is in `+Run`, typed lines in `+Type`, changing cells in `+Edit`, the file in `+Save`.
public final class NotebookSession {
    public internal(set) var document: NotebookDocument
    public let lab: Lab
    /// A cell that takes longer than so many seconds is stopped; nil lets it run.
    public var cellTimeout: Double?
    /// What a run may spend; none for no limit.
    public var budgets: [Budget] = []
    /// The last cell's value, for a leading `|`.
    public internal(set) var lastValue: Value?
    /// The code that gave it: what a cell that begins with `|` is saved with, so that it runs again by itself.
    var lastExpression = ""
    let files: RootedFiles
    let builtins: BuiltinTable
    let parameters: Bindings
    let redaction: Redaction
    var saving: NotebookFile?
    /// The values of cells that ran or were restored in this session, by cell id.
    var live: [String: Bindings] = [:]
    /// Documents before each change that can be taken back.
    var history: [NotebookDocument] = []
    private let codec: ValueCodec
    private var analyses: [String: (source: String, analysis: CellAnalysis)] = [:]

    /// - Parameters:
    ///   - document: the notebook, as read from `file` where there is one.
    ///   - file: where the notebook is saved; nil for a scratch session.
    ///   - parameters: values for `param`s from the command line.
    ///   - redaction: what must not be saved.
    public init(
        document: NotebookDocument, file: NotebookFile?, lab: Lab, files: RootedFiles, parameters: Bindings = [:],
        redaction: Redaction = .shapesOnly, builtins: BuiltinTable = StandardLanguage.builtins,
        codec: ValueCodec = StandardLanguage.codec
    ) {
        self.document = document
        saving = file
        self.lab = lab
        self.files = files
        self.parameters = parameters
        self.redaction = redaction
        self.builtins = builtins
        self.codec = codec
    }

    /// Where the notebook is saved; nil for a scratch session.
    public var path: String? { saving?.path }

    // MARK: What is known without running

    /// The code cells' analyses, in order.
    public var cells: [CellAnalysis] {
        document.codeCells.enumerated().map { offset, index in
            let cell = document.cells[index]
            if let known = analyses[cell.id], known.analysis.number == offset + 1, known.source == cell.source {
                return known.analysis
            }
            let analysis = CellAnalysis(source: cell.source, number: offset + 1, builtins: builtins)
            analyses[cell.id] = (cell.source, analysis)
            return analysis
        }
    }

    var outline: NotebookOutline { NotebookOutline(cells) }

    /// Mistakes of the whole notebook, by cell number, found without running anything. Warnings are among them.
    public func check() -> [Int: [Diagnostic]] { mistakes(in: cells) }

    /// Mistakes of cells, by number; of this notebook, or of a script beside it.
    func mistakes(in cells: [CellAnalysis]) -> [Int: [Diagnostic]] {
        let check = CellCheck(
            builtins: builtins, schemas: FileSchemas(files: files), kernel: lab.kernel,
            parameters: parameters.mapValues(StandardLanguage.type(of:)))
        var mistakes: [Int: [Diagnostic]] = [:]
        for (cell, found) in zip(cells, NotebookCheck(cells, with: check).diagnostics) where !found.isEmpty {
            mistakes[cell.number] = found
        }
        return mistakes
    }

    /// Parameters given from outside that no cell declares.
    public var unknownParameters: [String] {
        let known = Set(cells.flatMap { $0.parameters.keys })
        return parameters.keys.filter { !known.contains($0) }.sorted()
    }

    /// The status of each code cell, in order, and the fingerprint that it would have now.
    public func statuses() -> [(status: CellStatus, fingerprint: String)] { statuses(in: outline) }

    func statuses(in outline: NotebookOutline) -> [(status: CellStatus, fingerprint: String)] {
        var fingerprints: [String] = []
        fingerprints.reserveCapacity(outline.cells.count)
        var identities = ModelIdentityCache(lab: lab)
        let places = document.codeCells
        return outline.cells.map { cell in
            let state = document.cells[places[cell.number - 1]].state
            let fingerprint = fingerprint(of: cell, in: outline, state: state, known: fingerprints, &identities).text
            fingerprints.append(fingerprint)
            return (status(of: cell, state: state, fingerprint), fingerprint)
        }
    }

    func status(of analysis: CellAnalysis, state: CellState?, _ fingerprint: String) -> CellStatus {
        let isFresh = state?.fingerprint == fingerprint
        if isFresh, state?.status == .failed, codeCell(analysis.number).expectsFailure { return .current }
        guard analysis.diagnostics.isEmpty else { return .broken }
        guard let state else { return analysis.program.statements.isEmpty ? .current : .notRun }
        switch state.status {
        case .failed: return .failed
        case .interrupted: return .interrupted
        case .ok: return !isFresh ? .stale : state.blobs.allSatisfy(lab.blobs.contains) ? .current : .missingState
        }
    }

    /// Why a cell is not current, in words: "its code changed"; empty where it is, or where that is not known.
    public func reasons(for number: Int) -> [String] {
        let outline = self.outline
        return reasons(for: number, in: outline, known: statuses(in: outline).map(\.fingerprint))
    }

    /// - Parameter known: the fingerprints that all cells have now.
    func reasons(for number: Int, in outline: NotebookOutline, known: [String]) -> [String] {
        guard outline.cells.indices.contains(number - 1), let state = codeCell(number).state else { return [] }
        var identities = ModelIdentityCache(lab: lab)
        return state.inputs.changes(
            to: fingerprint(of: outline.cells[number - 1], in: outline, state: state, known: known, &identities).inputs)
    }

    /// Whether a code cell is tagged as one that fails.
    public func expectsFailure(_ number: Int) -> Bool { codeCell(number).expectsFailure }

    /// The code cell of a number, from 1.
    func codeCell(_ number: Int) -> NotebookCell { document.cells[document.codeCells[number - 1]] }

    /// The fingerprint that a cell has, or would have, with the fingerprints of those above it.
    /// - Parameters:
    ///   - read: the files that it read, where it just ran; else those of its state, as they are now.
    ///   - made: the model that made embeddings, where it just ran; else the kernel's of now, if its state has one.
    func fingerprint(
        of analysis: CellAnalysis, in outline: NotebookOutline, state: CellState?, known: [String],
        files read: [String: String]? = nil, embedding made: String? = nil, _ identities: inout ModelIdentityCache
    ) -> Fingerprint {
        var used: [String: Value] = [:]
        for (name, initial) in analysis.parameters {
            guard let given = parameters[name], given != initial.literalValue else { continue }
            let saved = redaction.apply(to: given)
            // A secret must not be told from the file, but another one must make the cell stale.
            let holdsSecret = JSON.text(saved).contains(Redaction.mark)
            used[name] = holdsSecret ? .string(SHA256Name.of(JSON.text(given, .canonical))) : saved
        }
        var files = read ?? [:]
        if read == nil {
            // A file that is not here makes nothing stale: a notebook that was sent without its data still says what
            // it said. One that is here and different does.
            for (name, known) in state?.files ?? [:] { files[name] = self.files.hash(name) ?? known }
        }
        return Fingerprint(
            tokens: analysis.canonicalTokens,
            definitions: outline.definitions[analysis.number - 1].mapValues { known[$0 - 1] }, parameters: used,
            files: Dictionary(files.map { (redaction.apply(to: $0.key), $0.value) }, uniquingKeysWith: { $1 }),
            store: analysis.readsStore ? (try? lab.store?.revision()) ?? "0" : nil,
            models: analysis.reachesModel
                ? (lab.kernel.computingName, identities.ids(of: analysis.aliases, recorded: state?.models ?? [:]))
                : nil,
            embedding: read == nil ? state?.embedding.map { identities.embeddingID() ?? $0 } : made)
    }

    /// What a name holds that a cell binds: of this session, or restored from the saved state.
    func value(of name: String, boundBy analysis: CellAnalysis) throws -> Value {
        let cell = codeCell(analysis.number)
        if let value = live[cell.id]?[name] { return value }
        guard let state = cell.state, state.status == .ok, let encoded = state.exports[name] else {
            throw StateError("no value of `\(name)`; cell \(analysis.number) has not run")
        }
        let value = try codec.decode(encoded, blobs: lab.blobs)
        live[cell.id, default: [:]][name] = value
        return value
    }

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

    /// What a name holds, where its cell ran; for completion and `:type`.
    public func value(of name: String) -> Value? {
        guard let definer = cells.last(where: { $0.bound.contains(name) }) else { return nil }
        return try? value(of: name, boundBy: definer)
    }

    /// What is known of the names after all cells, from the checker.
    public func types() -> [String: StaticType] {
        var names: [String: StaticType] = [:]
        let schemas = FileSchemas(files: files)
        for cell in cells {
            names = Checker.check(cell.program, names: names, builtins: builtins, files: schemas).names
            for name in cell.bound {
                if let value = live[codeCell(cell.number).id]?[name] { names[name] = StandardLanguage.type(of: value) }
            }
        }
        return names
    }
}

/// The ids of the models that cells name, each resolved once.
struct ModelIdentityCache {
    let lab: Lab
    private var resolved: [String: String?] = [:]

    init(lab: Lab) { self.lab = lab }

    /// Where a model cannot be resolved here, the id that the cell was run with stands: a file opened without weights
    /// still shows what is current.
    mutating func ids(of aliases: CellAnalysis.Aliases, recorded: [String: String]) -> [String: String] {
        let names: Set<String> =
            switch aliases {
            case .some(let names): names
            case .any: Set(lab.kernel.models.keys)
            }
        var ids: [String: String] = [:]
        for name in names { ids[name] = id(of: name) ?? recorded[name] ?? "unknown" }
        return ids
    }

    private var resolvedEmbedding: String??

    /// The id of the kernel's model for embeddings; nil where it cannot be resolved here.
    mutating func embeddingID() -> String? {
        if let known = resolvedEmbedding { return known }
        let id = try? lab.provider.embeddingIdentity().id
        resolvedEmbedding = .some(id)
        return id
    }

    private mutating func id(of alias: String) -> String? {
        if let known = resolved[alias] { return known }
        let id = lab.kernel.models[alias].flatMap { try? lab.provider.identity(of: $0, trainedWeights: nil).id }
        resolved[alias] = .some(id)
        return id
    }
}

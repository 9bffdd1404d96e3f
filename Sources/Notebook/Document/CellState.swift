public import OrderedCollections
public import Tables

/// What running a cell left in its metadata: enough to go on from here on another machine.
public struct CellState: Sendable, Equatable {
    public enum Status: String, Sendable { case ok, failed, interrupted }

    public var status: Status
    /// Hash of all that the outputs depend on; see `Fingerprint`.
    public var fingerprint: String
    /// Names that the cell read from cells above.
    public var reads: [String]
    /// Names that the cell bound, in order, with their encoded values.
    public var exports: Record
    /// Its output as a value, where that is a report such as a comparison.
    public var report: CellReport?
    /// Files that the cell read, with their SHA-256.
    public var files: [String: String]
    /// Aliases of models that the cell resolved, with their ids.
    public var models: [String: String]
    /// The id of the model that made embeddings for it; nil where none were made.
    public var embedding: String?
    /// Blobs that the exports refer to.
    public var blobs: [String]
    /// Seconds that it took.
    public var seconds: Double
    /// When it was started, as `2026-11-21T09:30:00Z`.
    public var started: String
    /// The parts of the fingerprint, to say why a cell became stale.
    public var inputs: FingerprintInputs
    /// What it asked of models.
    public var usage: CellUsage
    /// How often its checks failed since they last held.
    public var attempts: Int

    public init(
        status: Status, fingerprint: String, reads: [String] = [], exports: Record = [:], files: [String: String] = [:],
        models: [String: String] = [:], embedding: String? = nil, blobs: [String] = [], seconds: Double = 0,
        started: String = "",
        inputs: FingerprintInputs = FingerprintInputs(), usage: CellUsage = CellUsage(), attempts: Int = 0,
        report: CellReport? = nil
    ) {
        self.status = status
        self.fingerprint = fingerprint
        self.reads = reads
        self.exports = exports
        self.files = files
        self.models = models
        self.embedding = embedding
        self.blobs = blobs
        self.seconds = seconds
        self.started = started
        self.inputs = inputs
        self.usage = usage
        self.attempts = attempts
        self.report = report
    }

    /// The metadata record.
    var value: Value {
        var fields: Record = [
            "status": .string(status.rawValue), "fingerprint": .string(fingerprint),
            "reads": .list(reads.map { .string($0) }),
            // A list keeps the order in which names were bound; canonical files sort records.
            "exports": .list(exports.map { ["name": .string($0.key), "value": $0.value] }),
            "seconds": .double((seconds * 1_000).rounded() / 1_000), "started": .string(started),
        ]
        if !files.isEmpty { fields["files"] = Self.record(files) }
        if !models.isEmpty { fields["models"] = Self.record(models) }
        if let embedding { fields["embedding"] = .string(embedding) }
        if !blobs.isEmpty { fields["blobs"] = .list(blobs.map { .string($0) }) }
        if inputs != FingerprintInputs() { fields["inputs"] = inputs.value }
        if !usage.isEmpty { fields["usage"] = usage.value }
        if attempts > 0 { fields["attempts"] = .integer(attempts) }
        if let report { fields["report"] = report.state }
        return .record(fields)
    }

    /// Reads the metadata record; nil where it is not ours.
    init?(_ value: Value) {
        guard let status = value[field: "status"].text.flatMap(Status.init(rawValue:)),
            let fingerprint = value[field: "fingerprint"].text
        else { return nil }
        var exports = Record()
        for entry in value[field: "exports"].list ?? [] {
            guard let name = entry[field: "name"].text else { return nil }
            exports[name] = entry[field: "value"]
        }
        self.init(
            status: status, fingerprint: fingerprint, reads: (value[field: "reads"].list ?? []).compactMap(\.text),
            exports: exports,
            files: Self.dictionary(value[field: "files"]), models: Self.dictionary(value[field: "models"]),
            embedding: value[field: "embedding"].text,
            blobs: (value[field: "blobs"].list ?? []).compactMap(\.text),
            seconds: min(max(0, value[field: "seconds"].double ?? 0), 1e9),
            started: value[field: "started"].text ?? "", inputs: FingerprintInputs(value[field: "inputs"]),
            usage: CellUsage(value[field: "usage"]) ?? CellUsage(),
            attempts: min(max(0, value[field: "attempts"].integer ?? 0), 1_000_000),
            report: CellReport(state: value[field: "report"]))
    }

    private static func record(_ texts: [String: String]) -> Value {
        var fields = Record()
        for name in texts.keys.sorted() { fields[name] = .string(texts[name] ?? "") }
        return .record(fields)
    }

    private static func dictionary(_ value: Value) -> [String: String] {
        var texts: [String: String] = [:]
        for (name, text) in value.record ?? [:] { texts[name] = text.text }
        return texts
    }
}

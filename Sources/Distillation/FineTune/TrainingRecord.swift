public import Tables

/// What a fine-tuned model remembers of its training, besides the losses by step.
public struct TrainingRecord: Sendable {
    /// The options by name, those that nobody gave included: with the rows and the base all that repeating it takes.
    public let options: Value
    /// The rows that it was trained on with `.tokens`, `.first_loss` and `.loss`; both null for a row that was left out.
    public let rows: DataSet
    /// What it answered along the way, where it was watched.
    public let watched: FilmStrip?
    /// The step whose weights were kept.
    public let keptStep: Int?
    /// What went into it; nil for a model of before this was kept.
    public let effort: TrainingEffort?

    public init(
        options: Value, rows: DataSet, watched: FilmStrip? = nil, keptStep: Int? = nil, effort: TrainingEffort? = nil
    ) {
        self.options = options
        self.rows = rows
        self.watched = watched
        self.keptStep = keptStep
        self.effort = effort
    }

    func encoded(with encoder: inout ValueEncoder) throws -> Value {
        [
            "options": options, "rows": try encoder.encode(.domain(rows)),
            "watched": try watched.map { try encoder.encode(.domain($0)) } ?? .null,
            "kept_step": keptStep.map { .integer($0) } ?? .null, "effort": effort?.value ?? .null,
        ]
    }

    /// Reads what `encoded` wrote; nil for a model of before there were records.
    static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> TrainingRecord? {
        guard let rows = try codec.decode(state[field: "rows"], blobs: blobs).rows else { return nil }
        return TrainingRecord(
            options: state[field: "options"], rows: rows,
            watched: try codec.decode(state[field: "watched"], blobs: blobs).domain(FilmStrip.self),
            keptStep: state[field: "kept_step"].integer, effort: TrainingEffort(state[field: "effort"]))
    }
}

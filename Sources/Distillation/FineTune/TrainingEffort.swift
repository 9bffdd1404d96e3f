internal import OrderedCollections
public import Tables

/// What went into a trained model: the lessons that were written for it, and the training. What was trained before
/// brings its own along.
public struct TrainingEffort: Sendable, Hashable {
    /// What one model was asked at once to write lessons, those that were sorted out later included.
    public struct Lessons: Sendable, Hashable {
        /// What the model that wrote them was called.
        public let teacher: String
        /// Its `ModelIdentity.id`.
        public let teacherID: String
        public let batch: GenerationBatch

        public init(teacher: String, teacherID: String, batch: GenerationBatch) {
            self.teacher = teacher
            self.teacherID = teacherID
            self.batch = batch
        }
    }

    public var lessons: [Lessons]
    /// Tokens that were trained on, prompts included, once for each epoch; nil where the provider does not tell.
    public var tokens: Int?
    /// Seconds that the training took; nil where they were not measured.
    public var seconds: Double?

    public init(lessons: [Lessons] = [], tokens: Int? = nil, seconds: Double? = nil) {
        self.lessons = lessons
        self.tokens = tokens
        self.seconds = seconds
    }

    /// Both, one after the other; lessons that both learnt from count once.
    public static func + (first: TrainingEffort, second: TrainingEffort) -> TrainingEffort {
        var known: Set<String> = []
        return TrainingEffort(
            lessons: (first.lessons + second.lessons).filter { known.insert($0.batch.id).inserted },
            tokens: zip(first.tokens, second.tokens).map { min($0 + $1, 1 << 50) },
            seconds: zip(first.seconds, second.seconds).map(+))
    }

    private static func zip<One, Other>(_ one: One?, _ other: Other?) -> (One, Other)? {
        if let one, let other { (one, other) } else { nil }
    }

    /// The lessons that rows are, by the samples that `generate` gave them. Of rows whose samples are older than batches,
    /// each counts for itself: what was sorted out is not known of them.
    public static func lessons(in sets: [DataSet]) -> [Lessons] {
        var found: OrderedDictionary<String, Lessons> = [:]
        for (rows, index) in sets.flatMap({ rows in rows.indices.map { (rows, $0) } }) {
            let sample = rows.value(index, "sample")
            guard let teacherID = sample[field: "model_id"].text else { continue }
            let teacher = sample[field: "model"].text ?? "a model"
            if let batch = GenerationBatch(sample[field: "batch"]) {
                if found[batch.id] == nil {
                    found[batch.id] = Lessons(teacher: teacher, teacherID: teacherID, batch: batch)
                }
            } else {
                let id = "rows of \(teacherID)"
                let before = found[id]?.batch ?? GenerationBatch(id: id, calls: 0, usage: Usage())
                found[id] = Lessons(
                    teacher: teacher, teacherID: teacherID,
                    batch: GenerationBatch(
                        id: id, calls: before.calls + 1, usage: before.usage + Usage(sample: sample[field: "usage"])))
            }
        }
        return Array(found.values)
    }

    var value: Value {
        [
            "lessons": .list(
                lessons.map {
                    ["teacher": .string($0.teacher), "teacher_id": .string($0.teacherID), "batch": $0.batch.value]
                }), "tokens": tokens.map { .integer($0) } ?? .null,
            "seconds": seconds.map { .double(($0 * 1_000).rounded() / 1_000) } ?? .null,
        ]
    }

    /// Reads what `value` wrote; nil for a model of before efforts were kept.
    init?(_ value: Value) {
        guard let lessons = value[field: "lessons"].list else { return nil }
        self.init(
            lessons: lessons.compactMap { entry in
                GenerationBatch(entry[field: "batch"]).map {
                    Lessons(
                        teacher: entry[field: "teacher"].text ?? "", teacherID: entry[field: "teacher_id"].text ?? "",
                        batch: $0)
                }
            }, tokens: value[field: "tokens"].integer.map { min(max(0, $0), 1 << 50) },
            seconds: value[field: "seconds"].double.flatMap { 0...1e9 ~= $0 ? $0 : nil })
    }
}

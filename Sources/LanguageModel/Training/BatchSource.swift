internal import Distillation

/// The rows of a step with what the student's words are compared with.
struct TrainingBatch {
    let examples: [TrainingExample]
    let objective: TargetObjective
    /// Whether the replies are the student's own.
    var isOnPolicy = false

    /// Target tokens of all rows.
    var targetCount: Int { examples.reduce(0) { $0 + PackedRows.targetCount($1) } }
}

/// What a method makes of a training's rows.
protocol BatchSource {
    /// The rows of a batch, by their numbers.
    /// - Parameters:
    ///   - stream: names the batch's random stream; the same at the same place of every run of a job.
    ///   - values: those that are trained, as they are before the step.
    /// - Throws: `EngineError`, `CancellationError`.
    func batch(_ rows: [Int], stream: String, values: [Float]) throws -> TrainingBatch

    /// Some of the validation rows, with their own replies.
    func validation(_ rows: Range<Int>) -> TrainingBatch
}

/// The rows as they are: supervised fine-tuning.
struct GivenReplies: BatchSource {
    let examples: [TrainingExample]
    let validation: [TrainingExample]

    func batch(_ rows: [Int], stream: String, values: [Float]) -> TrainingBatch {
        TrainingBatch(examples: rows.map { examples[$0] }, objective: .crossEntropy)
    }

    func validation(_ rows: Range<Int>) -> TrainingBatch {
        TrainingBatch(examples: Array(validation[rows]), objective: .crossEntropy)
    }
}

/// A teacher ready to run, with a training's rows as it reads them.
public struct TrainingTeacher: Sendable {
    public let transformer: Transformer
    /// Bytes of its weights that no other model shares.
    let ownBytes: Int
    /// Names the teacher: what its probabilities are kept under.
    public let identity: String
    /// The student's examples under the teacher's system prompt; the same targets.
    public let examples: [TrainingExample]
    public let validation: [TrainingExample]
    /// The vocabulary of both.
    public let tokenizer: Tokenizer

    public init(
        transformer: Transformer, ownBytes: Int = 0, identity: String, examples: [TrainingExample],
        validation: [TrainingExample], tokenizer: Tokenizer
    ) {
        self.ownBytes = ownBytes
        self.transformer = transformer
        self.identity = identity
        self.examples = examples
        self.validation = validation
        self.tokenizer = tokenizer
    }

    /// The teacher with some of its rows only, by their places.
    func selecting(_ rows: [Int], validation places: [Int]) -> TrainingTeacher {
        TrainingTeacher(
            transformer: transformer, ownBytes: ownBytes, identity: identity,
            examples: rows.compactMap { examples.indices.contains($0) ? examples[$0] : nil },
            validation: places.compactMap { validation.indices.contains($0) ? validation[$0] : nil },
            tokenizer: tokenizer)
    }

    /// - Throws: `EngineError` unless the teacher can read its rows, and is asked for the tokens that the student learns.
    func check(_ student: [TrainingExample], _ studentValidation: [TrainingExample]) throws {
        for (mine, theirs, kind) in [
            (examples, student, "training row"), (validation, studentValidation, "validation row"),
        ] {
            guard mine.count == theirs.count else {
                throw EngineError.invalidOption(
                    name: "teacher", expected: "\(theirs.count) \(kind)s, as the student has", found: "\(mine.count)")
            }
            for (index, (own, students)) in zip(mine, theirs).enumerated() {
                let what = "\(kind) \(index + 1), as the teacher reads it,"
                try transformer.check(own.tokens, what: what)
                guard own.tokens.count == own.trained.count, own.targets.elementsEqual(students.targets) else {
                    throw EngineError.invalidOption(
                        name: "teacher",
                        expected: "one that reads the reply of \(kind) \(index + 1) as the same tokens",
                        found: "one with another chat template")
                }
            }
        }
    }
}

extension TrainingExample {
    /// The tokens that are predicted.
    var targets: [Int32] { zip(tokens, trained).dropFirst().filter(\.1).map(\.0) }
}

extension TrainingTask {
    /// What the method makes of the rows; asks the teacher for what it needs of it beforehand.
    /// - Throws: `EngineError` for a teacher that does not fit, `CancellationError`.
    func source(
        _ examples: [TrainingExample], validation: [TrainingExample], teacher: TrainingTeacher?,
        options: FineTuneOptions, supervision: TrainingSupervision, activity: EngineActivity
    ) throws -> any BatchSource {
        if case .sft = options.method { return GivenReplies(examples: examples, validation: validation) }
        guard let teacher else {
            throw EngineError.invalidOption(
                name: "teacher", expected: "given for `method: \"\(options.method.name)\"`", found: "left out")
        }
        guard teacher.transformer.configuration.vocabulary == model.shape.vocabulary else {
            throw EngineError.invalidOption(
                name: "teacher", expected: "a model with the student's \(model.shape.vocabulary) tokens",
                found: "one with \(teacher.transformer.configuration.vocabulary)")
        }
        try teacher.check(examples, validation)
        let rows = teacher.examples + teacher.validation
        let scorer = TeacherScorer(teacher.transformer, rows: rows, activity: activity)
        switch options.method {
        case .sft: return GivenReplies(examples: examples, validation: validation)
        case .soft(let soft):
            let table = try SoftLabelTable(
                rows, teacher: scorer, identity: teacher.identity, options: soft, supervision: supervision)
            return SoftLabelledRows(
                examples: examples, validation: validation, teacher: teacher, table: table, options: soft)
        case .onPolicy(let onPolicy):
            return OnPolicyRows(
                examples: examples, validation: validation, teacher: teacher, scorer: scorer, options: onPolicy,
                seed: options.seed, task: self, isCancelled: supervision.cancellation.isRequested, activity: activity)
        }
    }
}

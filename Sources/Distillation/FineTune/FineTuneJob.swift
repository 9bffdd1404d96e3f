public import Foundation
public import Tables

/// What fine-tuning is asked to do.
public struct FineTuneJob: Sendable {
    public let base: Model
    /// The file of what fine-tuning made of the base before; nil where it was not fine-tuned.
    public let baseWeights: [UInt8]?
    /// Conversations whose assistant turns are learnt, but those that say otherwise (`ChatMessage.isLearnt`).
    public let examples: [[ChatMessage]]
    /// Conversations that are only measured.
    public let validation: [[ChatMessage]]
    public let options: FineTuneOptions
    /// The options that somebody asked for, by the language's names; a service chooses the others itself.
    public let given: Set<String>
    /// What goes into the trained model's name.
    public let suffix: String?
    /// Whose probabilities are learnt, where the method needs them.
    public let teacher: FineTuneTeacher?

    public init(
        base: Model, baseWeights: [UInt8]? = nil, examples: [[ChatMessage]], validation: [[ChatMessage]],
        options: FineTuneOptions, given: Set<String> = [], suffix: String? = nil, teacher: FineTuneTeacher? = nil
    ) {
        self.base = base
        self.baseWeights = baseWeights
        self.examples = examples
        self.validation = validation
        self.options = options
        self.given = given
        self.suffix = suffix
        self.teacher = teacher
    }
}

/// What fine-tuning gives.
public struct FineTuneResult: Sendable {
    /// The file with what was learnt (safetensors): an adapter, or all weights. Of a model on a service, the record of
    /// the job.
    public let weights: [UInt8]
    /// The model that it is from now on, where that is not the base with these weights: a service's own name for it.
    public let specification: ModelSpecification?
    public let steps: [TrainingStep]
    /// What is remembered of each of the job's examples, in their order; empty where the provider does not tell.
    public let rows: [RowLoss]
    /// Answers to the watched prompts, in the order in which they were given.
    public let watched: [WatchedAnswer]
    /// The step whose weights these are: the last, or the best where early stopping was asked for.
    public let keptStep: Int?
    /// Whether the validation loss ended the training.
    public let stoppedEarly: Bool
    /// What a service says of the training that it did; nil where it was done here.
    public let receipt: TrainingReceipt?

    public init(
        weights: [UInt8], steps: [TrainingStep], rows: [RowLoss] = [], watched: [WatchedAnswer] = [],
        keptStep: Int? = nil, stoppedEarly: Bool = false, specification: ModelSpecification? = nil,
        receipt: TrainingReceipt? = nil
    ) {
        self.weights = weights
        self.specification = specification
        self.steps = steps
        self.rows = rows
        self.watched = watched
        self.keptStep = keptStep
        self.stoppedEarly = stoppedEarly
        self.receipt = receipt
    }
}

/// What a service says of a training that it did.
public struct TrainingReceipt: Sendable, Hashable {
    /// A record of how it was trained and where it is found, by the language's names where it has them.
    public let options: Value
    /// The tokens that are paid for; nil where the service does not say.
    public let tokens: Int?
    /// From the job's beginning to its end, waiting included; nil where the service does not say.
    public let seconds: Double?

    public init(options: Value, tokens: Int?, seconds: Double?) {
        self.options = options
        self.tokens = tokens
        self.seconds = seconds
    }
}

/// Who watches over a fine-tuning, and where it keeps what must survive a kill.
public struct TrainingSupervision {
    public let checkpoints: any CheckpointStoring
    /// Where teachers' probabilities are kept.
    public let softLabels: any SoftLabelStoring
    public let cancellation: Cancellation
    /// Called once, before the first step and before its memory is taken; what it throws ends the training.
    public let prepared: (TrainingPreparation) throws -> Void
    /// Called after every step.
    public let report: (TrainingStep) -> Void
    /// Called after the watched prompts were answered, with all answers of that step.
    public let watched: ([WatchedAnswer]) -> Void
    /// Asked where the work is to stop before its end: whether the model is wanted as it is. Otherwise the next run of
    /// the same job goes on from the checkpoint.
    public let keepsUnfinished: (TrainingStep) -> Bool
    /// Told where a checkpoint cannot be written; the training goes on without.
    public let checkpointFailed: (any Error) -> Void
    /// Told of the teacher's probabilities, while they are computed and when all are there.
    public let softLabelsProgress: (SoftLabelProgress) -> Void
    /// Told what a service does before the first step and after the last: "queued", "deploying".
    public let stage: (String) -> Void
    /// Told, in a sentence, what is worth knowing: what of the options a service does not have, where the job is found.
    public let tell: (String) -> Void
    /// Asks the person at the terminal a yes-or-no question; false where nobody is there.
    public let offer: (String) -> Bool

    public init(
        checkpoints: any CheckpointStoring = NoCheckpoints(), softLabels: any SoftLabelStoring = NoSoftLabels(),
        cancellation: Cancellation = .never,
        prepared: @escaping (TrainingPreparation) throws -> Void = { _ in },
        report: @escaping (TrainingStep) -> Void = { _ in },
        watched: @escaping ([WatchedAnswer]) -> Void = { _ in },
        keepsUnfinished: @escaping (TrainingStep) -> Bool = { _ in false },
        checkpointFailed: @escaping (any Error) -> Void = { _ in },
        softLabelsProgress: @escaping (SoftLabelProgress) -> Void = { _ in },
        stage: @escaping (String) -> Void = { _ in }, tell: @escaping (String) -> Void = { _ in },
        offer: @escaping (String) -> Bool = { _ in false }
    ) {
        self.checkpoints = checkpoints
        self.softLabels = softLabels
        self.softLabelsProgress = softLabelsProgress
        self.stage = stage
        self.tell = tell
        self.offer = offer
        self.cancellation = cancellation
        self.prepared = prepared
        self.report = report
        self.watched = watched
        self.keepsUnfinished = keepsUnfinished
        self.checkpointFailed = checkpointFailed
    }
}

/// Keeps the state of trainings that are under way, by a key of the whole job.
public protocol CheckpointStoring: Sendable {
    /// The last checkpoint of a job; nil where there is none.
    func read(_ key: String) -> Data?

    /// Replaces a job's checkpoint whole, by the pieces one after another.
    func write(_ key: String, _ pieces: [Data]) throws

    /// Forgets a job's checkpoint.
    func remove(_ key: String)

    /// A job has its result. Its checkpoint is removed with `settleFinished` only, once the result is safe: until
    /// then a kill would cost it.
    func finish(_ key: String)

    /// The results of the jobs that finished are kept, so their checkpoints go; or they are lost with their cell, and
    /// then the checkpoints stay for the next run.
    func settleFinished(areKept: Bool)

    /// Nothing is left to go on with but what this process itself left unfinished: all other checkpoints go.
    func removeOthers()
}

/// Keeps nothing: a training that is killed begins anew.
public struct NoCheckpoints: CheckpointStoring {
    public init() {}
    public func read(_ key: String) -> Data? { nil }
    public func write(_ key: String, _ pieces: [Data]) throws {}
    public func remove(_ key: String) {}
    public func finish(_ key: String) {}
    public func settleFinished(areKept: Bool) {}
    public func removeOthers() {}
}

public import Tables

/// What fine-tuning is asked to do.
public struct FineTuneJob: Sendable {
    public let base: Model
    /// Conversations that end with the reply to learn; every assistant turn is trained on.
    public let examples: [[ChatMessage]]
    /// Conversations that are only measured.
    public let validation: [[ChatMessage]]
    public let options: FineTuneOptions

    public init(base: Model, examples: [[ChatMessage]], validation: [[ChatMessage]], options: FineTuneOptions) {
        self.base = base
        self.examples = examples
        self.validation = validation
        self.options = options
    }
}

/// How to fine-tune.
public struct FineTuneOptions: Sendable, Hashable {
    public var epochs = 3
    /// Peak of the schedule.
    public var learningRate = 1e-3
    /// Examples a step.
    public var batchSize = 8
    /// Rank of the low-rank update (LoRA, Hu et al. 2021).
    public var rank = 16
    public var seed = 0

    public init() {}
}

/// One step of training, as it happens.
public struct TrainingStep: Sendable {
    public let step: Int
    public let totalSteps: Int
    public let epoch: Int
    /// Mean cross-entropy over the trained tokens of the batch, in nats.
    public let loss: Double
    /// The same over the validation rows, at the end of an epoch.
    public let validationLoss: Double?
    public let tokensPerSecond: Double

    public init(step: Int, totalSteps: Int, epoch: Int, loss: Double, validationLoss: Double?, tokensPerSecond: Double) {
        self.step = step
        self.totalSteps = totalSteps
        self.epoch = epoch
        self.loss = loss
        self.validationLoss = validationLoss
        self.tokensPerSecond = tokensPerSecond
    }
}

/// What fine-tuning gives.
public struct FineTuneResult: Sendable {
    /// The adapter's file (safetensors).
    public let adapter: [UInt8]
    public let steps: [TrainingStep]

    public init(adapter: [UInt8], steps: [TrainingStep]) {
        self.adapter = adapter
        self.steps = steps
    }
}

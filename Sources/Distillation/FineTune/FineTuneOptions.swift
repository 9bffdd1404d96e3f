/// How to fine-tune.
public struct FineTuneOptions: Sendable, Hashable, Codable {
    /// How the learning rate goes on after the warm-up.
    public enum Schedule: String, Sendable, Hashable, CaseIterable, Codable {
        /// Straight down to 0 at the last step.
        case linear
        /// Half a cosine, down to 0 at the last step.
        case cosine
        /// Stays as it is.
        case constant
    }

    /// What of the model is trained.
    public enum Update: String, Sendable, Hashable, CaseIterable, Codable {
        /// A low-rank update beside each projection (Hu et al. 2021); all else is frozen.
        case lora
        /// Every weight.
        case full
    }

    /// What it learns from.
    public var method: TrainingMethod
    public var update: Update
    /// Passes over the rows.
    public var epochs: Int
    /// The highest learning rate.
    public var learningRate: Double
    /// Rows that are computed together.
    public var batchSize: Int
    /// Batches in a step of the optimiser; its loss is the mean over the target tokens of all their rows, as if they
    /// were one batch.
    public var accumulate: Int
    /// The rank of the low-rank update; LoRA only.
    public var rank: Int
    /// The numerator of the update's scale α/rank; LoRA only.
    public var alpha: Double
    /// Decides the first values and the order of the rows.
    public var seed: UInt64
    /// Steps in which the learning rate rises from 0.
    public var warmupSteps: Int
    public var schedule: Schedule
    /// Gradients whose norm over all parameters is greater are scaled down to it.
    public var maxGradientNorm: Double
    /// AdamW's decoupled weight decay (Loshchilov, Hutter 2019), of matrices; norms' gains and biases are left alone.
    public var weightDecay: Double
    /// Steps between two measurements of the validation loss; nil for the end of each epoch.
    public var evaluateEvery: Int?
    /// So many measurements of the validation loss in a row without a new best one end the training, and the weights of
    /// the best are kept; nil for all steps and the last weights.
    public var patience: Int?
    /// Rows with more tokens are left out; nil for what the model can read.
    public var maxTokens: Int?
    /// Prompts that the model answers along the way; what it learns does not depend on them.
    public var watch: [String]
    /// Steps between two times that they are answered; nil for the beginning, each quarter and the end.
    public var watchEvery: Int?

    public init(
        method: TrainingMethod = .sft, update: Update = .lora, epochs: Int = 3, learningRate: Double = 1e-3,
        batchSize: Int = 8, accumulate: Int = 1,
        rank: Int = 16, alpha: Double = 32, seed: UInt64 = 0, warmupSteps: Int = 0, schedule: Schedule = .linear,
        maxGradientNorm: Double = 1, weightDecay: Double = 0, evaluateEvery: Int? = nil, patience: Int? = nil,
        maxTokens: Int? = nil, watch: [String] = [], watchEvery: Int? = nil
    ) {
        self.method = method
        self.update = update
        self.epochs = epochs
        self.learningRate = learningRate
        self.batchSize = batchSize
        self.accumulate = accumulate
        self.rank = rank
        self.alpha = alpha
        self.seed = seed
        self.warmupSteps = warmupSteps
        self.schedule = schedule
        self.maxGradientNorm = maxGradientNorm
        self.weightDecay = weightDecay
        self.evaluateEvery = evaluateEvery
        self.patience = patience
        self.maxTokens = maxTokens
        self.watch = watch
        self.watchEvery = watchEvery
    }

    /// Rows in a step of the optimiser. (An impossible product is refused before anything is trained.)
    public var rowsAStep: Int {
        let (rows, overflow) = batchSize.multipliedReportingOverflow(by: accumulate)
        return overflow ? Int.max : max(1, rows)
    }

    /// Steps that so many rows make in all epochs.
    public func steps(rows: Int) -> Int {
        let (steps, overflow) = stepsAnEpoch(rows: rows).multipliedReportingOverflow(by: epochs)
        return overflow ? Int.max : steps
    }

    /// Steps in an epoch; its last one may have fewer rows.
    public func stepsAnEpoch(rows: Int) -> Int { rows / rowsAStep + (rows % rowsAStep == 0 ? 0 : 1) }
}

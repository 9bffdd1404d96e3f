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

    public var update: Update
    /// Passes over the rows.
    public var epochs: Int
    /// The highest learning rate.
    public var learningRate: Double
    /// Rows in a step; its loss is the mean over all their target tokens.
    public var batchSize: Int
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
    /// AdamW's decoupled weight decay (Loshchilov, Hutter 2019).
    public var weightDecay: Double

    public init(
        update: Update = .lora, epochs: Int = 3, learningRate: Double = 1e-3, batchSize: Int = 8, rank: Int = 16,
        alpha: Double = 32,
        seed: UInt64 = 0, warmupSteps: Int = 0, schedule: Schedule = .linear, maxGradientNorm: Double = 1,
        weightDecay: Double = 0
    ) {
        self.update = update
        self.epochs = epochs
        self.learningRate = learningRate
        self.batchSize = batchSize
        self.rank = rank
        self.alpha = alpha
        self.seed = seed
        self.warmupSteps = warmupSteps
        self.schedule = schedule
        self.maxGradientNorm = maxGradientNorm
        self.weightDecay = weightDecay
    }
}

import Foundation

/// How to fine-tune.
public struct FineTuneOptions: Sendable, Hashable {
    /// How the learning rate goes on after the warm-up.
    public enum Schedule: String, Sendable, Hashable, CaseIterable {
        /// Straight down to 0 at the last step.
        case linear
        /// Half a cosine, down to 0 at the last step.
        case cosine
        /// Stays as it is.
        case constant
    }

    /// Passes over the rows.
    public var epochs: Int
    /// The highest learning rate.
    public var learningRate: Float
    /// Rows in a step; its loss is the mean over all their target tokens.
    public var batchSize: Int
    /// The adapter's rank.
    public var rank: Int
    /// The numerator of the adapter's scale α/rank.
    public var alpha: Float
    /// Decides the adapter's first values and the order of the rows.
    public var seed: UInt64
    /// Steps in which the learning rate rises from 0.
    public var warmupSteps: Int
    public var schedule: Schedule
    /// Gradients whose norm over all parameters is greater are scaled down to it.
    public var maxGradientNorm: Float
    /// AdamW's decoupled weight decay.
    public var weightDecay: Float

    public init(
        epochs: Int = 3, learningRate: Float = 2e-4, batchSize: Int = 8, rank: Int = 32, alpha: Float = 64,
        seed: UInt64 = 0, warmupSteps: Int = 0, schedule: Schedule = .linear, maxGradientNorm: Float = 1,
        weightDecay: Float = 0
    ) {
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

    /// - Throws: `EngineError.invalidOption`. Rank and α are checked where the adapter is made.
    func check() throws {
        func require(_ holds: Bool, _ name: String, _ expected: String, _ found: some Any) throws {
            if !holds { throw EngineError.invalidOption(name: name, expected: expected, found: "\(found)") }
        }
        try require((1...10_000).contains(epochs), "epochs", "1 to 10000", epochs)
        try require(learningRate.isFinite && learningRate > 0, "learning rate", "a positive number", learningRate)
        try require((1...65_536).contains(batchSize), "batch size", "1 to 65536", batchSize)
        try require(warmupSteps >= 0, "warm-up steps", "0 or more", warmupSteps)
        try require(maxGradientNorm > 0, "greatest gradient norm", "a positive number", maxGradientNorm)
        try require(weightDecay.isFinite && weightDecay >= 0, "weight decay", "0 or more", weightDecay)
    }

    /// The learning rate of a step, counted from 0, as transformers' `get_linear_schedule_with_warmup` and its
    /// siblings have it.
    func learningRate(step: Int, of total: Int) -> Float {
        if step < warmupSteps { return learningRate * Float(step) / Float(warmupSteps) }
        let progress = Float(step - warmupSteps) / Float(max(1, total - warmupSteps))
        switch schedule {
        case .linear: return learningRate * max(0, 1 - progress)
        case .cosine: return learningRate * max(0, 0.5 * (1 + cosf(.pi * progress)))
        case .constant: return learningRate
        }
    }
}

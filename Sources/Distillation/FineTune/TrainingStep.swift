/// One step of training, as it happens.
public struct TrainingStep: Sendable, Hashable, Codable {
    /// From 1.
    public var step: Int
    public var totalSteps: Int
    /// From 1.
    public var epoch: Int
    /// What is minimised, the mean over the target tokens of the batch in nats, before the step: the cross-entropy unless
    /// `parts` says more.
    public var loss: Double
    /// The same over the validation rows, after the step, where it was measured then.
    public var validationLoss: Double?
    public var learningRate: Double
    /// Norm over all parameters, before clipping.
    public var gradientNorm: Double
    /// All tokens of the rows so far, prompts included, by the time of their steps; measurements, watching and
    /// checkpoints take time besides.
    public var tokensPerSecond: Double
    public var secondsLeft: Double
    /// The scales that the loss is made of, where a teacher's probabilities are learnt.
    public var parts: LossParts?
    /// Those of the validation loss.
    public var validationParts: LossParts?

    public init(
        step: Int, totalSteps: Int, epoch: Int, loss: Double, validationLoss: Double?, learningRate: Double,
        gradientNorm: Double, tokensPerSecond: Double, secondsLeft: Double, parts: LossParts? = nil,
        validationParts: LossParts? = nil
    ) {
        self.step = step
        self.totalSteps = totalSteps
        self.epoch = epoch
        self.loss = loss
        self.validationLoss = validationLoss
        self.learningRate = learningRate
        self.gradientNorm = gradientNorm
        self.tokensPerSecond = tokensPerSecond
        self.secondsLeft = secondsLeft
        self.parts = parts
        self.validationParts = validationParts
    }
}

/// The parts of a loss with a teacher in it, means over the target tokens in nats.
public struct LossParts: Sendable, Hashable, Codable {
    /// Of the target tokens; nil where the method does not use it.
    public var crossEntropy: Double?
    /// From the teacher; T² included, as it enters the loss.
    public var divergence: Double
    /// Whether the replies were the student's own.
    public var isOnPolicy: Bool

    public init(crossEntropy: Double?, divergence: Double, isOnPolicy: Bool = false) {
        self.crossEntropy = crossEntropy
        self.divergence = divergence
        self.isOnPolicy = isOnPolicy
    }
}

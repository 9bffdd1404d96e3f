/// One step of training, as it happens.
public struct TrainingStep: Sendable, Hashable, Codable {
    /// From 1.
    public var step: Int
    public var totalSteps: Int
    /// From 1.
    public var epoch: Int
    /// Mean cross-entropy over the target tokens of the batch, in nats, before the step.
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

    public init(
        step: Int, totalSteps: Int, epoch: Int, loss: Double, validationLoss: Double?, learningRate: Double,
        gradientNorm: Double, tokensPerSecond: Double, secondsLeft: Double
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
    }
}

public import Distillation

/// Trains a LoRA adapter for a frozen model with AdamW.
///
/// The same rows, options and machine give the same adapter to the bit.
public struct LoRATrainer: Sendable {
    private let base: LanguageModelWeights
    private let options: FineTuneOptions
    private let now: @Sendable () -> Double

    /// - Parameter now: a clock in seconds, for rates and time left.
    /// - Throws: `EngineError.invalidOption`.
    public init(
        base: LanguageModelWeights, options: FineTuneOptions,
        now: @escaping @Sendable () -> Double = MonotonicClock.seconds
    ) throws {
        try options.check()
        self.base = base
        self.options = options
        self.now = now
    }

    /// Trains on the caller's thread, which it blocks.
    ///
    /// - Parameters:
    ///   - validation: rows whose loss is measured after each epoch; may be empty.
    ///   - isCancelled: asked before every step.
    ///   - onStep: called after every step; what it throws ends the training and is thrown on.
    /// - Throws: `EngineError` for rows that cannot be trained on, and when the loss is no longer finite;
    ///   `CancellationError`.
    public func train(
        _ examples: [TrainingExample], validation: [TrainingExample] = [], isCancelled: () -> Bool = { false },
        onStep: (TrainingStep) throws -> Void
    ) throws -> LoRAAdapter {
        guard !examples.isEmpty else { throw EngineError.empty(what: "the set of training rows") }
        try check(examples, "training row")
        try check(validation, "validation row")
        var adapter = try LoRAAdapter.fresh(
            base.configuration, rank: options.rank, alpha: Float(options.alpha), seed: options.seed)
        let gradient = AdapterGradient(base, layout: adapter.layout, scale: adapter.scale)
        var gradients = [Float](repeating: 0, count: adapter.values.count)
        var optimizer = AdamW(count: adapter.values.count, weightDecay: Float(options.weightDecay))

        let stepsAnEpoch = (examples.count + options.batchSize - 1) / options.batchSize
        let total = stepsAnEpoch * options.epochs
        let start = now()
        var (step, tokens) = (0, 0)
        for epoch in 0..<options.epochs {
            let order = shuffled(examples.count, epoch: epoch)
            for first in stride(from: 0, to: order.count, by: options.batchSize) {
                if isCancelled() { throw CancellationError() }
                let batch = order[first..<min(order.count, first + options.batchSize)].map { examples[$0] }
                let loss = gradient.run(batch, parameters: adapter.values, gradients: &gradients)
                let norm = AdamW.norm(gradients)
                guard loss.isFinite, norm.isFinite else {
                    throw EngineError.notFinite(
                        what: "the loss of step \(step + 1)", advice: "Training diverged: lower the learning rate.")
                }
                let learningRate = options.learningRate(step: step, of: total)
                optimizer.step(
                    &adapter.values, gradients, learningRate: Float(learningRate),
                    gradientScale: AdamW.clip(norm: norm, to: Float(options.maxGradientNorm)))
                step += 1
                tokens += batch.reduce(0) { $0 + $1.tokens.count }
                let endsEpoch = first + options.batchSize >= order.count
                let validationLoss =
                    endsEpoch && !validation.isEmpty
                    ? try measure(validation, gradient, adapter, isCancelled: isCancelled) : nil
                let elapsed = max(now() - start, 1e-9)
                try onStep(
                    TrainingStep(
                        step: step, totalSteps: total, epoch: epoch + 1, loss: loss, validationLoss: validationLoss,
                        learningRate: learningRate, gradientNorm: Double(norm),
                        tokensPerSecond: Double(tokens) / elapsed,
                        secondsLeft: elapsed / Double(step) * Double(total - step)))
            }
        }
        return adapter
    }

    /// The mean loss over all target tokens of `rows`.
    private func measure(
        _ rows: [TrainingExample], _ gradient: AdapterGradient, _ adapter: LoRAAdapter, isCancelled: () -> Bool
    ) throws -> Double {
        var (sum, targets) = (0.0, 0)
        for first in stride(from: 0, to: rows.count, by: options.batchSize) {
            if isCancelled() { throw CancellationError() }
            let batch = Array(rows[first..<min(rows.count, first + options.batchSize)])
            let count = batch.reduce(0) { $0 + PackedRows.targetCount($1) }
            sum += gradient.loss(batch, parameters: adapter.values) * Double(count)
            targets += count
        }
        return sum / Double(max(1, targets))
    }

    /// The rows' order in an epoch: its own stream of the seed, so that it depends on nothing else.
    private func shuffled(_ count: Int, epoch: Int) -> [Int] {
        var random = RandomStream(seed: options.seed, index: UInt64(epoch) + 1)
        return (0..<count).shuffled(using: &random)
    }

    private func check(_ examples: [TrainingExample], _ kind: String) throws {
        let shape = base.configuration
        for (index, example) in examples.enumerated() {
            let what = "\(kind) \(index + 1)"
            guard example.tokens.count == example.trained.count else {
                throw EngineError.invalidOption(
                    name: "trained", expected: "as long as the \(example.tokens.count) tokens of \(what)",
                    found: "\(example.trained.count) long")
            }
            guard PackedRows.targetCount(example) > 0 else {
                throw EngineError.empty(what: "the answer of \(what)")
            }
            guard example.tokens.count <= shape.contextLength else {
                throw EngineError.tooLong(what: what, tokens: example.tokens.count, limit: shape.contextLength)
            }
            if let unknown = example.tokens.first(where: { $0 < 0 || Int($0) >= shape.vocabulary }) {
                throw EngineError.unknownToken(id: unknown, vocabulary: shape.vocabulary)
            }
        }
    }
}

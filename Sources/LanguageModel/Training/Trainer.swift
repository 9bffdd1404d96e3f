public import Distillation
internal import Foundation

/// Fine-tunes a model with AdamW: adapters (LoRA) or every weight.
///
/// The same rows, options and machine give the same result to the bit, however often the training was stopped and went
/// on from a checkpoint.
public struct Trainer: Sendable {
    /// Raised when the same job gives other numbers; checkpoints of older versions are not gone on with then.
    static let version = 2

    private let base: LanguageModelWeights
    private let options: FineTuneOptions
    private let now: @Sendable () -> Double
    /// Seconds of work that a kill may cost.
    private let checkpointInterval: Double
    private let activity: EngineActivity

    /// - Parameters:
    ///   - checkpointInterval: seconds between checkpoints; longer where writing one takes long, so that at most a
    ///     fortieth of the time goes there.
    ///   - activity: counts the steps.
    ///   - now: a clock in seconds, for rates and time left.
    /// - Throws: `EngineError.invalidOption`.
    public init(
        base: LanguageModelWeights, options: FineTuneOptions, checkpointInterval: Double = 1,
        activity: EngineActivity = EngineActivity(),
        now: @escaping @Sendable () -> Double = MonotonicClock.seconds
    ) throws {
        try options.check()
        self.base = base
        self.options = options
        self.checkpointInterval = checkpointInterval
        self.activity = activity
        self.now = now
    }

    /// Trains on the caller's thread, which it blocks.
    ///
    /// A training that `supervision` stops keeps its checkpoint, and the next one under the same key goes on there. The
    /// checkpoint of the last step stays as well: whoever has kept the result removes it.
    /// - Parameters:
    ///   - validation: rows whose loss is measured after each epoch; may be empty.
    ///   - key: names the job among the checkpoints: a hash of all that the result depends on.
    /// - Returns: what was trained, and all steps, those before a restart included.
    /// - Throws: `EngineError` for rows that cannot be trained on, and when the loss is no longer finite;
    ///   `CancellationError`.
    public func train(
        _ examples: [TrainingExample], validation: [TrainingExample] = [],
        supervision: TrainingSupervision = TrainingSupervision(), key: String = ""
    ) throws -> (result: TrainingResult, steps: [TrainingStep]) {
        guard !examples.isEmpty else { throw EngineError.empty(what: "the set of training rows") }
        try check(examples, "training row")
        try check(validation, "validation row")
        let task = try TrainingTask(base, options)
        let run = TrainingRun(task, options: options, checkpoint: supervision.checkpoints.read(key))

        let stepsAnEpoch = (examples.count + options.batchSize - 1) / options.batchSize
        let total = stepsAnEpoch * options.epochs
        let start = now()
        var (tokens, done) = (0, 0)
        var (savedAt, saveTook) = (start, 0.0)
        var savedSteps = run.steps.count
        func save() {
            guard run.steps.count > savedSteps else { return }
            let began = now()
            do {
                try run.withCheckpoint { try supervision.checkpoints.write(key, $0) }
            } catch {
                supervision.checkpointFailed(error)
            }
            (savedAt, saveTook, savedSteps) = (now(), now() - began, run.steps.count)
        }
        var order: (epoch: Int, rows: [Int]) = (-1, [])
        while run.steps.count < total {
            if supervision.cancellation.isRequested() {
                save()
                if let last = run.steps.last, supervision.keepsUnfinished(last) { break }
                throw CancellationError()
            }
            let (epoch, inEpoch) = run.steps.count.quotientAndRemainder(dividingBy: stepsAnEpoch)
            if order.epoch != epoch { order = (epoch, shuffled(examples.count, epoch: epoch)) }
            let first = inEpoch * options.batchSize
            let batch = order.rows[first..<min(examples.count, first + options.batchSize)].map { examples[$0] }
            let learningRate = options.learningRate(step: run.steps.count, of: total)
            let (loss, norm) = try run.step(batch, learningRate: learningRate)
            activity.countOptimizerStep()
            let validationLoss =
                inEpoch == stepsAnEpoch - 1 && !validation.isEmpty
                ? run.measure(validation) : nil
            done += 1
            tokens += batch.reduce(0) { $0 + $1.tokens.count }
            let elapsed = max(now() - start, 1e-9)
            let step = TrainingStep(
                step: run.steps.count + 1, totalSteps: total, epoch: epoch + 1, loss: loss,
                validationLoss: validationLoss, learningRate: learningRate, gradientNorm: norm,
                tokensPerSecond: Double(tokens) / elapsed,
                secondsLeft: elapsed / Double(done) * Double(total - run.steps.count - 1))
            run.steps.append(step)
            supervision.report(step)
            if run.steps.count == total || now() - savedAt >= max(checkpointInterval, 40 * saveTook) { save() }
        }
        return (try task.finish(run.values), run.steps)
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

/// The state of a training between its steps.
private final class TrainingRun {
    private(set) var values: [Float]
    var steps: [TrainingStep]
    private var optimizer: AdamW
    private var gradients: [Float]
    private let gradient: BatchGradient
    private let options: FineTuneOptions

    /// - Parameter checkpoint: where to go on.
    init(_ task: TrainingTask, options: FineTuneOptions, checkpoint: Data?) {
        let decay = Float(options.weightDecay)
        let kept = checkpoint.flatMap { TrainingCheckpoint($0, count: task.model.count, weightDecay: decay) }
        values = kept?.values ?? task.initialValues()
        optimizer = kept?.optimizer ?? AdamW(count: task.model.count, weightDecay: decay)
        steps = kept?.steps ?? []
        gradients = [Float](repeating: 0, count: task.model.count)
        gradient = BatchGradient(task.model)
        self.options = options
    }

    /// One step of the optimiser.
    /// - Returns: the batch's loss before the step, and the norm of its gradient.
    func step(_ batch: [TrainingExample], learningRate: Double) throws -> (loss: Double, norm: Double) {
        let loss = gradient.run(batch, parameters: values, gradients: &gradients)
        let norm = AdamW.norm(gradients)
        guard loss.isFinite, norm.isFinite else {
            throw EngineError.notFinite(
                what: "the loss of step \(steps.count + 1)", advice: "Training diverged: lower the learning rate.")
        }
        optimizer.step(
            &values, gradients, learningRate: Float(learningRate),
            gradientScale: AdamW.clip(norm: norm, to: Float(options.maxGradientNorm)))
        return (loss, Double(norm))
    }

    /// The mean loss over all target tokens of `rows`.
    func measure(_ rows: [TrainingExample]) -> Double {
        var (sum, targets) = (0.0, 0)
        for first in stride(from: 0, to: rows.count, by: options.batchSize) {
            let batch = Array(rows[first..<min(rows.count, first + options.batchSize)])
            let count = batch.reduce(0) { $0 + PackedRows.targetCount($1) }
            sum += gradient.loss(batch, parameters: values) * Double(count)
            targets += count
        }
        return sum / Double(max(1, targets))
    }

    func withCheckpoint(_ body: ([Data]) throws -> Void) throws {
        try TrainingCheckpoint.withPieces(values: values, optimizer: optimizer, steps: steps, body)
    }
}

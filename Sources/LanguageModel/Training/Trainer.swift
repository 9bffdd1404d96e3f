public import Distillation
internal import Foundation

/// Fine-tunes a model with AdamW: adapters (LoRA) or every weight.
///
/// The same rows, options and machine give the same result to the bit, however often the training was stopped and went
/// on from a checkpoint.
public struct Trainer: Sendable {
    /// Raised when the same job gives other numbers; checkpoints of older versions are not gone on with then.
    static let version = 4

    private let base: LanguageModelWeights
    private let options: FineTuneOptions
    private let now: @Sendable () -> Double
    /// Seconds of work that a kill may cost.
    private let checkpointInterval: Double
    private let activity: EngineActivity
    /// Bytes of the weights that are in memory.
    private let heldBytes: Int

    /// - Parameters:
    ///   - checkpointInterval: seconds between checkpoints; longer where writing one takes long, so that at most a
    ///     fortieth of the time goes there.
    ///   - heldBytes: what the weights in memory take, where that is more than the base's own.
    ///   - activity: counts the steps.
    ///   - now: a clock in seconds, for rates and time left.
    /// - Throws: `EngineError.invalidOption`.
    public init(
        base: LanguageModelWeights, options: FineTuneOptions, checkpointInterval: Double = 1,
        heldBytes: Int? = nil, activity: EngineActivity = EngineActivity(),
        now: @escaping @Sendable () -> Double = MonotonicClock.seconds
    ) throws {
        try options.check()
        self.base = base
        self.options = options
        self.checkpointInterval = checkpointInterval
        self.heldBytes = heldBytes ?? base.byteCount
        self.activity = activity
        self.now = now
    }

    /// Answers the watched prompts with what was trained so far, one answer for each prompt.
    ///
    /// Asked whether to stop; then it throws `CancellationError`.
    public typealias Watch = (_ trained: TrainingResult, _ isCancelled: () -> Bool) throws -> [GenerationResult]

    /// Trains on the caller's thread, which it blocks.
    ///
    /// Rows that are too long are left out. A training that `supervision` stops keeps its checkpoint, and the next one
    /// under the same key goes on there. The checkpoint of the last step stays as well: whoever has kept the result
    /// removes it.
    /// - Parameters:
    ///   - validation: rows whose loss is measured along the way; may be empty.
    ///   - teacher: whose probabilities are learnt, where the options' method needs them.
    ///   - key: names the job among the checkpoints: a hash of all that the result depends on.
    ///   - watch: answers the options' prompts; nil where there are none.
    /// - Returns: what was trained, and all steps, those before a restart included.
    /// - Throws: `EngineError` for rows that cannot be trained on, and when the loss is no longer finite;
    ///   `CancellationError`; what `supervision.prepared` throws.
    public func train(
        _ examples: [TrainingExample], validation: [TrainingExample] = [], teacher: TrainingTeacher? = nil,
        supervision: TrainingSupervision = TrainingSupervision(), key: String = "", watch: Watch? = nil
    ) throws -> FinishedTraining {
        guard !examples.isEmpty else { throw EngineError.empty(what: "the set of training rows") }
        let shape = base.configuration
        let limit = min(options.maxTokens ?? shape.contextLength, shape.contextLength)
        let rows = try TrainingRows(examples, "training row", limit: limit, vocabulary: shape.vocabulary)
        let held = try TrainingRows(validation, "validation row", limit: limit, vocabulary: shape.vocabulary)
        guard options.patience == nil || !held.examples.isEmpty else {
            throw EngineError.invalidOption(
                name: "patience", expected: "left out where there are no validation rows",
                found: "\(options.patience ?? 0)")
        }
        try prepare(rows, held, limit: limit, supervision)
        let task = try TrainingTask(base, options)
        let source = try task.source(
            rows.examples, validation: held.examples,
            teacher: teacher?.selecting(rows.places, validation: held.places), options: options,
            supervision: supervision, activity: activity)
        let run = TrainingRun(
            task, options: options, rows: rows.examples.count, checkpoint: supervision.checkpoints.read(key))
        try train(
            run, task, source, rows.examples, validation: held.examples.count, supervision: supervision, key: key,
            watch: watch)
        var losses = examples.map { RowLoss(tokens: $0.tokens.count) }
        for (place, loss) in zip(rows.places, run.rowLosses) {
            (losses[place].first, losses[place].last) = (loss.first.map(Double.init), loss.last.map(Double.init))
        }
        let keptStep = run.keptStep
        return FinishedTraining(
            result: try task.finish(run.takeKeptValues()), steps: run.steps, rows: losses, watched: run.watched,
            keptStep: keptStep, stoppedEarly: run.stopping.isOver)
    }

    /// Tells what is known before the first step.
    private func prepare(
        _ rows: TrainingRows, _ validation: TrainingRows, limit: Int, _ supervision: TrainingSupervision
    ) throws {
        let lengths = TrainingMemory.RowLengths(rows.examples + validation.examples, batchSize: options.batchSize)
        try supervision.prepared(
            TrainingPreparation(
                rows: rows.examples.count, tokens: rows.tokens, targets: rows.targets,
                validationRows: validation.examples.count, limit: limit, leftOut: rows.leftOut,
                validationLeftOut: validation.leftOut,
                memory: TrainingMemory(
                    base.configuration, options, lengths: lengths, weights: heldBytes,
                    floats: base.floatBytes)))
    }

    /// Makes all steps that are left.
    private func train(
        _ run: TrainingRun, _ task: TrainingTask, _ source: any BatchSource, _ examples: [TrainingExample],
        validation: Int, supervision: TrainingSupervision, key: String, watch: Watch?
    ) throws {
        let schedule = TrainingSchedule(options, rows: examples.count)
        let total = schedule.totalSteps
        let start = now()
        var (tokens, done, stepping) = (0, 0, 0.0)
        var (savedAt, saveTook) = (start, 0.0)
        var saved = run.progress
        func save() {
            guard run.progress > saved else { return }
            let began = now()
            do {
                try run.withCheckpoint { try supervision.checkpoints.write(key, $0) }
            } catch {
                supervision.checkpointFailed(error)
            }
            (savedAt, saveTook, saved) = (now(), now() - began, run.progress)
        }
        func saveNowAndThen(isLast: Bool) {
            if isLast || now() - savedAt >= max(checkpointInterval, 40 * saveTook) { save() }
        }
        var order: (epoch: Int, rows: [Int]) = (-1, [])
        while true {
            let isFinished = run.steps.count >= total || run.stopping.isOver
            let watched = watch == nil ? nil : watchedStep(run, schedule, isFinished: isFinished)
            if isFinished, watched == nil { break }
            if supervision.cancellation.isRequested() {
                save()
                if let last = run.steps.last, supervision.keepsUnfinished(last) { break }
                throw CancellationError()
            }
            if let watched, let watch {
                // What is cancelled here is settled above.
                guard let answers = try answers(run, task, after: watched, supervision, watch) else { continue }
                run.append(answers)
                supervision.watched(answers)
                saveNowAndThen(isLast: isFinished)
                continue
            }
            let (epoch, inEpoch) = run.steps.count.quotientAndRemainder(dividingBy: schedule.stepsAnEpoch)
            if order.epoch != epoch { order = (epoch, shuffled(examples.count, epoch: epoch)) }
            let first = inEpoch * options.rowsAStep
            let rows = order.rows[first..<min(examples.count, first + options.rowsAStep)]
            let learningRate = options.learningRate(step: run.steps.count, of: total)
            let began = now()
            let batches: [TrainingBatch]
            do {
                batches = try run.batches(rows, of: source)
            } catch is CancellationError where supervision.cancellation.isRequested() {
                // Settled above.
                continue
            }
            let (losses, norm) = try run.step(rows, batches, learningRate: learningRate)
            stepping += now() - began
            activity.countOptimizerStep()
            let number = run.steps.count + 1
            let validationLosses =
                schedule.evaluates(after: number) && validation > 0
                ? try run.measure(source, rows: validation) : nil
            done += 1
            tokens += batches.reduce(0) { $0 + $1.examples.reduce(0) { $0 + $1.tokens.count } }
            let elapsed = max(now() - start, 1e-9)
            let step = TrainingStep(
                step: number, totalSteps: total, epoch: epoch + 1, loss: losses.total,
                validationLoss: validationLosses?.total,
                learningRate: learningRate, gradientNorm: norm, tokensPerSecond: Double(tokens) / max(stepping, 1e-9),
                secondsLeft: elapsed / Double(done) * Double(total - number),
                parts: losses.parts(options.method, isOnPolicy: batches.contains(where: \.isOnPolicy)),
                validationParts: validationLosses?.parts(options.method, isOnPolicy: false))
            run.append(step)
            supervision.report(step)
            saveNowAndThen(isLast: number == total || run.stopping.isOver)
        }
    }

    /// After which step the prompts are to be answered now: the last one where it is due, and in the end the one whose
    /// values are kept; nil for none.
    private func watchedStep(_ run: TrainingRun, _ schedule: TrainingSchedule, isFinished: Bool) -> Int? {
        let last = run.steps.count
        if schedule.watches(after: last), !run.wasWatched(after: last) { return last }
        return isFinished && !run.wasWatched(after: run.keptStep) ? run.keptStep : nil
    }

    /// The answers after a step, the last one or the kept one; nil where the work is to stop.
    private func answers(
        _ run: TrainingRun, _ task: TrainingTask, after step: Int, _ supervision: TrainingSupervision, _ watch: Watch
    ) throws -> [WatchedAnswer]? {
        let values = step == run.steps.count ? run.values : run.keptValues
        do {
            let results = try watch(
                try task.finish(values), supervision.cancellation.isRequested)
            return zip(options.watch, results).map { prompt, result in
                WatchedAnswer(
                    step: step, loss: step > 0 ? run.steps[step - 1].loss : nil, prompt: prompt, answer: result.text,
                    isCut: result.finishReason == .length)
            }
        } catch is CancellationError where supervision.cancellation.isRequested() {
            return nil
        }
    }

    /// The rows' order in an epoch: its own stream of the seed, so that it depends on nothing else.
    private func shuffled(_ count: Int, epoch: Int) -> [Int] {
        var random = RandomStream(seed: options.seed, index: UInt64(epoch) + 1)
        return (0..<count).shuffled(using: &random)
    }
}

/// What a training gives.
public struct FinishedTraining: Sendable {
    public let result: TrainingResult
    public let steps: [TrainingStep]
    /// For each row given, in their order.
    public let rows: [RowLoss]
    /// In the order in which they were given.
    public let watched: [WatchedAnswer]
    /// The step whose values the result has.
    public let keptStep: Int
    /// Whether the validation loss ended the training.
    public let stoppedEarly: Bool
}

extension LossSums {
    /// The parts that are reported; nil where the loss has but one.
    fileprivate func parts(_ method: TrainingMethod, isOnPolicy: Bool) -> LossParts? {
        switch method {
        case .sft: nil
        case .soft: LossParts(crossEntropy: crossEntropy, divergence: divergence)
        case .onPolicy: LossParts(crossEntropy: nil, divergence: divergence, isOnPolicy: isOnPolicy)
        }
    }
}

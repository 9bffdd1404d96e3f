internal import Distillation
internal import Foundation

/// The state of a training between its steps.
final class TrainingRun {
    private(set) var values: [Float]
    private(set) var steps: [TrainingStep]
    /// The loss of each row before the first and the last step that learnt from it; nil before there was one.
    private(set) var rowLosses: [(first: Float?, last: Float?)]
    private(set) var watched: [WatchedAnswer]
    private(set) var stopping: EarlyStopping
    /// The values after the best measurement, where early stopping was asked for and there was one.
    private var best: [Float]?
    private var optimizer: AdamW
    private var gradients: [Float]
    private let gradient: BatchGradient
    private let options: FineTuneOptions

    /// - Parameters:
    ///   - rows: how many rows are trained on.
    ///   - checkpoint: where to go on.
    init(_ task: TrainingTask, options: FineTuneOptions, rows: Int, checkpoint: Data?) {
        let decay = Float(options.weightDecay)
        let kept = checkpoint.flatMap {
            TrainingCheckpoint($0, of: task.model, rows: rows, patience: options.patience, weightDecay: decay)
        }
        values = kept?.values ?? task.initialValues()
        optimizer =
            kept?.optimizer
            ?? AdamW(count: task.model.count, weightDecay: decay, undecayed: task.model.undecayed)
        steps = kept?.steps ?? []
        rowLosses = kept?.rowLosses ?? Array(repeating: (nil, nil), count: rows)
        watched = kept?.watched ?? []
        best = kept?.best
        stopping = EarlyStopping(patience: options.patience, steps: kept?.steps ?? [])
        gradients = [Float](repeating: 0, count: task.model.count)
        gradient = BatchGradient(task.model)
        self.options = options
    }

    /// Grows with all that is worth a checkpoint.
    var progress: Int { steps.count + watched.count }

    /// The values to keep: the best where early stopping was asked for, else the last.
    var keptValues: [Float] { best ?? values }

    /// Ends the run: gives the values to keep and lets go of everything that only steps need, three times as much in full
    /// fine-tuning, before a model is made of them.
    func takeKeptValues() -> [Float] {
        let kept = keptValues
        values = []
        best = nil
        gradients = []
        optimizer = AdamW(count: 0, weightDecay: 0)
        return kept
    }

    /// The step that made them; 0 where none was made.
    var keptStep: Int { best == nil ? steps.count : stopping.best?.step ?? steps.count }

    /// Whether the prompts were answered by the values that a step made.
    func wasWatched(after step: Int) -> Bool { watched.contains { $0.step == step } }

    /// One step of the optimiser.
    /// - Parameters:
    ///   - rows: the step's rows, by their places.
    ///   - batches: the same rows, as the method has them.
    /// - Returns: the rows' losses before the step, and the norm of its gradient.
    func step(_ rows: ArraySlice<Int>, _ batches: [TrainingBatch], learningRate: Double) throws -> (
        losses: LossSums, norm: Double
    ) {
        let losses = gradient.run(batches, parameters: values, gradients: &gradients)
        let norm = AdamW.norm(gradients)
        guard losses.total.isFinite, norm.isFinite else {
            throw EngineError.notFinite(
                what: "the loss of step \(steps.count + 1)", advice: "Training diverged: lower the learning rate.")
        }
        for (row, loss) in zip(rows, gradient.rowLosses) {
            rowLosses[row] = (rowLosses[row].first ?? Float(loss), Float(loss))
        }
        optimizer.step(
            &values, gradients, learningRate: Float(learningRate),
            gradientScale: AdamW.clip(norm: norm, to: Float(options.maxGradientNorm)))
        return (losses, Double(norm))
    }

    /// Notes a step that was made.
    func append(_ step: TrainingStep) {
        steps.append(step)
        if stopping.observe(step) { best = values }
    }

    /// Notes answers that the values gave.
    func append(_ answers: [WatchedAnswer]) { watched += answers }

    /// The batches of some rows as the method has them, with the values as they are now.
    /// - Throws: what the source throws.
    func batches(_ rows: ArraySlice<Int>, of source: any BatchSource) throws -> [TrainingBatch] {
        try stride(from: rows.startIndex, to: rows.endIndex, by: options.batchSize).map { start in
            try source.batch(
                Array(rows[start..<min(rows.endIndex, start + options.batchSize)]),
                stream: "step \(steps.count) batch \(start - rows.startIndex)", values: values)
        }
    }

    /// The mean losses over all target tokens of the first `rows` validation rows.
    /// - Throws: `EngineError.notFinite`.
    func measure(_ source: any BatchSource, rows: Int) throws -> LossSums {
        var (sums, targets) = (LossSums(), 0)
        for first in stride(from: 0, to: rows, by: options.batchSize) {
            let batch = source.validation(first..<min(rows, first + options.batchSize))
            sums += gradient.losses(batch.examples, batch.objective, parameters: values) * Double(batch.targetCount)
            targets += batch.targetCount
        }
        let losses = sums / Double(max(1, targets))
        guard losses.total.isFinite else {
            throw EngineError.notFinite(
                what: "the validation loss after step \(steps.count + 1)",
                advice: "Training diverged: lower the learning rate.")
        }
        return losses
    }

    func withCheckpoint(_ body: ([Data]) throws -> Void) throws {
        try TrainingCheckpoint(
            values: values, optimizer: optimizer, steps: steps, rowLosses: rowLosses, watched: watched, best: best
        ).withPieces(body)
    }
}

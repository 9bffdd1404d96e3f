import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Batches whose gradients are summed are one batch; what is known of each row does not depend on how they are cut.
@Suite struct AccumulationTests {
    /// Rows with 1, 2, 6 and 3 target tokens.
    private static let rows = [
        TinyJob.row(0, count: 6, answer: 1), TinyJob.row(1, count: 9, answer: 2), TinyJob.row(2, count: 20, answer: 6),
        TinyJob.row(3, count: 7, answer: 3),
    ]

    /// Products of few rows are rounded otherwise than those of many, where tiles of split numbers make them: by 2⁻¹⁷ of
    /// what is summed.
    @Test(arguments: FineTuneOptions.Update.allCases)
    func microBatchesHaveTheLargeBatchsGradient(update: FineTuneOptions.Update) throws {
        let options = FineTuneOptions(update: update, rank: 3, alpha: 6, seed: 4)
        let task = try TrainingTask(TinyModel.weights, options)
        var values = task.initialValues()
        // B is zero in a fresh adapter, and then A has no gradient.
        for index in values.indices where values[index] == 0 { values[index] = 0.01 }
        let gradient = BatchGradient(task.model)
        var whole = [Float](repeating: 0, count: values.count)
        let loss = gradient.run(Self.rows, parameters: values, gradients: &whole)
        let size = whole.reduce(0) { max($0, abs($1)) }
        #expect(size > 1e-3)
        for cuts in [[1, 1, 1, 1], [3, 1], [2, 2], [4]] {
            var rest = Self.rows[...]
            let batches = cuts.map { count in
                defer { rest = rest.dropFirst(count) }
                return Array(rest.prefix(count))
            }
            var summed = [Float](repeating: 7, count: values.count)
            let own = gradient.run(batches, parameters: values, gradients: &summed)
            #expect(abs(own - loss) < 2e-5, "\(cuts)")
            let worst = zip(whole, summed).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < 1e-4 * size, "\(cuts)")
            for (row, loss) in zip(Self.rows, gradient.rowLosses) {
                #expect(abs(loss - lossAlone(row, values, task)) < 5e-5, "\(cuts)")
            }
        }
    }

    private func lossAlone(_ row: TrainingExample, _ values: [Float], _ task: TrainingTask) -> Double {
        BatchGradient(task.model).loss([row], parameters: values)
    }

    @Test func anAccumulatingTrainingIsThatOfTheLargeBatch() throws {
        func steps(batchSize: Int, accumulate: Int) throws -> [TrainingStep] {
            let options = FineTuneOptions(
                epochs: 3, learningRate: 1e-2, batchSize: batchSize, accumulate: accumulate, rank: 4, alpha: 8, seed: 3)
            return try Trainer(base: TinyModel.weights, options: options, now: { 0 }).train(TinyJob.rows).steps
        }
        let large = try steps(batchSize: 4, accumulate: 1)
        #expect(large.count == 6)
        for (batchSize, accumulate) in [(2, 2), (1, 4)] {
            let own = try steps(batchSize: batchSize, accumulate: accumulate)
            #expect(own.count == 6)
            for (a, b) in zip(own, large) {
                #expect(abs(a.loss - b.loss) < 1e-4 && abs(a.gradientNorm - b.gradientNorm) < 1e-3 * b.gradientNorm)
            }
        }
    }

    @Test func theModelRemembersEachRowsFirstAndLastLoss() throws {
        let options = FineTuneOptions(epochs: 3, learningRate: 1e-2, batchSize: 1, rank: 4, alpha: 8, seed: 3)
        let training = try Trainer(base: TinyModel.weights, options: options, now: { 0 }).train(TinyJob.rows)
        // With one row a step its loss is the step's; an epoch has each row once.
        for (epoch, losses) in [
            (1, training.rows.map(\.first)), (3, training.rows.map(\.last)),
        ] {
            let wanted = training.steps.filter { $0.epoch == epoch }.map { Float($0.loss) }.sorted()
            #expect(losses.compactMap(\.self).map { Float($0) }.sorted() == wanted)
        }
        let learnt = training.rows.allSatisfy { ($0.last ?? 9) < ($0.first ?? 0) }
        #expect(learnt && training.rows.allSatisfy { $0.tokens == 9 })
    }
}

import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Rows that are too long are left out whole, and counted; what a training takes is known before it begins.
@Suite struct TrainingRowsTests {
    private func options(_ update: FineTuneOptions.Update = .lora) -> FineTuneOptions {
        FineTuneOptions(update: update, epochs: 2, learningRate: 1e-2, batchSize: 2, rank: 4, alpha: 8, maxTokens: 12)
    }

    @Test func longRowsAreLeftOutAndCounted() throws {
        let long = [TinyJob.row(7, count: 15), TinyJob.row(8, count: 40)]
        let rows = [TinyJob.rows[0], long[0], TinyJob.rows[1], long[1], TinyJob.rows[2]]
        var told: TrainingPreparation?
        let training = try Trainer(base: TinyModel.weights, options: options(), now: { 0 }).train(
            rows, validation: [TinyJob.rows[3], long[0]],
            supervision: TrainingSupervision(prepared: { told = $0 }))
        let preparation = try #require(told)
        #expect(preparation.rows == 3 && preparation.tokens == 27 && preparation.targets == 12)
        #expect(preparation.leftOut == TrainingPreparation.LeftOut(rows: [1, 3], longest: 40))
        #expect(preparation.validationLeftOut == TrainingPreparation.LeftOut(rows: [1], longest: 15))
        #expect(preparation.validationRows == 1 && preparation.limit == 12)
        #expect(training.rows.map(\.tokens) == [9, 15, 9, 40, 9])
        #expect(training.rows.map { $0.last == nil } == [false, true, false, true, false])
        // It is the training of the others alone.
        let alone = try Trainer(base: TinyModel.weights, options: options(), now: { 0 }).train(
            [TinyJob.rows[0], TinyJob.rows[1], TinyJob.rows[2]])
        #expect(try alone.result.encode() == training.result.encode())
    }

    @Test func nothingButLongRowsIsAMistake() throws {
        let trainer = try Trainer(base: TinyModel.weights, options: options(), now: { 0 })
        let long = [TinyJob.row(7, count: 15), TinyJob.row(8, count: 40)]
        #expect(throws: EngineError.tooLong(what: "every training row, the shortest,", tokens: 15, limit: 12)) {
            _ = try trainer.train(long)
        }
        #expect(throws: EngineError.self) { _ = try trainer.train(TinyJob.rows, validation: long) }
    }

    private struct TooMuch: Error {}

    @Test func whoRefusesTheMemoryEndsItBeforeTheFirstStep() throws {
        let activity = EngineActivity()
        let trainer = try Trainer(base: TinyModel.weights, options: options(), activity: activity, now: { 0 })
        #expect(throws: TooMuch.self) {
            _ = try trainer.train(
                TinyJob.rows, supervision: TrainingSupervision(prepared: { _ in throw TooMuch() }))
        }
        #expect(activity.optimizerSteps == 0)
    }

    @Test func theMemoryFollowsFromShapeAndOptions() throws {
        let shape = try TinyModel.weights.configuration
        func parts(_ options: FineTuneOptions, rows: [TrainingExample] = TinyJob.rows) -> [String: Int] {
            let memory = TrainingMemory(
                shape, options, lengths: TrainingMemory.RowLengths(rows, batchSize: options.batchSize), weights: 1_000)
            #expect(memory.total == memory.additional + 1_000)
            return Dictionary(memory.parts.map { ($0.name, $0.bytes) }, uniquingKeysWith: { first, _ in first })
        }
        let lora = parts(options())
        let trained = LoRALayout(shape, rank: 4).count * 4
        #expect(lora["trained values"] == trained && lora["gradients"] == trained && lora["optimiser"] == 2 * trained)
        #expect(lora["best values"] == nil && lora["the student that answers"] == nil)
        var more = options()
        (more.patience, more.watch) = (1, ["a"])
        #expect(parts(more)["best values"] == trained)
        #expect((parts(more)["the student that answers"] ?? 0) > 0)
        var soft = options()
        soft.method = .soft(SoftLabelOptions(topK: 5))
        // Five rows of four targets.
        #expect(parts(soft)["the teacher's probabilities"] == 20 * 11 * 4)
        soft.method = .onPolicy(OnPolicyOptions())
        #expect((parts(soft)["the student that answers"] ?? 0) > 0)
        let full = parts(options(.full))
        #expect(full["optimiser"] == 2 * WeightsLayout(shape).count * 4)
        // Twice the tokens of a batch take twice the activations, up to what one pass reads.
        var wide = options()
        wide.batchSize = 4
        let twice = (lora["activations"] ?? 0) * 2
        #expect(parts(wide)["activations"] == twice)
        wide.batchSize = 65_536
        let many = (0..<1_000).map { TinyJob.row($0) }
        let most = (lora["activations"] ?? 0) / 18 * BatchGradient.tokensAPass
        #expect(parts(wide, rows: many)["activations"] == most)
    }
}

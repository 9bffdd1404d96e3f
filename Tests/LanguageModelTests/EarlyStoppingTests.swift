import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// A training ends where its validation loss gets no better, and gives the best weights.
@Suite struct EarlyStoppingTests {
    private func step(_ number: Int, _ loss: Double?) -> TrainingStep {
        TrainingStep(
            step: number, totalSteps: 99, epoch: 1, loss: 1, validationLoss: loss, learningRate: 1, gradientNorm: 1,
            tokensPerSecond: 1, secondsLeft: 0)
    }

    @Test(
        arguments: [
            ([3, 2, 1], 1, 3, false), ([3, 2, 2], 1, 2, true), ([1, 2, 3], 2, 1, true), ([1, 2, 0.5, 2], 2, 3, false),
            ([1, 2, 0.5, 2, 0.5], 2, 3, true), ([], 1, nil, false),
        ] as [([Double], Int, Int?, Bool)])
    func patienceCountsMeasurementsWithoutANewBest(_ losses: [Double], _ patience: Int, _ best: Int?, _ isOver: Bool) {
        let steps = losses.enumerated().flatMap { [step(2 * $0 + 1, nil), step(2 * $0 + 2, $1)] }
        let stopping = EarlyStopping(patience: patience, steps: steps)
        #expect(stopping.best?.step == best.map { 2 * $0 })
        #expect(stopping.isOver == isOver)
        #expect(!EarlyStopping(patience: nil, steps: steps).isOver)
    }

    @Test func measurementsAndAnswersComeAtTheirSteps() {
        var options = FineTuneOptions(epochs: 2, batchSize: 2)
        let byEpoch = TrainingSchedule(options, rows: 9)
        #expect((1...10).filter(byEpoch.evaluates) == [5, 10])
        #expect((0...10).filter(byEpoch.watches) == [0, 2, 5, 7, 10])
        (options.evaluateEvery, options.watchEvery) = (4, 3)
        let bySteps = TrainingSchedule(options, rows: 9)
        #expect((1...10).filter(bySteps.evaluates) == [4, 8, 10])
        #expect((0...10).filter(bySteps.watches) == [0, 3, 6, 9, 10])
        #expect((0...1).filter(TrainingSchedule(FineTuneOptions(epochs: 1), rows: 1).watches) == [0, 1])
    }

    private func options(_ update: FineTuneOptions.Update, patience: Int?) -> FineTuneOptions {
        FineTuneOptions(
            update: update, epochs: 20, learningRate: 2e-2, batchSize: 2, accumulate: 2, rank: 4, alpha: 8, seed: 3,
            warmupSteps: 2, schedule: .constant, weightDecay: 0.01, evaluateEvery: 1, patience: patience)
    }

    @Test(arguments: FineTuneOptions.Update.allCases)
    func theBestWeightsAreTheResult(update: FineTuneOptions.Update) throws {
        let validation = TinyJob.contradiction
        let trainer = try Trainer(base: TinyModel.weights, options: options(update, patience: 2), now: { 0 })
        let training = try trainer.train(TinyJob.rows, validation: validation)
        let losses = training.steps.compactMap(\.validationLoss)
        #expect(training.stoppedEarly && training.steps.count < 40 && losses.count == training.steps.count)
        let best = try #require(losses.min())
        #expect(training.keptStep == losses.count - 2 && losses[training.keptStep - 1] == best)
        // The weights after that step are those of a training that somebody stops there.
        var seen = 0
        let stopped = try Trainer(base: TinyModel.weights, options: options(update, patience: nil), now: { 0 }).train(
            TinyJob.rows, validation: validation,
            supervision: TrainingSupervision(
                cancellation: Counted.cancellation(after: training.keptStep), report: { _ in seen += 1 },
                keepsUnfinished: { _ in true }))
        #expect(stopped.steps.count == training.keptStep && !stopped.stoppedEarly)
        #expect(try stopped.result.encode() == training.result.encode())
    }

    @Test func patienceNeedsRowsToMeasure() throws {
        let trainer = try Trainer(base: TinyModel.weights, options: options(.lora, patience: 2), now: { 0 })
        #expect(throws: EngineError.self) { _ = try trainer.train(TinyJob.rows) }
    }

    /// Early stopping, accumulation and watching, killed after each step: the same model, the same answers.
    @Test(arguments: FineTuneOptions.Update.allCases)
    func aKilledTrainingEndsWhereItWouldHaveEnded(update: FineTuneOptions.Update) throws {
        let base = try TinyModel.weights
        var options = options(update, patience: 2)
        options.watch = ["a", "b"]
        options.watchEvery = 2
        let trainer = try Trainer(base: base, options: options, checkpointInterval: 0, now: { 0 })
        let watch = TinyJob.watch(base, prompts: [70, 80])
        let whole = try trainer.train(TinyJob.rows, validation: TinyJob.contradiction, watch: watch)
        let wanted = try whole.result.encode()
        #expect(whole.watched.contains { $0.step == whole.keptStep })
        #expect(Set(whole.watched.map(\.prompt)) == ["a", "b"])
        for kill in 1..<whole.steps.count {
            let memory = MemoryCheckpoints()
            var answered = 0
            #expect(throws: CancellationError.self) {
                _ = try trainer.train(
                    TinyJob.rows, validation: TinyJob.contradiction,
                    supervision: TrainingSupervision(
                        checkpoints: memory, cancellation: Counted.cancellation(memory, steps: kill),
                        watched: { _ in answered += 1 }), watch: watch)
            }
            let resumed = try trainer.train(
                TinyJob.rows, validation: TinyJob.contradiction,
                supervision: TrainingSupervision(checkpoints: memory, watched: { _ in answered += 1 }), watch: watch)
            #expect(try resumed.result.encode() == wanted, "killed after step \(kill)")
            #expect(resumed.watched == whole.watched && resumed.rows == whole.rows)
            #expect(resumed.keptStep == whole.keptStep && resumed.steps.map(\.loss) == whole.steps.map(\.loss))
            #expect(2 * answered == whole.watched.count, "nothing is answered twice")
        }
    }

    @Test(arguments: FineTuneOptions.Update.allCases)
    func watchingChangesNothing(update: FineTuneOptions.Update) throws {
        let base = try TinyModel.weights
        var options = FineTuneOptions(
            update: update, epochs: 2, learningRate: 1e-2, batchSize: 2, rank: 4, alpha: 8, seed: 3)
        let plain = try Trainer(base: base, options: options, now: { 0 }).train(TinyJob.rows)
        options.watch = ["a"]
        let watched = try Trainer(base: base, options: options, now: { 0 }).train(
            TinyJob.rows, watch: TinyJob.watch(base, prompts: [75]))
        #expect(try plain.result.encode() == watched.result.encode())
        #expect(watched.watched.map(\.step) == [0, 1, 3, 4, 6])
        #expect(
            watched.watched.map(\.loss).dropFirst()
                == watched.watched.dropFirst().map { watched.steps[$0.step - 1].loss }[...])
    }
}

/// Stops after so many of something.
enum Counted {
    /// After so many steps were reported, as the loop asks once before each.
    static func cancellation(after steps: Int) -> Cancellation {
        let asked = AskedCount()
        return Cancellation { asked.next() > steps }
    }

    /// Once the checkpoint has so many steps.
    static func cancellation(_ memory: MemoryCheckpoints, steps: Int) -> Cancellation {
        Cancellation {
            let file = memory.data.flatMap { try? Safetensors($0, name: "") }
            let history = Data((file?.metadata["distnb.steps"] ?? "[]").utf8)
            return ((try? JSONDecoder().decode([TrainingStep].self, from: history))?.count ?? 0) >= steps
        }
    }
}

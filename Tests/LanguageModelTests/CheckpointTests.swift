import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Training that is stopped goes on as if it had never been.
@Suite struct CheckpointTests {
    private static let rows = (0..<5).map { row in
        TrainingExample(tokens: (0..<9).map { 60 + Int32(row * 9 + $0) % 90 }, trained: (0..<9).map { $0 > 4 })
    }

    private struct Full: Error {}

    private struct FullDisk: CheckpointStoring {
        func read(_ key: String) -> Data? { nil }
        func write(_ key: String, _ pieces: [Data]) throws { throw Full() }
        func remove(_ key: String) {}
        func finish(_ key: String) {}
        func settleFinished(areKept: Bool) {}
        func removeOthers() {}
    }

    private func trainer(_ update: FineTuneOptions.Update) throws -> Trainer {
        let options = FineTuneOptions(
            update: update, epochs: 4, learningRate: 1e-2, batchSize: 2, rank: 4, alpha: 8, seed: 3, warmupSteps: 2)
        return try Trainer(base: TinyModel.weights, options: options, checkpointInterval: 0, now: { 0 })
    }

    /// What a kill leaves is the last checkpoint; a thrown error after a step leaves no other.
    @Test(arguments: FineTuneOptions.Update.allCases)
    func aTrainingKilledAfterAnyStepGivesTheSameModel(update: FineTuneOptions.Update) throws {
        let trainer = try trainer(update)
        let whole = try trainer.train(Self.rows, validation: [Self.rows[0]])
        let wanted = try whole.result.encode()
        for kill in 1..<whole.steps.count {
            let memory = MemoryCheckpoints()
            var seen = 0
            #expect(throws: CancellationError.self) {
                _ = try trainer.train(
                    Self.rows, validation: [Self.rows[0]],
                    supervision: TrainingSupervision(
                        checkpoints: memory, cancellation: Cancellation { Self.count(memory) >= kill },
                        report: { _ in seen += 1 }))
            }
            #expect(seen == kill)
            var after = 0
            let resumed = try trainer.train(
                Self.rows, validation: [Self.rows[0]],
                supervision: TrainingSupervision(checkpoints: memory, report: { _ in after += 1 }))
            #expect(seen + after == whole.steps.count, "no step is done twice")
            #expect(try resumed.result.encode() == wanted)
            #expect(resumed.steps.map(\.loss) == whole.steps.map(\.loss))
        }
    }

    /// Steps in the checkpoint.
    private static func count(_ memory: MemoryCheckpoints) -> Int {
        memory.data.flatMap { try? Safetensors($0, name: "") }.flatMap {
            try? JSONDecoder().decode([TrainingStep].self, from: Data(($0.metadata["distnb.steps"] ?? "").utf8))
        }?.count ?? 0
    }

    @Test func aFinishedTrainingIsNotDoneAgainBeforeItsResultIsKept() throws {
        let memory = MemoryCheckpoints()
        let first = try trainer(.lora).train(Self.rows, supervision: TrainingSupervision(checkpoints: memory))
        var steps = 0
        let second = try trainer(.lora).train(
            Self.rows, supervision: TrainingSupervision(checkpoints: memory, report: { _ in steps += 1 }))
        #expect(steps == 0)
        #expect(try first.result.encode() == second.result.encode())
    }

    @Test func whoStopsMayKeepTheModelAsItIs() throws {
        var asked: TrainingStep?
        var steps = 0
        let finished = try trainer(.lora).train(
            Self.rows,
            supervision: TrainingSupervision(
                cancellation: .never, report: { _ in steps += 1 },
                keepsUnfinished: {
                    asked = $0; return true
                }))
        #expect(asked == nil && finished.steps.count == 12 && steps == 12)
        let memory = MemoryCheckpoints()
        let stopped = try trainer(.lora).train(
            Self.rows,
            supervision: TrainingSupervision(
                checkpoints: memory, cancellation: Cancellation { Self.count(memory) >= 5 },
                keepsUnfinished: {
                    asked = $0; return true
                }))
        #expect(asked?.step == 5 && stopped.steps.count == 5)
        #expect(try stopped.result.encode() != finished.result.encode())
    }

    @Test func aDamagedCheckpointMeansBeginningAnew() throws {
        let wanted = try trainer(.lora).train(Self.rows).result.encode()
        let memory = MemoryCheckpoints()
        _ = try trainer(.lora).train(Self.rows, supervision: TrainingSupervision(checkpoints: memory))
        let good = try #require(memory.data)
        for bad in [Data(), good.prefix(100), good.dropLast(9), Data(repeating: 7, count: 500)] {
            memory.data = Data(bad)
            let result = try trainer(.lora).train(Self.rows, supervision: TrainingSupervision(checkpoints: memory))
            #expect(try result.result.encode() == wanted)
        }
    }

    @Test func aFullDiskDoesNotEndTheTraining() throws {
        var failures = 0
        let result = try trainer(.lora).train(
            Self.rows,
            supervision: TrainingSupervision(checkpoints: FullDisk(), checkpointFailed: { _ in failures += 1 }))
        #expect(failures == 12)
        #expect(try result.result.encode() == trainer(.lora).train(Self.rows).result.encode())
    }

    @Test func wholeWeightsComeBackFromTheirFile() throws {
        let base = try TinyModel.weights
        let trained = try trainer(.full).train(Self.rows).result
        guard case .weights(let weights) = trained else {
            Issue.record("full fine-tuning gives weights")
            return
        }
        let exact = try base.replacing(decoding: weights.encode(.single), name: "test")
        #expect(try Transformer(exact).logits([70, 80]) == Transformer(weights).logits([70, 80]))
        let half = try Transformer(base.replacing(decoding: weights.encode(.half), name: "test")).logits([70, 80])
        let worst = try zip(half, Transformer(weights).logits([70, 80])).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 0.02 && worst > 0)
        for bad in [Data(), try weights.encode(.half).dropLast(2), try weights.encode(.half).prefix(50)] {
            #expect(throws: (any Error).self) { _ = try base.replacing(decoding: Data(bad), name: "test") }
        }
    }
}

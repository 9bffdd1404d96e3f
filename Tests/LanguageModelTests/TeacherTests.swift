import Distillation
import Foundation
import Synchronization
import Tables
import Testing

@testable import LanguageModel

/// What a student learns of a teacher's probabilities: the losses, where the probabilities are kept, the student's own
/// replies.
@Suite struct TeacherTests {
    /// A row: the system prompt's tokens, a question, and a reply that ends with `<|im_end|>`.
    private static func row(_ number: Int, system: [Int32]) -> TrainingExample {
        let reply = (0..<3 + number % 3).map { 100 + Int32((number * 5 + $0 * 3) % 80) } + [2]
        let prompt = system + [Int32(60 + number), 61, 62]
        return TrainingExample(
            tokens: prompt + reply, trained: prompt.map { _ in false } + reply.map { _ in true })
    }

    private static let count = 7
    private static let examples = (0..<count).map { row($0, system: (0..<5).map { 70 + $0 }) }
    private static let asTheTeacherReads = (0..<count).map { row($0, system: (0..<11).map { 80 + $0 }) }

    /// The tiny model with an adapter that makes it another.
    private static var teacher: Transformer {
        get throws {
            let weights = try TinyModel.weights
            var adapter = try LoRAAdapter.fresh(weights.configuration, rank: 4, alpha: 8, seed: 11)
            var random = RandomStream(seed: 12)
            for index in adapter.values.indices { adapter.values[index] = 0.6 * random.unit() - 0.3 }
            return try Transformer(weights, adapter: adapter)
        }
    }

    private static func training(_ rows: [TrainingExample] = TeacherTests.asTheTeacherReads) throws -> TrainingTeacher {
        TrainingTeacher(
            transformer: try teacher, identity: "cora", examples: rows, validation: [rows[0]],
            tokenizer: try Tokenizer(TinyModel.gguf))
    }

    private static func options(_ method: TrainingMethod, update: FineTuneOptions.Update = .lora) -> FineTuneOptions {
        FineTuneOptions(
            method: method, update: update, epochs: 2, learningRate: 1e-2, batchSize: 3, rank: 4, alpha: 8, seed: 3)
    }

    private func train(
        _ method: TrainingMethod, update: FineTuneOptions.Update = .lora, teacher: TrainingTeacher? = nil,
        activity: EngineActivity = EngineActivity(), supervision: TrainingSupervision = TrainingSupervision()
    ) throws -> FinishedTraining {
        try Trainer(
            base: TinyModel.weights, options: Self.options(method, update: update), checkpointInterval: 0,
            activity: activity, now: { 0 }
        ).train(
            Self.examples, validation: [Self.examples[0]], teacher: teacher ?? Self.training(),
            supervision: supervision)
    }

    private func scorer() throws -> TeacherScorer { TeacherScorer(try Self.teacher, rows: Self.asTheTeacherReads) }

    private func labels(_ scorer: TeacherScorer, kept: Int, temperature: Float) throws -> SoftLabels {
        let batch = scorer.batch(Self.asTheTeacherReads)
        return try #require(
            SoftLabels(
                softmaxOf: batch.logits(0..<batch.targetCount), count: batch.targetCount,
                vocabulary: scorer.model.configuration.vocabulary, kept: kept, temperature: temperature))
    }

    // MARK: Losses

    @Test func aTeacherIsReadBeforeEachTarget() throws {
        let scorer = try scorer()
        let vocabulary = scorer.model.configuration.vocabulary
        let batch = scorer.batch(Self.asTheTeacherReads)
        var target = 0
        for row in Self.asTheTeacherReads {
            let whole = try scorer.model.logits(row.tokens)
            for index in row.tokens.indices.dropFirst() where row.trained[index] {
                let own = batch.logits(target..<target + 1)
                let worst = (0..<vocabulary).map { abs(own[$0] - whole[(index - 1) * vocabulary + $0]) }.max() ?? 1
                #expect(worst < 1e-4)
                target += 1
            }
        }
        #expect(batch.targetCount == target)
    }

    /// Central differences along the gradient of each objective.
    @Test(arguments: FineTuneOptions.Update.allCases) func gradientsAgreeWithFiniteDifferences(
        update: FineTuneOptions.Update
    ) throws {
        let weights = try TinyModel.weights
        let layout = WeightsLayout(weights.configuration)
        var adapter = try LoRAAdapter.fresh(weights.configuration, rank: 3, alpha: 6, seed: 5)
        var random = RandomStream(seed: 9)
        for index in adapter.values.indices where adapter.values[index] == 0 {
            adapter.values[index] = 0.2 * random.unit() - 0.1
        }
        let gradient = BatchGradient(
            update == .full
                ? TrainedModel(layout) : TrainedModel(weights, layout: adapter.layout, scale: adapter.scale))
        let values = update == .full ? weights.flattened(layout) : adapter.values
        let scorer = try scorer()
        let objectives: [TargetObjective] = [
            .softLabels(try labels(scorer, kept: 8, temperature: 2), ratio: 0.7, temperature: 2),
            .softLabels(try labels(scorer, kept: 266, temperature: 1), ratio: 1, temperature: 1),
            .divergence(scorer.batch(Self.asTheTeacherReads), beta: 0, temperature: 1.5),
            .divergence(scorer.batch(Self.asTheTeacherReads), beta: 0.3, temperature: 1),
            .divergence(scorer.batch(Self.asTheTeacherReads), beta: 1, temperature: 1),
        ]
        for objective in objectives {
            var gradients = [Float](repeating: 0, count: values.count)
            _ = gradient.run(Self.examples, objective, parameters: values, gradients: &gradients)
            let direction = gradients.map { $0 * (0.5 + random.unit()) }
            let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let step: Float = 0x1p-6
            func loss(_ sign: Float) -> Double {
                let moved = zip(values, direction).map { $0 + sign * step * $1 / length }
                return gradient.losses(Self.examples, objective, parameters: moved).total
            }
            let measured = (loss(1) - loss(-1)) / Double(2 * step)
            let wanted = zip(gradients, direction).reduce(0.0) { $0 + Double($1.0 * $1.1 / length) }
            #expect(abs(measured - wanted) < 0.02 * abs(wanted) + 2e-5, "\(objective)")
        }
    }

    @Test func theWholeVocabularyKeptIsTheWholeDivergence() throws {
        let gradient = BatchGradient(TrainedModel(WeightsLayout(try TinyModel.weights.configuration)))
        let values = try TinyModel.weights.flattened(WeightsLayout(TinyModel.weights.configuration))
        let scorer = try scorer()
        let vocabulary = scorer.model.configuration.vocabulary
        func soft(_ kept: Int) throws -> LossSums {
            gradient.losses(
                Self.examples, .softLabels(try labels(scorer, kept: kept, temperature: 2), ratio: 1, temperature: 2),
                parameters: values)
        }
        let forward = gradient.losses(
            Self.examples, .divergence(scorer.batch(Self.asTheTeacherReads), beta: 0, temperature: 2),
            parameters: values)
        let whole = try soft(vocabulary)
        #expect(abs(whole.total - 4 * forward.total) < 1e-4 * whole.total)
        // With less of it known, the divergence that is seen is less.
        let seen = try [1, 4, 16, 64, vocabulary].map { try soft($0).total }
        #expect(seen == seen.sorted() && seen[0] < seen[4])
    }

    @Test func withoutTheTeachersShareItIsSupervised() throws {
        let soft = try train(.soft(SoftLabelOptions(ratio: 0)))
        let supervised = try train(.sft)
        for (one, other) in zip(soft.steps, supervised.steps) {
            #expect(abs(one.loss - other.loss) < 1e-5)
            #expect(one.parts?.crossEntropy == one.loss && one.parts?.divergence ?? 0 > 0 && other.parts == nil)
        }
    }

    @Test func theLossIsMadeOfItsParts() throws {
        for step in try train(.soft(SoftLabelOptions(ratio: 0.25))).steps {
            let parts = try #require(step.parts)
            #expect(abs(step.loss - 0.75 * (parts.crossEntropy ?? 0) - 0.25 * parts.divergence) < 1e-6)
            if let validation = step.validationParts, let loss = step.validationLoss {
                #expect(abs(loss - 0.75 * (validation.crossEntropy ?? 0) - 0.25 * validation.divergence) < 1e-6)
            }
        }
    }

    @Test(arguments: [TrainingMethod.soft(SoftLabelOptions()), .onPolicy(OnPolicyOptions(lambda: 0))])
    func nothingIsLeftToLearnOfOneself(method: TrainingMethod) throws {
        let same = TrainingTeacher(
            transformer: try Transformer(TinyModel.weights), identity: "self", examples: Self.examples,
            validation: [Self.examples[0]], tokenizer: try Tokenizer(TinyModel.gguf))
        let first = try #require(try train(method, teacher: same).steps.first?.parts)
        #expect(abs(first.divergence) < 1e-5)
    }

    // MARK: What is kept

    /// Soft labels in memory.
    private final class Memory: SoftLabelStoring {
        let files = Mutex<[String: [Data]]>([:])
        func parts(of group: String) -> [Data] { files.withLock { $0[group] ?? [] } }
        func add(_ part: Data, to group: String) { files.withLock { $0[group, default: []].append(part) } }
        func change(_ change: (Data) -> Data) { files.withLock { $0 = $0.mapValues { $0.map(change) } } }
    }

    @Test func aTeacherIsAskedOnce() throws {
        let memory = Memory()
        func run(_ options: SoftLabelOptions) throws -> (bytes: Data, passes: Int, last: SoftLabelProgress?) {
            let activity = EngineActivity()
            var last: SoftLabelProgress?
            let result = try train(
                .soft(options), activity: activity,
                supervision: TrainingSupervision(softLabels: memory, softLabelsProgress: { last = $0 }))
            return (try result.result.encode(), activity.forwardPasses, last)
        }
        let first = try run(SoftLabelOptions(topK: 8))
        #expect(first.last?.done == Self.count && first.last?.stored == 0 && first.passes == 2)
        #expect(first.last?.bytes == memory.files.withLock { $0.values.joined().reduce(0) { $0 + $1.count } })
        let second = try run(SoftLabelOptions(topK: 8))
        #expect(second.last?.stored == Self.count && second.bytes == first.bytes)
        #expect(second.passes == 0)
        // Another share uses the same labels, another temperature does not.
        #expect(try run(SoftLabelOptions(ratio: 0.9, topK: 8)).last?.stored == Self.count)
        #expect(try run(SoftLabelOptions(temperature: 3, topK: 8)).last?.stored == 0)
        #expect(try run(SoftLabelOptions(topK: 9)).last?.stored == 0)
    }

    private static let manyRows = (0..<150).map { (row: Int32) -> TrainingExample in
        let prompt: [Int32] = Array(80..<89)
        let rest: [Int32] = [row % 200 + 40, 61, row / 10 + 50, 2]
        return TrainingExample(tokens: prompt + rest, trained: (0..<13).map { $0 > 10 })
    }

    private func table(
        _ rows: [TrainingExample], _ memory: Memory, stopAfter: Int = .max
    ) throws -> (SoftLabels, SoftLabelProgress?) {
        var last: SoftLabelProgress?
        let supervision = TrainingSupervision(
            softLabels: memory,
            cancellation: Cancellation { memory.files.withLock { $0.values.joined().count } >= stopAfter },
            softLabelsProgress: { last = $0 })
        let table = try SoftLabelTable(
            rows, teacher: TeacherScorer(Self.teacher, rows: rows), identity: "cora",
            options: SoftLabelOptions(topK: 4), supervision: supervision)
        return (table.labels(rows), last)
    }

    /// What an earlier training with other rows left is used only where it is what would be computed now.
    @Test func keptLabelsAreThoseComputedAtOnce() throws {
        let wanted = try table(Self.manyRows, Memory()).0
        let memory = Memory()
        _ = try table(Array(Self.manyRows.prefix(100)), memory)
        let grown = try table(Self.manyRows, memory)
        #expect(grown.0 == wanted && grown.1?.stored == 64)
        let again = try table(Self.manyRows, memory)
        #expect(again.0 == wanted && again.1?.stored == 150)
        let turned = Array(Self.manyRows.reversed())
        #expect(try table(turned, memory).1?.stored == 0)
        #expect(try table(turned, memory).0 == table(turned, Memory()).0)
    }

    /// More rows than one file has: what a kill leaves is whole, and the rest is computed as it would have been.
    @Test func labelsGoOnWhereTheyWereKilled() throws {
        let rows = Self.manyRows
        let whole = Memory()
        let wanted = try table(rows, whole)
        #expect(whole.files.withLock { $0.values.first?.count } == 3)
        let memory = Memory()
        #expect(throws: CancellationError.self) { try table(rows, memory, stopAfter: 1) }
        let resumed = try table(rows, memory)
        #expect(resumed.1?.stored == 64 && resumed.1?.done == 150)
        #expect(resumed.0 == wanted.0)
        #expect(memory.files.withLock { $0 } == whole.files.withLock { $0 })
    }

    @Test func damagedLabelsAreComputedAgain() throws {
        let wanted = try train(.soft(SoftLabelOptions(topK: 8))).result.encode()
        let changes: [(Data) -> Data] = [
            { _ in Data() }, { $0.dropLast(1) }, { $0.prefix(21) }, { Data($0.dropFirst(3)) },
            { $0 + Data([0]) }, { _ in Data(repeating: 255, count: 600) },
        ]
        for change in changes {
            let memory = Memory()
            _ = try train(.soft(SoftLabelOptions(topK: 8)), supervision: TrainingSupervision(softLabels: memory))
            memory.change(change)
            var last: SoftLabelProgress?
            let again = try train(
                .soft(SoftLabelOptions(topK: 8)),
                supervision: TrainingSupervision(softLabels: memory, softLabelsProgress: { last = $0 }))
            #expect(last?.stored == 0)
            #expect(try again.result.encode() == wanted)
        }
    }

    /// Every byte changed in turn, and with a right hash: what is read is a distribution or nothing.
    @Test func hostileLabelsAreRefused() throws {
        let scorer = try scorer()
        let vocabulary = scorer.model.configuration.vocabulary
        let row = Self.asTheTeacherReads[0]
        let batch = scorer.batch([row])
        let labels = try #require(
            SoftLabels(
                softmaxOf: batch.logits(0..<batch.targetCount), count: batch.targetCount, vocabulary: vocabulary,
                kept: 3, temperature: 1))
        let good = SoftLabelPart.encode([(SoftLabelKey(row), labels)], kept: 3, vocabulary: vocabulary)
        #expect(SoftLabelPart(good, kept: 3, vocabulary: vocabulary)?.labels(SoftLabelKey(row)) == labels)
        #expect(SoftLabelPart(good, kept: 4, vocabulary: vocabulary) == nil)
        #expect(SoftLabelPart(good, kept: 3, vocabulary: vocabulary + 1) == nil)
        for index in good.indices.dropLast(32) {
            for byte in [UInt8(0), 0x7F, 0x80, 0xFF] where byte != good[index] {
                var bad = good
                bad[index] = byte
                #expect(SoftLabelPart(bad, kept: 3, vocabulary: vocabulary) == nil)
                let signed = SoftLabelPart.signed(bad.dropLast(32))
                guard let part = SoftLabelPart(signed, kept: 3, vocabulary: vocabulary) else { continue }
                for key in part.keys { #expect(part.labels(key)?.areValid(vocabulary: vocabulary) == true) }
            }
        }
    }

    // MARK: The student's own replies

    @Test(arguments: FineTuneOptions.Update.allCases)
    func aStudentOnItsOwnRepliesGoesOnWhereItWasKilled(update: FineTuneOptions.Update) throws {
        let method = TrainingMethod.onPolicy(OnPolicyOptions(lambda: 0.6, beta: 0.3, maxTokens: 6))
        let whole = try train(method, update: update)
        let wanted = try whole.result.encode()
        let kinds = whole.steps.map { $0.parts?.isOnPolicy }
        #expect(kinds.contains(true) && kinds.contains(false))
        for kill in [1, 3, 5] {
            let memory = CheckpointMemory()
            var seen = 0
            #expect(throws: CancellationError.self) {
                _ = try train(
                    method, update: update,
                    supervision: TrainingSupervision(
                        checkpoints: memory, cancellation: Cancellation { memory.writes >= kill },
                        report: { _ in seen += 1 }))
            }
            #expect(seen == kill)
            let resumed = try train(method, update: update, supervision: TrainingSupervision(checkpoints: memory))
            #expect(try resumed.result.encode() == wanted)
            #expect(resumed.steps.map(\.loss) == whole.steps.map(\.loss))
        }
    }

    @Test func theShareOfOwnRepliesIsLambda() throws {
        func shares(_ lambda: Double) throws -> [Bool?] {
            try train(.onPolicy(OnPolicyOptions(lambda: lambda, maxTokens: 4))).steps.map { $0.parts?.isOnPolicy }
        }
        #expect(try shares(0).allSatisfy { $0 == false })
        #expect(try shares(1).allSatisfy { $0 == true })
    }

    @Test func aSampledReplyStandsInTheRowsOwnPlace() {
        let row = TrainingExample(
            tokens: [9, 8, 7, 6, 5, 4], trained: [false, true, false, false, true, true])
        #expect(row.prompt == [9, 8, 7, 6])
        #expect(row.targets == [8, 5, 4])
        let answered = row.answered(with: [3, 2])
        #expect(answered.tokens == [9, 8, 7, 6, 3, 2])
        #expect(answered.trained == [false, false, false, false, true, true])
    }

    // MARK: Refusals

    @Test func aTeacherHasToReadTheSameReplies() throws {
        var rows = Self.asTheTeacherReads
        rows[2].tokens[rows[2].tokens.count - 2] += 1
        for method in [TrainingMethod.soft(SoftLabelOptions()), .onPolicy(OnPolicyOptions())] {
            let error = #expect(throws: EngineError.self) { try train(method, teacher: Self.training(rows)) }
            #expect(
                error?.description.contains("the reply of training row 3 as the same tokens") == true, "\(error as Any)"
            )
        }
    }

    @Test func optionsOutOfRangeAreRefused() {
        let bad: [TrainingMethod] = [
            .soft(SoftLabelOptions(temperature: 0)), .soft(SoftLabelOptions(temperature: .nan)),
            .soft(SoftLabelOptions(ratio: 1.5)), .soft(SoftLabelOptions(topK: 0)),
            .onPolicy(OnPolicyOptions(temperature: -1)), .onPolicy(OnPolicyOptions(lambda: 2)),
            .onPolicy(OnPolicyOptions(beta: -0.1)), .onPolicy(OnPolicyOptions(maxTokens: 0)),
        ]
        for method in bad {
            #expect(throws: EngineError.self) {
                _ = try Trainer(base: TinyModel.weights, options: Self.options(method))
            }
        }
    }

    /// Checkpoints in memory, counted.
    private final class CheckpointMemory: CheckpointStoring {
        private let state = Mutex<(file: Data?, writes: Int)>((nil, 0))
        var writes: Int { state.withLock { $0.writes } }
        func read(_ key: String) -> Data? { state.withLock { $0.file } }
        func write(_ key: String, _ pieces: [Data]) {
            let whole = Data(pieces.joined())
            state.withLock { $0 = (whole, $0.writes + 1) }
        }
        func remove(_ key: String) {}
        func finish(_ key: String) {}
        func settleFinished(areKept: Bool) {}
        func removeOthers() {}
    }
}

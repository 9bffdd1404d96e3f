import Distillation
import Foundation
import Tables
import Testing

@testable import LanguageModel

/// A model that was fine-tuned is trained further; its file stands on the base alone.
@Suite struct ContinuedTrainingTests {
    private final class Provided {
        let provider: EmbeddedProvider
        let folder = FileManager.default.temporaryDirectory.appending(path: "distnb-tiny-\(UUID().uuidString)")
        let specification = ModelSpecification(id: "tiny.gguf")

        init() throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try TinyModel.file.write(to: folder.appending(path: "tiny.gguf"))
            provider = EmbeddedProvider(weights: folder.path, kernel: [folder.path], checkpointInterval: 0)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }
    }

    private struct OneBlob: BlobStoring {
        let bytes: [UInt8]
        func put(_ bytes: [UInt8]) throws -> String { SHA256Name.of(bytes) }
        func get(_ name: String) throws -> [UInt8] { bytes }
        func contains(_ name: String) -> Bool { true }
    }

    private static let conversations = [["ab", "ba"], ["cd", "dc"], ["ef", "fe"]].map { pair in
        [ChatMessage(role: "user", content: pair[0]), ChatMessage(role: "assistant", content: pair[1])]
    }

    private func model(_ provided: Provided, weights: [UInt8]?) throws -> Model {
        let name = weights.map { SHA256Name.of($0) }
        return Model(
            alias: "tiny", specification: provided.specification,
            identity: try provided.provider.identity(of: provided.specification, trainedWeights: name),
            trainedWeights: name)
    }

    private func train(
        _ provided: Provided, on weights: [UInt8]?, _ update: FineTuneOptions.Update, seed: UInt64,
        supervision: TrainingSupervision = TrainingSupervision()
    ) throws -> FineTuneResult {
        let options = FineTuneOptions(
            update: update, epochs: 4, learningRate: update == .full ? 2e-3 : 2e-2, batchSize: 2, rank: 3, alpha: 6,
            seed: seed, watch: ["ab", "xy"])
        let job = FineTuneJob(
            base: try model(provided, weights: weights), baseWeights: weights, examples: Self.conversations,
            validation: [], options: options)
        return try provided.provider.fineTune(job, supervision: supervision)
    }

    private func answers(_ provided: Provided, _ weights: [UInt8]) throws -> [String] {
        let model = try model(provided, weights: weights)
        let requests = ["ab", "xy"].map { prompt in
            CompletionRequest(
                model: model.identity, messages: [ChatMessage(role: "user", content: prompt)],
                sampling: Sampling(maxTokens: 48))
        }
        var texts = ["", ""]
        try provided.provider.complete(requests, with: model, blobs: OneBlob(bytes: weights), cancellation: .never) {
            texts[$0] = try $1.get().text
        }
        return texts
    }

    @Test(arguments: [
        (FineTuneOptions.Update.lora, FineTuneOptions.Update.lora), (.lora, .full), (.full, .lora), (.full, .full),
    ])
    func aTrainedModelIsTrainedFurther(_ first: FineTuneOptions.Update, _ second: FineTuneOptions.Update) throws {
        let provided = try Provided()
        let once = try train(provided, on: nil, first, seed: 1)
        let twice = try train(provided, on: once.weights, second, seed: 2)
        // It begins where the first ended: what it answers before its first step is what the first model answers.
        #expect(twice.watched.filter { $0.step == 0 }.map(\.answer) == (try answers(provided, once.weights)))
        let begin = try #require(twice.steps.first?.loss)
        let untrained = try #require(once.steps.first?.loss)
        #expect(begin < untrained)
        // What was trained at last is what the file gives, on the base alone.
        let last = twice.watched.filter { $0.step == twice.keptStep }.map(\.answer)
        #expect(last == (try answers(provided, twice.weights)))
        #expect(last.count == 2 && twice.steps.count == 8)
    }

    @Test func adaptersBesideEachOtherAreBoth() throws {
        let weights = try TinyModel.weights
        func adapter(_ seed: UInt64, rank: Int) throws -> LoRAAdapter {
            var adapter = try LoRAAdapter.fresh(weights.configuration, rank: rank, alpha: 5, seed: seed)
            var random = RandomStream(seed: seed)
            for index in adapter.values.indices where adapter.values[index] == 0 {
                adapter.values[index] = 0.4 * random.unit() - 0.2
            }
            return adapter
        }
        let (first, second) = (try adapter(1, rank: 2), try adapter(2, rank: 3))
        let both = try first.beside(second)
        #expect(both.rank == 5 && both.scale == 1)
        let wanted = try Transformer(weights.merging(first).merging(second)).logits([70, 80, 90])
        let found = try Transformer(weights, adapter: both).logits([70, 80, 90])
        #expect((zip(wanted, found).map { abs($0 - $1) }.max() ?? 1) < 1e-4)
        let read = try LoRAAdapter(decoding: both.encode(.single), for: weights.configuration)
        #expect(read.rank == 5 && read.values == both.values)
        #expect(throws: EngineError.self) { _ = try adapter(3, rank: 20).beside(adapter(4, rank: 20)) }
    }

    @Test func anUnlearntTurnIsReadAndNotLearnt() throws {
        let template = try ChatTemplate(TinyModel.gguf, tokenizer: Tokenizer(TinyModel.gguf))
        let turns = [
            ChatMessage(role: "user", content: "a"), ChatMessage(role: "assistant", content: "bb"),
            ChatMessage(role: "user", content: "c"), ChatMessage(role: "assistant", content: "dd"),
        ]
        var partly = turns
        partly[1].isLearnt = false
        let (all, some) = (try template.example(turns), try template.example(partly))
        #expect(all.tokens == some.tokens)
        let dropped = zip(all.trained, some.trained).filter { $0 && !$1 }.count
        #expect(dropped == 3 && zip(all.trained, some.trained).allSatisfy { $0 || !$1 })
        #expect(turns.map(\.value) == partly.map(\.value), "what is sent does not depend on it")
    }
}

import Distillation
import Foundation
import Tables
import Testing

@testable import LanguageModel

/// The embedded provider with teachers that do not fit, and what a job's key depends on.
@Suite struct TeacherRefusalTests {
    private static let system = ChatMessage(role: "system", content: "Be brief")
    private static let examples = (0..<3).map { row in
        [
            system, ChatMessage(role: "user", content: "question \(row)"),
            ChatMessage(role: "assistant", content: "answer \(row)"),
        ]
    }

    /// A folder with the tiny model, and one that spells a token otherwise.
    private let folder: URL
    private let provider: EmbeddedProvider

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "distnb-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try TinyModel.file.write(to: folder.appending(path: "tiny.gguf"))
        var other = TinyModel.file
        let place = try #require(other.range(of: Data("<|endoftext|>".utf8)))
        other.replaceSubrange(place, with: Data("<|endofturn|>".utf8))
        try other.write(to: folder.appending(path: "other.gguf"))
        provider = EmbeddedProvider(weights: folder.path, kernel: [folder.path])
    }

    private func model(_ name: String, file: String = "tiny.gguf", endpoint: String? = nil) throws -> Model {
        let specification = ModelSpecification(id: file)
        let identity = try provider.identity(of: specification, trainedWeights: nil)
        return Model(
            name: name, alias: name, specification: specification,
            identity: ModelIdentity(endpoint: endpoint ?? identity.endpoint, id: identity.id))
    }

    private func job(_ method: TrainingMethod, teacher: Model?) throws -> FineTuneJob {
        FineTuneJob(
            base: try model("student"), examples: Self.examples, validation: [],
            options: FineTuneOptions(method: method, epochs: 1, batchSize: 3, rank: 2, alpha: 4),
            teacher: teacher.map {
                FineTuneTeacher(model: $0, examples: Self.examples, validation: [], blobs: DiscardingBlobs())
            })
    }

    private static let methods: [TrainingMethod] = [
        .soft(SoftLabelOptions()), .onPolicy(OnPolicyOptions(lambda: 1, maxTokens: 3)),
    ]

    @Test(arguments: methods) func aTeacherOfAnotherVocabularyIsRefused(method: TrainingMethod) throws {
        let error = #expect(throws: ProviderError.self) {
            try provider.fineTune(
                job(method, teacher: model("cora", file: "other.gguf")), supervision: TrainingSupervision())
        }
        #expect(
            error?.description
                == "`method: \"\(method.name)\"` compares teacher and student token by token; `cora` and `student` have "
                + "different vocabularies (token 0 is \"<|endofturn|>\" and \"<|endoftext|>\").")
        #expect(error?.hint == "learn from its text: rows | generate cora | finetune student, method: \"sft\"")
    }

    @Test(arguments: methods) func aTeacherThatRunsElsewhereIsRefused(method: TrainingMethod) throws {
        let error = #expect(throws: ProviderError.self) {
            try provider.fineTune(
                job(method, teacher: model("cora", endpoint: "api.openai.com")), supervision: TrainingSupervision())
        }
        #expect(error?.description.hasSuffix("of every token; `cora` gives its text only.") == true)
        #expect(error?.hint?.contains("method: \"sft\"") == true)
        #expect(throws: ProviderError.self) {
            try provider.fineTune(job(method, teacher: nil), supervision: TrainingSupervision())
        }
    }

    @Test(arguments: methods) func aTeacherThatFitsTeaches(method: TrainingMethod) throws {
        let result = try provider.fineTune(
            job(method, teacher: model("cora")), supervision: TrainingSupervision())
        #expect(result.steps.count == 1 && result.steps[0].parts != nil)
    }

    @Test func aJobsKeyNamesItsMethodAndItsTeacher() throws {
        var jobs = try Self.methods.map { try job($0, teacher: model("cora")) }
        jobs.append(try job(.sft, teacher: nil))
        jobs.append(try job(.soft(SoftLabelOptions(ratio: 0.6)), teacher: model("cora")))
        jobs.append(try job(.soft(SoftLabelOptions()), teacher: model("cora", file: "other.gguf")))
        let other = try model("cora")
        jobs.append(
            FineTuneJob(
                base: try model("student"), examples: Self.examples, validation: [], options: jobs[0].options,
                teacher: FineTuneTeacher(
                    model: other, examples: Self.examples.map { Array($0.dropFirst()) }, validation: [],
                    blobs: DiscardingBlobs())))
        let keys = try jobs.map { try provider.checkpointKey(of: $0) }
        #expect(Set(keys).count == jobs.count)
    }

    @Test func prunedModelsKeepTheNumbersOfTheirLayers() throws {
        let result = try provider.prune(
            PruningJob(model: model("base"), conversations: Self.examples, count: 1, criterion: .influence),
            cancellation: .never, progress: { _, _ in })
        #expect(result.layers.count == 1 && result.measures.map(\.layer) == [0, 1])
        #expect(result.measures.filter { $0.removed == nil }.map(\.layer) == result.layers)
        let some = ModelSpecification(id: "tiny.gguf", layers: [1])
        let one = Model(
            alias: "one", specification: some, identity: try provider.identity(of: some, trainedWeights: nil))
        #expect(one.identity.id.contains("layers:1"))
        let same = try provider.prune(
            PruningJob(model: one, conversations: Self.examples, count: 1, criterion: .loss), cancellation: .never,
            progress: { _, _ in })
        #expect(same.layers == [1] && same.measures[0].removed == nil)
        let error = #expect(throws: ProviderError.self) {
            try provider.prune(
                PruningJob(model: one, conversations: Self.examples, count: 2, criterion: .influence),
                cancellation: .never, progress: { _, _ in })
        }
        #expect(error?.description == "`one` has 1 layers; `to:` says 2.")
    }
}

import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// The embedding model behind the core's protocol, in a folder of weights as people have it.
@Suite struct EmbeddingProviderTests {
    private func withProvider<Result>(
        _ specification: ModelSpecification?, _ body: (EmbeddedProvider) throws -> Result
    ) throws -> Result {
        let weights = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: weights, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: weights) }
        try FileManager.default.copyItem(
            at: TinyEncoder.folder("plain"), to: weights.appendingPathComponent("tiny"))
        return try body(EmbeddedProvider(weights: weights.path, kernel: [], embedding: specification))
    }

    @Test func textsBecomeVectorsOfTheModelThatTheKernelNames() throws {
        let vectors = try withProvider(ModelSpecification(id: "tiny")) { provider in
            #expect(try provider.embeddingIdentity().id.hasPrefix("sha256:"))
            return try provider.embeddings(of: ["paint", "brush", "paint"], cancellation: .never).vectors
        }
        #expect(vectors == (try TinyEncoder.encoder("plain").vectors(["paint", "brush", "paint"])))
    }

    @Test func whoNamesNoneIsToldWhatToDo() throws {
        try withProvider(nil) { provider in
            let error = #expect(throws: ProviderError.self) {
                try provider.embeddings(of: ["a"], cancellation: .never)
            }
            #expect(error?.hint?.contains("--kernel embedded") == true)
        }
    }

    @Test func whereItWasNotFetchedTheMessageSaysHow() throws {
        try withProvider(ModelSpecification(id: "all-MiniLM-L6-v2", source: "minilm")) { provider in
            for attempt in [
                { _ = try provider.embeddingIdentity() },
                { _ = try provider.embeddings(of: [], cancellation: .never) },
            ] {
                let error = #expect(throws: ProviderError.self) { try attempt() }
                #expect(error?.description.hasPrefix("The weights all-MiniLM-L6-v2 are not in ") == true)
                #expect(error?.hint == "fetch them: distnb models add minilm")
            }
        }
    }

    @Test func anotherModelThanTheKernelNamesIsRefused() throws {
        let specification = ModelSpecification(id: "tiny", sha256: String(repeating: "0", count: 64))
        try withProvider(specification) { provider in
            let error = #expect(throws: ProviderError.self) {
                try provider.embeddings(of: ["a"], cancellation: .never)
            }
            #expect(error?.description.contains("damaged or of another model") == true)
        }
    }

    @Test func workThatIsStoppedIsInterrupted() throws {
        try withProvider(ModelSpecification(id: "tiny")) { provider in
            #expect(throws: Interrupted.self) {
                try provider.embeddings(of: ["a"], cancellation: Cancellation { true })
            }
        }
    }

    @Test func anEncoderAnswersNothing() throws {
        try withProvider(nil) { provider in
            let error = #expect(throws: ProviderError.self) {
                try provider.lineage(of: ModelSpecification(id: "tiny"))
            }
            #expect(error?.description.contains("the architecture is `bert`") == true, "\(error?.description ?? "")")
        }
    }
}

import Distillation
import Tables
import Testing

@Suite struct TextEmbeddingsTests {
    private func cosine(_ one: [Float], _ other: [Float]) -> Double? { TextEmbeddings.cosine(one, other) }

    @Test func cosineIsOfTheAngleAlone() throws {
        #expect(cosine([3, 4], [6, 8]) == 1)
        #expect(cosine([1, 0], [0, -2]) == 0)
        #expect(cosine([3, 4], [-6, -8]) == -1)
        let diagonal = try #require(cosine([1, 1], [0, 5]))
        #expect(abs(diagonal - 0.5.squareRoot()) < 1e-15)
    }

    @Test func whatHasNoAngleHasNoCosine() {
        #expect(cosine([1, 2], [1, 2, 3]) == nil)
        #expect(cosine([0, 0], [1, 2]) == nil)
        #expect(cosine([], []) == nil)
        #expect(cosine([.infinity, 0], [1, 2]) == nil)
        #expect(cosine([.nan], [1]) == nil)
    }

    @Test func aKernelMayNameWhatTurnsTextsIntoVectorsAndOthersTakeItOver() throws {
        func profile(_ fields: Value, base: KernelProfile? = nil) throws -> KernelProfile {
            try KernelProfile(name: "k", json: ["metadata": ["distnb": fields]], base: base)
        }
        let models: Value = ["base": ["id": "b.gguf"]]
        let with = try profile(["provider": "embedded", "models": models, "embedding": ["id": "e", "source": "tiny"]])
        #expect(with.embedding?.source == "tiny")
        #expect(try profile(["provider": "embedded", "models": models]).embedding == nil)
        #expect(try profile(["extends": "k"], base: with).embedding?.id == "e")
        #expect(throws: KernelError.self) {
            try profile(["provider": "embedded", "models": models, "embedding": ["summary": "no id"]])
        }
    }
}

import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// GGUF files of every architecture as llama.cpp's converter writes them, and what `transformers` computes
/// (Tests/References/architecture_gguf_reference.py).
@Suite struct ArchitectureGGUFTests {
    struct Reference: Decodable {
        struct Model: Decodable {
            let file: String
            let architecture: String
            let ids: [Int32]
            let positions: [Int]
            let logits: [[Float]]
        }
        let models: [Model]
    }

    private func open(_ name: String) throws -> GGUFFile {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "gguf"))
        return try GGUFFile(url)
    }

    @Test func logitsAgreeWithTransformers() throws {
        let models = try fixture("architectures-gguf", as: Reference.self).models
        #expect(Set(models.map(\.architecture)) == Set(Architecture.allCases.map(\.rawValue)))
        for model in models {
            let weights = try LanguageModelWeights.load(open(model.file))
            let vocabulary = weights.configuration.vocabulary
            let logits = try Transformer(weights).logits(model.ids)
            for (position, wanted) in zip(model.positions, model.logits) {
                let row = logits[position * vocabulary..<(position + 1) * vocabulary]
                let worst = zip(row, wanted).map { abs($0 - $1) }.max() ?? .infinity
                #expect(worst < 1e-4, "\(model.file), position \(position)")
            }
        }
    }

    @Test func theTableNamesTheTensorsOfTheFiles() throws {
        for model in try fixture("architectures-gguf", as: Reference.self).models {
            let file = try open(model.file)
            let shape = try ModelConfiguration(file)
            #expect(Set(shape.tensors.map(\.ggufName)) == Set(file.tensors.keys).subtracting(["rope_freqs.weight"]))
        }
    }

    @Test func tensorsThatTheArchitectureHasNotAreRefused() throws {
        // A qwen2 file that calls itself llama has biases that llama does not add.
        let url = try #require(Bundle.module.url(forResource: "Fixtures/tiny-qwen2", withExtension: "gguf"))
        var bytes = try Data(contentsOf: url)
        while let range = bytes.range(of: Data("qwen2".utf8)) {
            bytes.replaceSubrange(range, with: Data("llama".utf8))
        }
        let error = try #require(throws: WeightsError.self) { try LanguageModelWeights.load(TinyModel.open(bytes)) }
        #expect(error.description.contains("`blk.0.attn_k.bias`"))
    }

    /// Whatever a byte of the header becomes, loading ends in a model or an error.
    @Test(arguments: ["tiny-llama3", "tiny-qwen3", "tiny-gemma3"]) func noDamagedByteOfTheHeaderTraps(_ name: String)
        throws
    {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "gguf"))
        let whole = try Data(contentsOf: url)
        let header = try open(name).tensors.values.map(\.offset).min().map { Int($0) } ?? 0
        var random = RandomStream(seed: 2)
        for position in 0..<header {
            let value = random.next() % 2 == 0 ? 0xFF : UInt8(truncatingIfNeeded: random.next())
            var damaged = whole
            damaged[position] = value
            do {
                let weights = try LanguageModelWeights.load(TinyModel.open(damaged))
                _ = try Transformer(weights).logits([1, 2, 3])
            } catch is WeightsError {} catch is EngineError {}
        }
    }

    @Test func llama3sScalingIsKnownByItsDivisors() throws {
        let meta = RotaryEmbedding(
            base: 500_000, scaling: .llama3(factor: 32, low: 1, high: 4, originalContext: 8192))
        let divisors = try #require(meta.divisors(headWidth: 64))
        #expect(divisors.first == 1 && divisors.last == 32)
        var read = meta
        read.scaling = .divisors(divisors)
        #expect(read.namingScaling(headWidth: 64) == meta)
        read.scaling = .divisors([Float](repeating: 3, count: 32))
        #expect(read.namingScaling(headWidth: 64) == read)
    }
}

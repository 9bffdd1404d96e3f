import Foundation
import Testing

@testable import LanguageModel

/// Against Hugging Face's transformers in 32-bit floats (Tests/References/logits_reference.py).
@Suite struct LogitsTests {
    struct Reference: Decodable {
        struct Position: Decodable {
            let position: Int
            let argmax: Int
            let max: Float
            let logsumexp: Double
            let logits: [Float]
        }
        struct Prompt: Decodable {
            let name: String
            let ids: [Int32]
            let positions: [Position]
            let greedy: [Int32]
        }
        let vocabulary_ids: [Int]
        let base: [Prompt]
        let student: [Prompt]
    }

    static let tolerance: Float = 1e-3

    private func compare(_ logits: [Float], _ prompt: Reference.Prompt, _ ids: [Int]) {
        let vocabulary = 49152
        for position in prompt.positions {
            let row = logits[position.position * vocabulary..<(position.position + 1) * vocabulary]
            let base = row.startIndex
            #expect(abs(row[base + position.argmax] - position.max) < Self.tolerance, "\(prompt.name)")
            let worst = zip(ids, position.logits).map { abs(row[base + $0] - $1) }.max() ?? .infinity
            #expect(worst < Self.tolerance, "\(prompt.name), position \(position.position)")
            let sum = row.reduce(0.0) { $0 + exp(Double($1) - Double(position.max)) }
            #expect(abs(log(sum) + Double(position.max) - position.logsumexp) < Double(Self.tolerance))
        }
    }

    @Test(.needsWeights) func logitsAgreeWithTransformersAlone() throws {
        let reference = try fixture("logits", as: Reference.self)
        for (weights, prompts) in [(try RealModel.base, reference.base), (try RealModel.student, reference.student)] {
            let model = try Transformer(weights)
            for prompt in prompts { compare(try model.logits(prompt.ids), prompt, reference.vocabulary_ids) }
        }
    }

    @Test(.needsWeights) func logitsAgreeWithTransformersInABatch() throws {
        let reference = try fixture("logits", as: Reference.self)
        let logits = try Transformer(RealModel.base).logits(batch: reference.base.map(\.ids))
        for (logits, prompt) in zip(logits, reference.base) { compare(logits, prompt, reference.vocabulary_ids) }
    }

    private func checkGreedy(_ weights: LanguageModelWeights, _ prompts: [Reference.Prompt], batchSize: Int) throws {
        // The reference goes on past end tokens, so this does too.
        let generator = try Generator(
            model: Transformer(weights), tokenizer: RealModel.tokenizer, batchSize: batchSize, stopTokens: [])
        let requests = prompts.map { GenerationRequest(promptTokens: $0.ids, maxTokens: 64) }
        var tokens = [[Int32]](repeating: [], count: requests.count)
        try generator.generate(requests) { index, result in tokens[index] = result.tokens }
        for (tokens, prompt) in zip(tokens, prompts) { #expect(tokens == prompt.greedy, "\(prompt.name)") }
    }

    @Test(.needsWeights) func greedyTokensAreTransformersFor64InABatch() throws {
        let reference = try fixture("logits", as: Reference.self)
        try checkGreedy(RealModel.base, reference.base, batchSize: 16)
        try checkGreedy(RealModel.student, reference.student, batchSize: 2)
    }

    @Test(.needsWeights) func greedyTokensAreTransformersFor64Alone() throws {
        let reference = try fixture("logits", as: Reference.self)
        for prompt in reference.base where prompt.ids.count < 40 || prompt.ids.count > 512 {
            try checkGreedy(RealModel.base, [prompt], batchSize: 1)
        }
        for prompt in reference.student { try checkGreedy(RealModel.student, [prompt], batchSize: 1) }
    }

    @Test(.needsWeights) func aSharedPrefixChangesNothing() throws {
        let reference = try fixture("logits", as: Reference.self)
        let long = try #require(reference.base.first { $0.name == "at least 512 tokens" })
        let generator = try Generator(
            model: Transformer(RealModel.base), tokenizer: RealModel.tokenizer, batchSize: 4, stopTokens: [])
        // All but one of the prompts share 600 tokens and go on differently.
        var requests = (0..<3).map { index in
            GenerationRequest(promptTokens: Array(long.ids.prefix(600)) + [Int32(500 + index)], maxTokens: 4)
        }
        requests.append(GenerationRequest(promptTokens: long.ids, maxTokens: 64))
        var tokens: [Int32] = []
        try generator.generate(requests) { index, result in if index == 3 { tokens = result.tokens } }
        #expect(tokens == long.greedy)
    }
}

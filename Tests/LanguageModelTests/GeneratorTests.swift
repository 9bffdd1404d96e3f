import Foundation
import Testing

@testable import LanguageModel

@Suite struct GeneratorTests {
    private func generator(batchSize: Int = 3) throws -> Generator {
        let gguf = try TinyModel.gguf
        return try Generator(
            model: Transformer(LanguageModelWeights.load(gguf)), tokenizer: Tokenizer(gguf), batchSize: batchSize,
            now: { 0 })
    }

    private func requests(_ count: Int, temperature: Float = 1) -> [GenerationRequest] {
        (0..<count).map { index in
            GenerationRequest(
                promptTokens: Array(repeating: 70, count: 12) + [Int32(80 + index)]
                    + Array(repeating: 90, count: index),
                maxTokens: 5 + index * 3 % 11, temperature: temperature, topP: index % 2 == 0 ? 1 : 0.8,
                seed: UInt64(index))
        }
    }

    private func run(_ requests: [GenerationRequest], batchSize: Int) throws -> [GenerationResult?] {
        var results = [GenerationResult?](repeating: nil, count: requests.count)
        try generator(batchSize: batchSize).generate(requests) { index, result in
            #expect(results[index] == nil)
            results[index] = result
        }
        return results
    }

    @Test func anAnswerDependsOnItsRequestOnly() throws {
        let requests = requests(9)
        let alone = try requests.map { try run([$0], batchSize: 1)[0] }
        for batchSize in [1, 2, 4, 16] { #expect(try run(requests, batchSize: batchSize) == alone) }
        #expect(try run(requests.reversed(), batchSize: 4) == alone.reversed())
    }

    @Test func theSameSeedGivesTheSameAnswerAndAnotherAnother() throws {
        var request = requests(1)[0]
        request.maxTokens = 30
        let first = try run([request], batchSize: 1)
        #expect(try run([request], batchSize: 1) == first)
        request.seed += 1
        #expect(try run([request], batchSize: 1)[0]?.tokens != first[0]?.tokens)
    }

    @Test func maxTokensIsKept() throws {
        for (request, result) in zip(requests(5), try run(requests(5), batchSize: 2)) {
            let result = try #require(result)
            #expect(result.completionTokenCount <= request.maxTokens)
            #expect(result.promptTokenCount == request.promptTokens.count)
            #expect(result.finishReason == .stop || result.tokens.count == request.maxTokens)
        }
    }

    @Test func generationEndsWithTheContext() throws {
        let request = GenerationRequest(promptTokens: Array(repeating: 70, count: 250), maxTokens: .max)
        let result = try #require(try run([request], batchSize: 1)[0])
        #expect(result.finishReason == .stop || result.tokens.count == 7)
        let full = GenerationRequest(promptTokens: Array(repeating: 70, count: 256), maxTokens: 5)
        #expect(try #require(try run([full], batchSize: 1)[0]).completionTokenCount == 1)
    }

    @Test func theTextIsCutBeforeAStopText() throws {
        var request = requests(1, temperature: 1)[0]
        request.maxTokens = 40
        let whole = try #require(try run([request], batchSize: 1)[0])
        // A letter that comes up first somewhere in the middle; random weights write anything, but some ASCII.
        let text = Array(whole.text)
        let middle = try #require(text.indices.first { $0 > 4 && text[$0].isASCII && !text[..<$0].contains(text[$0]) })
        let stop = String(text[middle])
        request.stop = ["never there", "", stop]
        let cut = try #require(try run([request], batchSize: 1)[0])
        #expect(cut.finishReason == .stop)
        #expect(!cut.text.contains(stop))
        #expect(whole.text.hasPrefix(cut.text))
        #expect(cut.completionTokenCount < whole.completionTokenCount)
    }

    @Test func cancellingEndsAtTheNextStep() throws {
        var (asked, finished) = (0, 0)
        #expect(throws: CancellationError.self) {
            try generator().generate(
                requests(9),
                isCancelled: {
                    asked += 1
                    return asked > 8
                }, onFinish: { _, _ in finished += 1 })
        }
        #expect(asked == 9)
        #expect(finished < 9)
    }

    @Test func requestsThatCannotRunAreRefusedBeforeAnyDoes() throws {
        let good = requests(1)[0]
        func refuse(_ change: (inout GenerationRequest) -> Void) {
            var bad = good
            change(&bad)
            #expect(throws: EngineError.self) {
                try generator().generate([good, bad]) { _, _ in Issue.record("ran") }
            }
        }
        refuse { $0.promptTokens = [] }
        refuse { $0.promptTokens = Array(repeating: 70, count: 257) }
        refuse { $0.promptTokens = [100_000] }
        refuse { $0.promptTokens = [-1] }
        refuse { $0.maxTokens = 0 }
        refuse { $0.temperature = .nan }
        refuse { $0.temperature = -1 }
        refuse { $0.topP = 0 }
        try generator().generate([]) { _, _ in Issue.record("nothing to run") }
    }

    @Test func theNucleusHasTheLikeliestTokensOnly() {
        var counts = [Int](repeating: 0, count: 4)
        for seed in 0..<2000 {
            var sampler = Sampler(temperature: 1, topP: 0.75, seed: UInt64(seed))
            var logits: [Float] = [0.1, 0.4, 0.2, 0.3].map { log($0) }
            if let token = logits.withUnsafeMutableBufferPointer({ sampler.pick($0) }) { counts[Int(token)] += 1 }
        }
        #expect(counts[0] == 0)
        // 4 : 3 : 2 of 2000; five standard deviations are about 100.
        for (token, share) in [(1, 889), (3, 667), (2, 444)] { #expect(abs(counts[token] - share) < 110) }
    }

    @Test func logitsThatAreNotNumbersAreNoToken() {
        var sampler = Sampler(temperature: 1, topP: 0.5, seed: 1)
        var logits: [Float] = [1, .nan, 2]
        #expect(logits.withUnsafeMutableBufferPointer { sampler.pick($0) } == nil)
    }

    @Test func theCommonPrefixLeavesEachPromptAToken() {
        #expect(Generator.commonPrefix([[1, 2, 3], [1, 2, 3]]) == [1, 2])
        #expect(Generator.commonPrefix([[1, 2, 3], [1, 2]]) == [1])
        #expect(Generator.commonPrefix([[1, 2, 3], [2, 2]]).isEmpty)
    }
}

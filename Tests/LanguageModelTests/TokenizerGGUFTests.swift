import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// GGUF files with the vocabularies of the small tokenizers.
@Suite struct TokenizerGGUFTests {
    private struct File: Decodable {
        struct Added: Decodable { let id: Int; let content: String; let special: Bool }
        struct Model: Decodable { let vocab: [String: Int]; let merges: [[String]] }
        let added_tokens: [Added]
        let model: Model
    }

    private func open(_ bytes: Data) throws -> GGUFFile { try GGUFFile(MappedFile(name: "small.gguf", data: bytes)) }

    /// The tokens by id, with ggml's types.
    private func typedTokens(_ file: File, hasBytes: Bool) -> (tokens: [String], types: [Int32]) {
        let count = 1 + max(file.model.vocab.values.max() ?? 0, file.added_tokens.map(\.id).max() ?? 0)
        var tokens = [String](repeating: "", count: count)
        var types = [Int32](repeating: 1, count: count)
        for (token, id) in file.model.vocab {
            tokens[id] = token
            if hasBytes, token.utf8.count == 6, token.hasPrefix("<0x") { types[id] = 6 }
        }
        for token in file.added_tokens {
            tokens[token.id] = token.content
            // Real vocabularies have merges that lead to runs of blanks, the small one has not: left out.
            types[token.id] = token.special ? 3 : token.content.contains("\u{2581}") ? 5 : 4
        }
        if hasBytes { types[0] = 2 }
        return (tokens, types)
    }

    private func byteLevel(_ name: String, pre: String) throws -> Data {
        let file = try JSONDecoder().decode(File.self, from: SmallTokenizers.json(name))
        let (tokens, types) = typedTokens(file, hasBytes: false)
        var writer = GGUFWriter()
        writer.header(tensors: 0, metadata: 6)
        writer.entry("tokenizer.ggml.model", "gpt2")
        writer.entry("tokenizer.ggml.pre", pre)
        writer.entry("tokenizer.ggml.tokens", tokens)
        writer.entry("tokenizer.ggml.token_type", types)
        writer.entry("tokenizer.ggml.merges", file.model.merges.map { $0.joined(separator: " ") })
        writer.entry("tokenizer.ggml.eos_token_id", UInt32(tokens.firstIndex(of: "</s>") ?? 0))
        return writer.bytes
    }

    private func sentencePiece(_ name: String, prefix: Bool) throws -> Data {
        let file = try JSONDecoder().decode(File.self, from: SmallTokenizers.json(name))
        let (tokens, types) = typedTokens(file, hasBytes: true)
        var writer = GGUFWriter()
        writer.header(tensors: 0, metadata: 8)
        writer.entry("tokenizer.ggml.model", "llama")
        writer.entry("tokenizer.ggml.tokens", tokens)
        writer.entry("tokenizer.ggml.token_type", types)
        writer.entry("tokenizer.ggml.scores", floats: tokens.indices.map { -Float($0) })
        writer.entry("tokenizer.ggml.bos_token_id", UInt32(1))
        writer.entry("tokenizer.ggml.eos_token_id", UInt32(2))
        writer.entry("tokenizer.ggml.unknown_token_id", UInt32(0))
        writer.entry("tokenizer.ggml.add_space_prefix", prefix)
        return writer.bytes
    }

    @Test(arguments: [
        ("gpt2", "gpt-2"), ("smollm", "smollm"), ("llama3", "llama-bpe"), ("qwen2", "qwen2"), ("gpt4o", "gpt-4o"),
        ("deepseek3", "deepseek-v3"),
    ])
    func byteLevelVocabulariesCutAsTheirFamilyDoes(_ name: String, _ pre: String) throws {
        try SmallTokenizers.check(Tokenizer(open(byteLevel(name, pre: pre))), name)
    }

    @Test func scoresGiveTheIdsThatConvertedMergesGive() throws {
        let llama = try Tokenizer(open(sentencePiece("llama2", prefix: true)))
        try SmallTokenizers.check(llama, "llama2")
        #expect(llama.namedTokens == ["bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"])
        try SmallTokenizers.check(Tokenizer(open(sentencePiece("gemma", prefix: false))), "gemma")
    }

    @Test func familiesThatAreNotKnownAreRefusedByName() throws {
        let file = try byteLevel("gpt2", pre: "unheard-of")
        let error = #expect(throws: WeightsError.self) { try Tokenizer(open(file)) }
        #expect(error?.description.contains("`unheard-of`") == true)
        #expect(error?.description.contains("`qwen2`") == true)
    }

    @Test func everyFamilysExpressionsCompile() {
        for family in PreTokenizerFamily.all { #expect(family.cutters() != nil, "\(family.names)") }
    }

    /// Whatever a byte of the metadata becomes, a tokenizer or an error comes of it.
    @Test func noDamagedMetadataTraps() throws {
        var random = RandomStream(seed: 9)
        for file in [try sentencePiece("llama2", prefix: true), try byteLevel("qwen2", pre: "qwen2")] {
            for _ in 0..<1500 {
                var damaged = file
                let at = Int(random.next() % UInt64(file.count))
                for place in at..<min(file.count, at + 1 + Int(random.next() % 4)) {
                    damaged[place] = random.next() % 2 == 0 ? 0xFF : UInt8(truncatingIfNeeded: random.next())
                }
                do {
                    let tokenizer = try Tokenizer(open(damaged))
                    _ = tokenizer.decode(tokenizer.encode("Hé 123 \n <s> 好", special: .parsed))
                } catch is WeightsError {}
            }
        }
    }
}

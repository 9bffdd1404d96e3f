extension Tokenizer {
    /// ggml's token types that matter here (`llama_token_type`).
    private enum Kind {
        static let control: Int64 = 3
        static let userDefined: Int64 = 4
    }

    /// Reads the tokenizer that a GGUF file carries.
    /// - Throws: `WeightsError` when it is absent, damaged, or of another kind than byte-level BPE with the
    ///   pre-tokenizer "smollm".
    public init(_ file: GGUFFile) throws {
        let model = try file.string("tokenizer.ggml.model")
        guard model == "gpt2" else {
            throw WeightsError.unsupported(
                file: file.name, what: "the tokenizer", found: "`\(model)`", supported: "`gpt2` (byte-level BPE)")
        }
        let pre = try file.string("tokenizer.ggml.pre")
        guard pre == "smollm" else {
            throw WeightsError.unsupported(
                file: file.name, what: "the pre-tokenizer", found: "`\(pre)`", supported: "`smollm`")
        }
        let spellings = try file.strings("tokenizer.ggml.tokens")
        guard !spellings.isEmpty, spellings.count <= 1 << 24 else {
            throw WeightsError.malformed(
                file: file.name, place: "`tokenizer.ggml.tokens`", expected: "1 to 2^24 tokens",
                found: "\(spellings.count)")
        }
        if let embedding = file.tensors["token_embd.weight"], embedding.dimensions.last != spellings.count {
            throw WeightsError.malformed(
                file: file.name, place: "`tokenizer.ggml.tokens`",
                expected: "as many tokens as embeddings, \(embedding.dimensions.last ?? 0)", found: "\(spellings.count)"
            )
        }
        let isSpecial = try Self.specialFlags(file, count: spellings.count)

        var table = TokenTable(capacity: spellings.count)
        var special: [(spelling: String, id: Int32)] = []
        for (index, spelling) in spellings.enumerated() {
            if isSpecial[index] {
                special.append((spelling, Int32(index)))
                table.append(spelling.utf8, findable: false)
            } else {
                // A spelling outside the byte alphabet cannot come out of merges; it can only be decoded.
                let bytes = ByteAlphabet.bytes(spelling)
                table.append(bytes ?? Array(spelling.utf8), findable: bytes != nil)
            }
        }
        let index = SpecialTokenIndex(special)
        let end = try file.integer("tokenizer.ggml.eos_token_id", in: 0...spellings.count - 1)
        let others = ["<|im_end|>", "<|endoftext|>"].compactMap(index.id)
        self.init(
            table: table, merges: try Self.merges(file, table), special: index, endToken: Int32(end),
            stopTokens: Set(others + [Int32(end)]))
    }

    private static func specialFlags(_ file: GGUFFile, count: Int) throws -> [Bool] {
        let key = "tokenizer.ggml.token_type"
        guard let value = file.metadata[key] else { throw WeightsError.missing(file: file.name, name: key) }
        guard case .integers(let types) = value, types.count == count else {
            throw WeightsError.malformed(
                file: file.name, place: "`\(key)`", expected: "a list of \(count) integers", found: value.kind)
        }
        return types.map { $0 == Kind.control || $0 == Kind.userDefined }
    }

    private static func merges(_ file: GGUFFile, _ table: TokenTable) throws -> BytePairMerges {
        let key = "tokenizer.ggml.merges"
        let spellings = try file.strings(key)
        let byteTokens = (UInt8.min...UInt8.max).map { table.find(CollectionOfOne($0)) ?? -1 }
        var merges = BytePairMerges(byteTokens: byteTokens, capacity: spellings.count)
        for (rank, spelling) in spellings.enumerated() {
            // A space parts the two tokens; inside them the alphabet spells it `Ġ`.
            let utf8 = spelling.utf8
            guard let space = utf8.firstIndex(of: UInt8(ascii: " ")),
                let left = ByteAlphabet.bytes(spelling[..<space]),
                let right = ByteAlphabet.bytes(spelling[utf8.index(after: space)...]),
                let leftID = table.find(left), let rightID = table.find(right), let result = table.find(left + right)
            else {
                throw WeightsError.malformed(
                    file: file.name, place: "merge \(rank) of `\(key)`", expected: "two tokens that make a third",
                    found: "\"\(spelling.prefix(40))\"")
            }
            merges.add(leftID, rightID, rank: rank, result: result)
        }
        return merges
    }
}

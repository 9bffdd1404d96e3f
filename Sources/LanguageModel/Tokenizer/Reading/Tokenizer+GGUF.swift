extension Tokenizer {
    /// ggml's token types that matter here (`llama_token_type`).
    private enum Kind {
        static let unknown: Int64 = 2
        static let control: Int64 = 3
        static let userDefined: Int64 = 4
        static let unused: Int64 = 5
        static let byte: Int64 = 6
    }

    /// Reads the tokenizer that a GGUF file carries: `gpt2` (byte-level BPE) or `llama` (SentencePiece).
    /// - Throws: `WeightsError` when it is absent, damaged, or of another kind.
    public init(_ file: GGUFFile) throws {
        let model = try file.string("tokenizer.ggml.model")
        let spellings = try Self.spellings(file)
        let types = try Self.types(file, count: spellings.count)
        let end = try file.integer("tokenizer.ggml.eos_token_id", in: 0...spellings.count - 1)

        var added: [AddedToken] = []
        for (index, spelling) in spellings.enumerated() {
            switch types[index] {
            case Kind.control, Kind.unknown:
                added.append(AddedToken(spelling: Array(spelling.utf8), id: Int32(index)))
            case Kind.userDefined:
                added.append(AddedToken(spelling: Array(spelling.utf8), id: Int32(index), isSpecial: false))
            default: break
            }
        }
        let parts: (table: TokenTable, pipeline: TextPipeline)
        var dropsLeadingBlank = false
        switch model {
        case "gpt2": parts = try Self.byteLevel(file, spellings, types)
        case "llama":
            var hasPrefix = true
            if case .bool(let flag) = file.metadata["tokenizer.ggml.add_space_prefix"] { hasPrefix = flag }
            dropsLeadingBlank = hasPrefix
            parts = try Self.sentencePiece(file, spellings, types, hasPrefix: hasPrefix)
        default:
            throw WeightsError.unsupported(
                file: file.name, what: "the tokenizer", found: "`\(model)`",
                supported: "`gpt2` (byte-level BPE) and `llama` (SentencePiece)")
        }
        var named: [String: String] = [:]
        for (name, key) in [
            ("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("pad_token", "padding"),
        ] {
            guard let id = file.metadata["tokenizer.ggml.\(key)_token_id"]?.integer, spellings.indices.contains(id)
            else { continue }
            named[name] = spellings[id]
        }
        self.init(
            table: parts.table, added: added, pipeline: parts.pipeline, end: Int32(end), namedTokens: named,
            dropsLeadingBlank: dropsLeadingBlank)
    }

    private static func spellings(_ file: GGUFFile) throws -> [String] {
        let spellings = try file.strings("tokenizer.ggml.tokens")
        guard !spellings.isEmpty, spellings.count <= 1 << 24 else {
            throw WeightsError.malformed(
                file: file.name, place: "`tokenizer.ggml.tokens`", expected: "1 to 2^24 tokens",
                found: "\(spellings.count)")
        }
        guard spellings.reduce(0, { $0 + $1.utf8.count }) <= 1 << 30 else {
            throw WeightsError.malformed(
                file: file.name, place: "`tokenizer.ggml.tokens`", expected: "at most 2^30 bytes", found: "more")
        }
        if let embedding = file.tensors["token_embd.weight"], embedding.dimensions.last != spellings.count {
            throw WeightsError.malformed(
                file: file.name, place: "`tokenizer.ggml.tokens`",
                expected: "as many tokens as embeddings, \(embedding.dimensions.last ?? 0)", found: "\(spellings.count)"
            )
        }
        return spellings
    }

    private static func types(_ file: GGUFFile, count: Int) throws -> [Int64] {
        let key = "tokenizer.ggml.token_type"
        guard let value = file.metadata[key] else { throw WeightsError.missing(file: file.name, name: key) }
        guard case .integers(let types) = value, types.count == count else {
            throw WeightsError.malformed(
                file: file.name, place: "`\(key)`", expected: "a list of \(count) integers", found: value.kind)
        }
        return types
    }

    // MARK: Byte-level BPE

    private static func byteLevel(
        _ file: GGUFFile, _ spellings: [String], _ types: [Int64]
    ) throws -> (TokenTable, TextPipeline) {
        let name = try file.string("tokenizer.ggml.pre")
        guard let family = PreTokenizerFamily.named(name), let cutters = family.cutters() else {
            throw WeightsError.unsupported(
                file: file.name, what: "the pre-tokenizer (`tokenizer.ggml.pre`)", found: "`\(name)`",
                supported: PreTokenizerFamily.all.flatMap(\.names).map { "`\($0)`" }.joined(separator: ", "))
        }
        var table = TokenTable(capacity: spellings.count)
        // Tokens that are found in the text itself, and must not come out of merges besides.
        var apart: Set<[UInt8]> = []
        for (index, spelling) in spellings.enumerated() {
            switch types[index] {
            case Kind.control, Kind.unknown, Kind.userDefined:
                apart.insert(Array(spelling.utf8))
                table.append(spelling.utf8, findable: false)
            default:
                // A spelling outside the byte alphabet cannot come out of merges; it can only be decoded.
                let bytes = ByteAlphabet.bytes(spelling)
                table.append(bytes ?? Array(spelling.utf8), findable: bytes != nil)
            }
        }
        let byteTokens = (UInt8.min...UInt8.max).map { table.find(CollectionOfOne($0)) ?? -1 }
        var pipeline = TextPipeline(
            model: .bytes(
                try merges(file, table, apart), byteTokens: byteTokens,
                words: family.takesWholeWords ? table : nil))
        pipeline.cutters = cutters
        if family.composes { pipeline.normalizers = [.canonical(composed: true)] }
        return (table, pipeline)
    }

    private static func merges(_ file: GGUFFile, _ table: TokenTable, _ apart: Set<[UInt8]>) throws -> BytePairMerges {
        let key = "tokenizer.ggml.merges"
        let spellings = try file.strings(key)
        func damage(_ rank: Int, _ spelling: String) -> WeightsError {
            WeightsError.malformed(
                file: file.name, place: "merge \(rank) of `\(key)`", expected: "two tokens that make a third",
                found: "\"\(spelling.prefix(40))\"")
        }
        var merges = BytePairMerges(capacity: spellings.count)
        for (rank, spelling) in spellings.enumerated() {
            // A space parts the two tokens; inside them the alphabet spells it `Ġ`.
            let utf8 = spelling.utf8
            guard let space = utf8.firstIndex(of: UInt8(ascii: " ")),
                let left = ByteAlphabet.bytes(spelling[..<space]),
                let right = ByteAlphabet.bytes(spelling[utf8.index(after: space)...])
            else { throw damage(rank, spelling) }
            if apart.contains(left + right) || apart.contains(left) || apart.contains(right) { continue }
            guard let leftID = table.find(left), let rightID = table.find(right), let result = table.find(left + right)
            else { throw damage(rank, spelling) }
            merges.add(leftID, rightID, rank: rank, result: result)
        }
        return merges
    }

    // MARK: SentencePiece

    private static func sentencePiece(
        _ file: GGUFFile, _ spellings: [String], _ types: [Int64], hasPrefix: Bool
    ) throws -> (TokenTable, TextPipeline) {
        let key = "tokenizer.ggml.scores"
        guard let value = file.metadata[key] else { throw WeightsError.missing(file: file.name, name: key) }
        guard case .floats(let scores) = value, scores.count == spellings.count else {
            throw WeightsError.malformed(
                file: file.name, place: "`\(key)`", expected: "a list of \(spellings.count) numbers",
                found: value.kind)
        }
        var table = TokenTable(capacity: spellings.count)
        var found = TokenTable(capacity: spellings.count)
        var byteTokens = [Int32](repeating: -1, count: 256)
        for (index, spelling) in spellings.enumerated() {
            let bytes = Array(spelling.utf8)
            let type = types[index]
            if type == Kind.byte, let byte = SentencePiece.byte(bytes) {
                byteTokens[Int(byte)] = Int32(index)
                table.append(CollectionOfOne(byte), findable: false)
                found.append(bytes, findable: false)
                continue
            }
            table.append(type == Kind.control ? bytes : SentencePiece.said(bytes), findable: false)
            let isText = type != Kind.control && type != Kind.unknown && type != Kind.unused && type != Kind.byte
            found.append(bytes, findable: isText)
        }
        let unknown = file.metadata["tokenizer.ggml.unknown_token_id"]?.integer.flatMap {
            spellings.indices.contains($0) ? Int32($0) : nil
        }
        let fallback = ByteFallback(byteTokens: byteTokens, unknown: unknown, fusesUnknown: true)
        var pipeline = TextPipeline(model: .scored(ScoredMerges(spellings: found, scores: scores, fallback: fallback)))
        if hasPrefix { pipeline.normalizers.append(.prepend([0x20])) }
        pipeline.normalizers.append(.replace([0x20], by: SentencePiece.blank))
        return (table, pipeline)
    }
}

internal import OrderedCollections
internal import Tables

/// What a GGUF file's tokenizer does with a text, in the words of `tokenizer.json`.
struct TokenizerRules {
    let normalizer: Value
    let preTokenizer: Value
    let decoder: Value
    /// The model's fields but for vocabulary and merges.
    let model: Record
    let merges: [(left: String, right: String)]
    /// Whether llama.cpp puts the beginning token before texts where the file does not say.
    let addsBeginning: Bool

    /// - Throws: `WeightsError`.
    init(_ file: GGUFFile, tokens: [String]) throws {
        switch try file.string("tokenizer.ggml.model") {
        case "gpt2": try self.init(byteLevel: file)
        case "llama": try self.init(sentencePiece: file, tokens)
        case let other:
            throw WeightsError.unsupported(
                file: file.name, what: "the tokenizer", found: "`\(other)`",
                supported: "exports of `gpt2` and `llama` to folders; export a .gguf file instead")
        }
    }

    private static func fields(unknown: Value, byteFallback: Bool, ignoresMerges: Bool) -> Record {
        [
            "type": "BPE", "dropout": nil, "unk_token": unknown, "continuing_subword_prefix": nil,
            "end_of_word_suffix": nil, "fuse_unk": .bool(byteFallback), "byte_fallback": .bool(byteFallback),
            "ignore_merges": .bool(ignoresMerges),
        ]
    }

    private init(byteLevel file: GGUFFile) throws {
        let pre = try file.string("tokenizer.ggml.pre")
        guard let cutting = PreTokenizerFields.all[pre] else {
            throw WeightsError.unsupported(
                file: file.name, what: "the pre-tokenizer", found: "`\(pre)`",
                supported: "exports of \(PreTokenizerFields.list) to folders; export a .gguf file instead")
        }
        normalizer = cutting.normalizer
        preTokenizer = cutting.preTokenizer
        decoder = ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true]
        model = Self.fields(unknown: nil, byteFallback: false, ignoresMerges: cutting.ignoresMerges)
        addsBeginning = pre == "llama-bpe"
        merges = try file.strings("tokenizer.ggml.merges").compactMap { merge in
            let utf8 = merge.utf8
            guard let space = utf8.firstIndex(of: UInt8(ascii: " ")) else { return nil }
            return (String(merge[..<space]), String(merge[utf8.index(after: space)...]))
        }
    }

    /// SentencePiece's BPE: words begin with `▁`, what is in no token is spelled in bytes.
    private init(sentencePiece file: GGUFFile, _ tokens: [String]) throws {
        let blank: Value = "\u{2581}"
        let replace: Value = ["type": "Replace", "pattern": ["String": " "], "content": blank]
        let addsPrefix = file.metadata["tokenizer.ggml.add_space_prefix"] != .bool(false)
        normalizer =
            addsPrefix
            ? ["type": "Sequence", "normalizers": [["type": "Prepend", "prepend": blank], replace]] : replace
        preTokenizer = nil
        let back: Value = ["type": "Replace", "pattern": ["String": blank], "content": " "]
        let strip: [Value] = addsPrefix ? [["type": "Strip", "content": " ", "start": 1, "stop": 0]] : []
        decoder = [
            "type": "Sequence", "decoders": .list([back, ["type": "ByteFallback"], ["type": "Fuse"]] + strip),
        ]
        let unknown = file.metadata["tokenizer.ggml.unknown_token_id"]?.integer ?? 0
        model = Self.fields(
            unknown: tokens.indices.contains(unknown) ? .string(tokens[unknown]) : nil, byteFallback: true,
            ignoresMerges: false)
        addsBeginning = true
        let key = "tokenizer.ggml.scores"
        guard case .floats(let scores)? = file.metadata[key], scores.count == tokens.count else {
            throw WeightsError.malformed(
                file: file.name, place: "`\(key)`", expected: "a list of \(tokens.count) numbers",
                found: file.metadata[key]?.kind ?? "absent")
        }
        merges = Self.merges(tokens, scores)
    }

    /// Bytes; real ones have a hundred at most.
    private static let longestToken = 1024

    /// SentencePiece joins the neighbours that make the token of the highest score: a merge for each way to cut a token in
    /// two others, ranked by the score of the whole.
    private static func merges(_ tokens: [String], _ scores: [Double]) -> [(left: String, right: String)] {
        var table = TokenTable(capacity: tokens.count)
        for token in tokens { table.append(token.utf8, findable: true) }
        var found: [(left: Int32, right: Int32, whole: Int)] = []
        for (whole, token) in tokens.enumerated() {
            let bytes = Array(token.utf8)
            // Each cut is looked up: a token as long as a file would take for ever.
            guard bytes.count <= longestToken else { continue }
            // Cuts between characters only: no token is half of one.
            for cut in 1..<max(1, bytes.count) where bytes[cut] & 0xC0 != 0x80 {
                guard let left = table.find(bytes[..<cut]), let right = table.find(bytes[cut...]) else { continue }
                found.append((left, right, whole))
            }
        }
        found.sort {
            scores[$0.whole] != scores[$1.whole]
                ? scores[$0.whole] > scores[$1.whole] : ($0.whole, $0.left, $0.right) < ($1.whole, $1.left, $1.right)
        }
        return found.map { (tokens[Int($0.left)], tokens[Int($0.right)]) }
    }
}

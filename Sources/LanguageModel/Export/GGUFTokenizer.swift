internal import OrderedCollections
internal import Tables

/// The tokenizer of a folder in Hugging Face's layout as the metadata of a GGUF file.
struct GGUFTokenizer {
    private let name: String
    private let pre: String
    private let tokens: [String]
    private let kinds: [Int32]
    private let merges: [String]
    private let special: [(role: String, id: Int)]
    private let addsBeginning: Bool
    private let template: String?

    /// ggml's token types (`llama_token_type`).
    private enum Kind {
        static let normal: Int32 = 1
        static let control: Int32 = 3
        static let userDefined: Int32 = 4
        static let unused: Int32 = 5
    }

    /// - Throws: `WeightsError` where the folder has no byte-level BPE whose cutting llama.cpp knows by name.
    init(_ folder: SafetensorsFolder) throws {
        name = "\(folder.name)/tokenizer.json"
        guard let fields = try folder.json("tokenizer.json") else {
            throw WeightsError.missing(file: folder.name, name: "tokenizer.json")
        }
        let configuration = try folder.json("tokenizer_config.json") ?? [:]
        let model = fields[field: "model"]
        guard model[field: "type"].text == "BPE", let vocabulary = model[field: "vocab"].record,
            let pre = PreTokenizerFields.name(of: fields[field: "pre_tokenizer"])
        else {
            throw WeightsError.unsupported(
                file: name, what: "the tokenizer", found: "another",
                supported:
                    "exports of byte-level BPE cut as \(PreTokenizerFields.list) to GGUF; export a folder instead")
        }
        self.pre = pre

        let size = folder.configuration.vocabulary
        var tokens = (0..<size).map { "[PAD\($0)]" }
        var kinds = [Int32](repeating: Kind.unused, count: size)
        var ids: [String: Int] = [:]
        func add(_ token: String, _ id: Int?, _ kind: Int32) throws {
            guard let id, tokens.indices.contains(id) else {
                throw WeightsError.malformed(
                    file: folder.name, place: "the id of \"\(token.prefix(40))\" in tokenizer.json",
                    expected: "0 to \(size - 1)", found: id.map(String.init) ?? "no whole number")
            }
            (tokens[id], kinds[id], ids[token]) = (token, kind, id)
        }
        for (token, id) in vocabulary { try add(token, id.integer, Kind.normal) }
        for token in fields[field: "added_tokens"].list ?? [] {
            let isSpecial = token[field: "special"].bool ?? true
            try add(
                token[field: "content"].text ?? "", token[field: "id"].integer,
                isSpecial ? Kind.control : Kind.userDefined)
        }
        (self.tokens, self.kinds) = (tokens, kinds)
        merges = (model[field: "merges"].list ?? []).compactMap { merge in
            merge.text ?? merge.list?.compactMap(\.text).joined(separator: " ")
        }
        special = [("bos", "bos"), ("eos", "eos"), ("unk", "unknown"), ("pad", "padding")].compactMap { short, role in
            let value = configuration[field: "\(short)_token"]
            return (value.text ?? value[field: "content"].text).flatMap { ids[$0] }.map { (role, $0) }
        }
        let first = fields[field: "post_processor"][field: "single"].list?.first ?? nil
        addsBeginning = configuration[field: "add_bos_token"].bool ?? !first[field: "SpecialToken"].isNull
        template = try folder.chatTemplate()
    }

    func write(to encoder: inout GGUFEncoder) {
        encoder.set("tokenizer.ggml.model", "gpt2")
        encoder.set("tokenizer.ggml.pre", pre)
        encoder.set("tokenizer.ggml.tokens", tokens)
        encoder.set("tokenizer.ggml.token_type", kinds)
        encoder.set("tokenizer.ggml.merges", merges)
        encoder.set("tokenizer.ggml.add_bos_token", addsBeginning)
        encoder.set("tokenizer.ggml.add_space_prefix", false)
        for (role, id) in special { encoder.set("tokenizer.ggml.\(role)_token_id", UInt32(id)) }
        if let template { encoder.set("tokenizer.chat_template", template) }
    }
}

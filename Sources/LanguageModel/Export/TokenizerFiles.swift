internal import OrderedCollections
internal import Tables

/// The tokenizer of a GGUF file as the files that Hugging Face's libraries read.
struct TokenizerFiles {
    private let file: GGUFFile
    private let tokens: [String]
    private let kinds: [Int64]
    private let stopTokens: [Int]
    private let rules: TokenizerRules

    /// ggml's token types (`llama_token_type`).
    private enum Kind {
        static let control: Int64 = 3
        static let userDefined: Int64 = 4
    }

    /// - Throws: `WeightsError` where the file has no tokenizer that can be written so.
    init(_ file: GGUFFile, stopTokens: Set<Int32>) throws {
        self.file = file
        tokens = try file.strings("tokenizer.ggml.tokens")
        let key = "tokenizer.ggml.token_type"
        guard case .integers(let kinds)? = file.metadata[key], kinds.count == tokens.count else {
            throw WeightsError.missing(file: file.name, name: key)
        }
        self.kinds = kinds
        rules = try TokenizerRules(file, tokens: tokens)
        let end = file.metadata["tokenizer.ggml.eos_token_id"]?.integer
        // The token that ends an answer first, as libraries that know only one take the first.
        self.stopTokens = stopTokens.map(Int.init).sorted { ($0 != end ? 1 : 0, $0) < ($1 != end ? 1 : 0, $1) }
    }

    // MARK: Special tokens

    private func id(_ role: String) -> Int? {
        guard let id = file.metadata["tokenizer.ggml.\(role)_token_id"]?.integer, tokens.indices.contains(id) else {
            return nil
        }
        return id
    }

    /// The ids that `config.json` names.
    var ids: Record {
        var ids: Record = [:]
        for (name, role) in [("bos", "bos"), ("eos", "eos"), ("pad", "padding")] {
            if let id = id(role) { ids["\(name)_token_id"] = .integer(id) }
        }
        return ids
    }

    /// `generation_config.json`: where answers end.
    var generation: Value {
        var fields = ids
        let ends = stopTokens.map { Value.integer($0) }
        fields["eos_token_id"] = ends.count == 1 ? ends[0] : .list(ends)
        return .record(fields)
    }

    /// `tokenizer_config.json`, the chat template in it.
    func configuration(contextLength: Int) -> Value {
        var fields: Record = [
            // Built from tokenizer.json alone, whatever the model's family.
            "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": .integer(contextLength),
            "clean_up_tokenization_spaces": false, "add_bos_token": .bool(addsBeginning),
        ]
        for (name, role) in [("bos", "bos"), ("eos", "eos"), ("unk", "unknown"), ("pad", "padding")] {
            if let id = id(role) { fields["\(name)_token"] = .string(tokens[id]) }
        }
        if case .string(let template)? = file.metadata["tokenizer.chat_template"] {
            fields["chat_template"] = .string(template)
        }
        return .record(fields)
    }

    /// Whether a text begins with the beginning token; as in llama.cpp where the file does not say.
    private var addsBeginning: Bool {
        guard id("bos") != nil else { return false }
        if case .bool(let adds)? = file.metadata["tokenizer.ggml.add_bos_token"] { return adds }
        return rules.addsBeginning
    }

    // MARK: tokenizer.json

    /// `tokenizer.json`. Written field by field: two tokens may be the same text to Unicode and not the same bytes, so
    /// that the vocabulary is no record of ours.
    var tokenizer: [UInt8] {
        var fields: Record = ["version": "1.0", "truncation": nil, "padding": nil]
        fields["added_tokens"] = .list(addedTokens)
        fields["normalizer"] = rules.normalizer
        fields["pre_tokenizer"] = rules.preTokenizer
        fields["post_processor"] = postProcessor
        fields["decoder"] = rules.decoder
        var bytes = Array("{\n".utf8)
        for (name, value) in fields { bytes += Array("  \"\(name)\": ".utf8) + JSON.bytes(value) + Array(",\n".utf8) }
        bytes += Array("  \"model\": {\n".utf8)
        for (name, value) in rules.model {
            bytes += Array("    \"\(name)\": ".utf8) + JSON.bytes(value) + Array(",\n".utf8)
        }
        bytes += Array("    \"vocab\": {\n".utf8)
        for (index, token) in tokens.enumerated() {
            bytes += JSON.bytes(.string(token)) + Array(":\(index)".utf8)
            bytes += Array((index == tokens.count - 1 ? "\n" : ",\n").utf8)
        }
        bytes += Array("    },\n    \"merges\": [\n".utf8)
        for (index, merge) in rules.merges.enumerated() {
            // A pair as a list of two, which tokens with blanks need.
            bytes += JSON.bytes([.string(merge.left), .string(merge.right)])
            bytes += Array((index == rules.merges.count - 1 ? "\n" : ",\n").utf8)
        }
        return bytes + Array("    ]\n  }\n}\n".utf8)
    }

    private var addedTokens: [Value] {
        tokens.indices.filter { kinds[$0] == Kind.control || kinds[$0] == Kind.userDefined }.map { index in
            [
                "id": .integer(index), "content": .string(tokens[index]), "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": .bool(kinds[index] == Kind.control),
            ]
        }
    }

    private var postProcessor: Value {
        guard addsBeginning, let id = id("bos") else { return nil }
        let token: Value = .string(tokens[id])
        let special: Value = ["SpecialToken": ["id": token, "type_id": 0]]
        func sequence(_ name: String, _ type: Int) -> Value {
            ["Sequence": ["id": .string(name), "type_id": .integer(type)]]
        }
        return [
            "type": "TemplateProcessing", "single": [special, sequence("A", 0)],
            "pair": [special, sequence("A", 0), special, sequence("B", 1)],
            "special_tokens": [tokens[id]: ["id": token, "ids": [.integer(id)], "tokens": [token]]],
        ]
    }
}

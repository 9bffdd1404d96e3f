internal import OrderedCollections
internal import Tables

extension ModelConfiguration {
    /// The fields of a `config.json`, as `transformers` has them.
    /// - Parameters:
    ///   - ids: those of special tokens.
    ///   - file: what messages call the model's source.
    /// - Throws: `WeightsError.unsupported` where `config.json` has no words for something.
    func huggingFaceFields(dtype: String, _ ids: Record, file: String) throws -> Value {
        let (type, name) =
            switch architecture {
            case .llama: ("llama", "LlamaForCausalLM")
            case .qwen2: ("qwen2", "Qwen2ForCausalLM")
            case .qwen3: ("qwen3", "Qwen3ForCausalLM")
            case .gemma3: ("gemma3_text", "Gemma3ForCausalLM")
            }
        var fields: Record = [
            "architectures": [.string(name)], "model_type": .string(type), "vocab_size": .integer(vocabulary),
            "hidden_size": .integer(width), "intermediate_size": .integer(ffnWidth),
            "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(heads),
            "num_key_value_heads": .integer(kvHeads), "head_dim": .integer(headWidth),
            "max_position_embeddings": .integer(contextLength), "rms_norm_eps": Self.number(normEpsilon),
            "rope_theta": Self.number(rotary.base), "attention_bias": false,
            "tie_word_embeddings": .bool(tiedEmbeddings), "torch_dtype": .string(dtype), "use_cache": true,
        ]
        if let scaling = try scalingFields(file) { fields["rope_scaling"] = scaling }
        if architecture == .gemma3 {
            fields["hidden_activation"] = "gelu_pytorch_tanh"
            fields["query_pre_attn_scalar"] = Self.number(1 / (queryScale * queryScale))
            if let logitSoftcap { fields["final_logit_softcapping"] = Self.number(logitSoftcap) }
        } else {
            fields["hidden_act"] = "silu"
        }
        if architecture == .llama { fields["mlp_bias"] = false }
        if let sliding {
            fields["sliding_window"] = .integer(sliding.window)
            fields["layer_types"] = .list(sliding.layers.map { $0 ? "sliding_attention" : "full_attention" })
            if architecture == .gemma3 {
                fields["rope_local_base_freq"] = Self.number(sliding.rotary.base)
            } else {
                fields["use_sliding_window"] = true
            }
        }
        return .record(fields.merging(ids) { $1 })
    }

    private func scalingFields(_ file: String) throws -> Value? {
        switch rotary.scaling {
        case .none: return nil
        case .linear(let factor): return ["rope_type": "linear", "factor": Self.number(factor)]
        case .llama3(let factor, let low, let high, let context):
            return [
                "rope_type": "llama3", "factor": Self.number(factor), "low_freq_factor": Self.number(low),
                "high_freq_factor": Self.number(high),
                "original_max_position_embeddings": Int(exactly: context).map { .integer($0) } ?? Self.number(context),
            ]
        case .divisors:
            throw WeightsError.unsupported(
                file: file, what: "the rotary scaling", found: "a list of divisors",
                supported: "exports of such models to GGUF; for a folder start from the model's own folder")
        }
    }

    /// The shortest decimal number that reads back as the same float: 1e-05, not 9.99999974737875e-06.
    private static func number(_ value: Float) -> Value { .double(Double("\(value)") ?? Double(value)) }
}

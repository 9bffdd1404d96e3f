internal import OrderedCollections
internal import Tables

extension ModelConfiguration {
    /// The type of model in Hugging Face's words, and the class that runs it.
    var huggingFaceType: (model: String, class: String) {
        switch architecture {
        case .llama: ("llama", "LlamaForCausalLM")
        case .qwen2: ("qwen2", "Qwen2ForCausalLM")
        case .qwen3: ("qwen3", "Qwen3ForCausalLM")
        case .gemma3: ("gemma3_text", "Gemma3ForCausalLM")
        }
    }

    /// What `config.json` says about the shape, in words that transformers 4 and 5 and llama.cpp's converter read.
    /// - Throws: `EngineError.invalidOption` for a rotary scaling that those words cannot say.
    func huggingFaceFields() throws -> Record {
        var fields: Record = [
            "architectures": [.string(huggingFaceType.class)], "model_type": .string(huggingFaceType.model),
            "vocab_size": .integer(vocabulary), "hidden_size": .integer(width), "intermediate_size": .integer(ffnWidth),
            "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(heads),
            "num_key_value_heads": .integer(kvHeads), "head_dim": .integer(headWidth),
            "max_position_embeddings": .integer(contextLength), "rms_norm_eps": Self.number(normEpsilon),
            "rope_theta": Self.number(rotary.base), "tie_word_embeddings": .bool(tiedEmbeddings),
            "attention_dropout": .double(0), "use_cache": true,
        ]
        fields["rope_scaling"] = try rotaryScalingFields()
        let kinds = (0..<layers).map { Value.string(isSliding($0) ? "sliding_attention" : "full_attention") }
        switch architecture {
        case .llama:
            fields["hidden_act"] = "silu"
            fields["attention_bias"] = false
            fields["mlp_bias"] = false
        case .qwen2, .qwen3:
            fields["hidden_act"] = "silu"
            fields["use_sliding_window"] = .bool(sliding != nil)
            if architecture == .qwen3 { fields["attention_bias"] = false }
            if let sliding {
                fields["sliding_window"] = .integer(sliding.window)
                fields["layer_types"] = .list(kinds)
            }
        case .gemma3:
            fields["hidden_activation"] = "gelu_pytorch_tanh"
            fields["attention_bias"] = false
            fields["query_pre_attn_scalar"] = Self.number(1 / (queryScale * queryScale))
            fields["attn_logit_softcapping"] = .null
            fields["final_logit_softcapping"] = logitSoftcap.map(Self.number) ?? .null
            fields["layer_types"] = .list(kinds)
            fields["sliding_window"] = .integer(sliding?.window ?? contextLength)
            fields["rope_local_base_freq"] = Self.number(sliding?.rotary.base ?? rotary.base)
        }
        return fields
    }

    private func rotaryScalingFields() throws -> Value {
        switch rotary.scaling {
        case .none: return .null
        case .linear(let factor): return ["rope_type": "linear", "factor": Self.number(factor)]
        case .llama3(let factor, let low, let high, let context):
            return [
                "rope_type": "llama3", "factor": Self.number(factor), "low_freq_factor": Self.number(low),
                "high_freq_factor": Self.number(high),
                "original_max_position_embeddings": Value.integer(Int(exactly: context.rounded()) ?? contextLength),
            ]
        case .divisors(let divisors):
            guard let found = Self.llama3(divisors, base: rotary.base, headWidth: headWidth) else {
                throw EngineError.invalidOption(
                    name: "format", expected: "\"gguf\", for a `config.json` cannot say this model's rotary scaling",
                    found: "a folder")
            }
            var shape = self
            shape.rotary.scaling = found
            return try shape.rotaryScalingFields()
        }
    }

    /// Llama 3's scaling that makes these divisors, where it is one with the constants that Meta's models have.
    private static func llama3(_ divisors: [Float], base: Float, headWidth: Int) -> RotaryEmbedding.Scaling? {
        let scaling = RotaryEmbedding.Scaling.llama3(
            factor: divisors.max() ?? 1, low: 1, high: 4, originalContext: 8192)
        let made = RotaryEmbedding(base: base, scaling: scaling).divisors(headWidth: headWidth) ?? []
        let agree = zip(made, divisors).allSatisfy { abs($0 - $1) <= 1e-4 * $1 }
        return made.count == divisors.count && agree ? scaling : nil
    }

    /// The shortest decimal number that reads back as the same float: 1e-05, not 9.99999974737875e-06.
    private static func number(_ value: Float) -> Value {
        if let whole = Int(exactly: value), abs(whole) < 1 << 24 { return .double(Double(whole)) }
        return .double(Double("\(value)") ?? Double(value))
    }

    /// A value that a GGUF file's metadata has.
    enum GGUFField: Sendable, Hashable {
        case integer(Int)
        case float(Float)
        case string(String)
        case bools([Bool])
    }

    /// What a GGUF file's metadata says about the shape, without the prefix of the architecture's name.
    ///
    /// Llama 3's rotary scaling is a tensor instead (`rotaryDivisors`).
    var ggufFields: [(key: String, value: GGUFField)] {
        var fields: [(key: String, value: GGUFField)] = [
            ("block_count", .integer(layers)), ("context_length", .integer(contextLength)),
            ("embedding_length", .integer(width)), ("feed_forward_length", .integer(ffnWidth)),
            ("attention.head_count", .integer(heads)), ("attention.head_count_kv", .integer(kvHeads)),
            ("attention.key_length", .integer(headWidth)), ("attention.value_length", .integer(headWidth)),
            ("attention.layer_norm_rms_epsilon", .float(normEpsilon)), ("rope.dimension_count", .integer(headWidth)),
            ("rope.freq_base", .float(rotary.base)), ("vocab_size", .integer(vocabulary)),
        ]
        if case .linear(let factor) = rotary.scaling {
            fields += [("rope.scaling.type", .string("linear")), ("rope.scaling.factor", .float(factor))]
        }
        guard architecture == .gemma3 else { return fields }
        let sliding =
            sliding
            ?? SlidingAttention(
                window: contextLength, layers: [Bool](repeating: false, count: layers), rotary: rotary)
        fields += [
            ("attention.sliding_window", .integer(sliding.window)),
            ("rope.freq_base_swa", .float(sliding.rotary.base)),
        ]
        if sliding.layers != Self.usualSlidingLayers(layers) {
            fields.append(("attention.sliding_window_pattern", .bools(sliding.layers)))
        }
        if abs(queryScale - usualQueryScale) > 1e-6 * queryScale {
            fields.append(("attention.scale", .float(queryScale)))
        }
        if let logitSoftcap { fields.append(("final_logit_softcapping", .float(logitSoftcap))) }
        return fields
    }

    /// The values of the tensor `rope_freqs.weight`; nil where the model has none.
    var rotaryDivisors: [Float]? {
        guard architecture == .llama else { return nil }
        switch rotary.scaling {
        case .llama3, .divisors: return rotary.divisors(headWidth: headWidth)
        case .none, .linear: return nil
        }
    }

    /// Which of Gemma 3's layers see a window only: all but every sixth.
    static func usualSlidingLayers(_ layers: Int) -> [Bool] { (0..<layers).map { ($0 + 1) % 6 != 0 } }

    /// What llama.cpp multiplies queries by where the file says nothing: of Gemma 3 the model with 62 layers alone scales
    /// by another length than a head's.
    var usualQueryScale: Float {
        let isLargest = architecture == .gemma3 && layers == 62
        return 1 / (isLargest ? Float(width) / Float(heads) : Float(headWidth)).squareRoot()
    }
}

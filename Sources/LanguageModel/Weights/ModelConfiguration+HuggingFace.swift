internal import Tables

extension ModelConfiguration {
    /// Reads the shape from the `config.json` of a model in Hugging Face's layout.
    /// - Parameters:
    ///   - file: what messages call the file.
    /// - Throws: `WeightsError` for a file that is no JSON, an architecture or an option that the engine does not run, and
    ///   impossible values.
    init(huggingFace bytes: [UInt8], file: String) throws {
        let whole = try HuggingFaceConfiguration(bytes, file: file)
        let named = try whole.text("model_type", default: nil)
        // Gemma 3 with vision keeps the text model's numbers apart.
        let hasParts = named == "gemma3"
        let text = hasParts ? HuggingFaceConfiguration(file: file, fields: whole.fields[field: "text_config"]) : whole
        guard let architecture = Architecture(rawValue: named == "gemma3_text" ? "gemma3" : named) else {
            throw WeightsError.unsupported(
                file: file, what: "the architecture", found: "`\(named)`", supported: Architecture.list)
        }
        try self.init(text, architecture)
    }

    private init(_ file: HuggingFaceConfiguration, _ architecture: Architecture) throws {
        let isGemma = architecture == .gemma3
        try Self.checkOptions(file, architecture)
        self.architecture = architecture
        layers = try file.integer("num_hidden_layers", in: Limits.layers, default: isGemma ? 26 : nil)
        width = try file.integer("hidden_size", in: Limits.width, default: isGemma ? 2304 : nil)
        heads = try file.integer("num_attention_heads", in: Limits.heads, default: isGemma ? 8 : nil)
        kvHeads = try file.integer("num_key_value_heads", in: Limits.heads, default: isGemma ? 4 : heads)
        let usualHead =
            switch architecture {
            case .llama, .qwen2: max(2, width / heads)
            case .qwen3: 128
            case .gemma3: 256
            }
        headWidth = try file.integer("head_dim", in: Limits.headWidth, default: usualHead)
        ffnWidth = try file.integer("intermediate_size", in: Limits.ffnWidth, default: isGemma ? 9216 : nil)
        vocabulary = try file.integer("vocab_size", in: Limits.vocabulary, default: isGemma ? 262_208 : nil)
        normEpsilon = try file.positive("rms_norm_eps", default: 1e-6)
        let context = try file.integer(
            "max_position_embeddings", in: Limits.contextLength, default: isGemma ? 131_072 : nil)
        contextLength = min(Limits.longestContext, context)
        tiedEmbeddings = try file.flag("tie_word_embeddings", default: isGemma)
        queryScale = 1 / Float(headWidth).squareRoot()
        if isGemma {
            queryScale = 1 / (try file.positive("query_pre_attn_scalar", default: 256)).squareRoot()
            logitSoftcap = file.has("final_logit_softcapping") ? try file.positive("final_logit_softcapping") : nil
        }
        let isSliding = try Self.slidingLayers(file, architecture, layers: layers)
        let kinds = file.record("rope_parameters")
        if let kinds, kinds.has("full_attention") || kinds.has("sliding_attention") {
            // One for each kind of layer, as newer files have it.
            let global = kinds.record("full_attention"), local = kinds.record("sliding_attention")
            rotary = try Self.rotary(global, base: isGemma ? 1e6 : 1e4, context)
            let slidingRotary = try Self.rotary(local, base: 1e4, context)
            sliding = try Self.sliding(file, isSliding, slidingRotary)
        } else {
            let base = try file.positive("rope_theta", default: isGemma ? 1e6 : 1e4)
            rotary = try Self.rotary(kinds ?? file.record("rope_scaling"), base: base, context)
            let local =
                isGemma ? RotaryEmbedding(base: try file.positive("rope_local_base_freq", default: 1e4)) : rotary
            sliding = try Self.sliding(file, isSliding, local)
        }
        self = try validated(file.file)
    }

    /// Refuses options that would make the engine compute something else than the model.
    private static func checkOptions(_ file: HuggingFaceConfiguration, _ architecture: Architecture) throws {
        let isGemma = architecture == .gemma3
        let activation = isGemma ? "gelu_pytorch_tanh" : "silu"
        let key = isGemma && file.has("hidden_activation") ? "hidden_activation" : "hidden_act"
        try file.require(key, .string(activation), "`\(activation)`")
        for key in ["attention_bias", "mlp_bias", "use_bidirectional_attention", "rope_interleaved"] {
            try file.require(key, .bool(false), "models without it")
        }
        try file.require("attn_logit_softcapping", .null, "models without it")
        try file.require("partial_rotary_factor", .integer(1), "models whose heads turn whole")
    }

    /// Whether each layer sees a window only.
    private static func slidingLayers(
        _ file: HuggingFaceConfiguration, _ architecture: Architecture, layers: Int
    ) throws -> [Bool] {
        let none = [Bool](repeating: false, count: layers)
        switch architecture {
        case .llama: return none
        case .qwen2, .qwen3:
            guard try file.flag("use_sliding_window", default: false), file.has("sliding_window") else { return none }
            if let kinds = try file.layerKinds(layers) { return kinds }
            let first = try file.integer("max_window_layers", in: 0...Int(Int32.max), default: 28)
            return (0..<layers).map { $0 >= first }
        case .gemma3:
            if let kinds = try file.layerKinds(layers) { return kinds }
            let period = try file.integer("sliding_window_pattern", in: 1...Limits.layers.upperBound, default: 6)
            return (0..<layers).map { ($0 + 1) % period != 0 }
        }
    }

    private static func sliding(
        _ file: HuggingFaceConfiguration, _ layers: [Bool], _ rotary: RotaryEmbedding
    ) throws -> SlidingAttention? {
        guard layers.contains(true) else { return nil }
        return SlidingAttention(
            window: try file.integer("sliding_window", in: 1...Int(Int32.max), default: 4096), layers: layers,
            rotary: rotary)
    }

    private static func rotary(
        _ parameters: HuggingFaceConfiguration?, base: Float, _ context: Int
    ) throws -> RotaryEmbedding {
        guard let parameters else { return RotaryEmbedding(base: base) }
        try parameters.require("partial_rotary_factor", .integer(1), "models whose heads turn whole")
        var rotary = RotaryEmbedding(base: try parameters.positive("rope_theta", default: base))
        let type = try parameters.text("rope_type", default: try parameters.text("type", default: "default"))
        switch type {
        case "default": break
        case "linear": rotary.scaling = .linear(factor: try parameters.positive("factor"))
        case "llama3":
            rotary.scaling = .llama3(
                factor: try parameters.positive("factor"), low: try parameters.positive("low_freq_factor"),
                high: try parameters.positive("high_freq_factor"),
                originalContext: try parameters.positive("original_max_position_embeddings", default: Float(context)))
        default:
            throw WeightsError.unsupported(
                file: parameters.file, what: "the rotary scaling", found: "`\(type)`",
                supported: "`default`, `linear` and `llama3`")
        }
        return rotary
    }
}

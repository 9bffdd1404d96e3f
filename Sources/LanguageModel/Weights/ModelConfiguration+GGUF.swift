extension ModelConfiguration {
    private static let divisorsName = "rope_freqs.weight"

    /// Reads the shape from a GGUF file's metadata.
    /// - Throws: `WeightsError` when the architecture is one that the engine does not run, or a value is absent or
    ///   impossible.
    init(_ file: GGUFFile) throws {
        let named = try file.string("general.architecture")
        guard let architecture = Architecture(rawValue: named) else {
            throw WeightsError.unsupported(
                file: file.name, what: "the architecture", found: "`\(named)`", supported: Architecture.list)
        }
        func key(_ name: String) -> String { "\(named).\(name)" }
        func positive(_ name: String, default fallback: Double? = nil) throws -> Float {
            try file.positiveFloat(key(name), default: fallback)
        }
        self.architecture = architecture
        layers = try file.integer(key("block_count"), in: Limits.layers)
        width = try file.integer(key("embedding_length"), in: Limits.width)
        heads = try file.integer(key("attention.head_count"), in: Limits.heads)
        kvHeads = try file.integer(key("attention.head_count_kv"), in: Limits.heads, default: heads)
        headWidth = try file.integer(
            key("attention.key_length"), in: Limits.headWidth, default: max(2, width / heads))
        _ = try file.integer(key("attention.value_length"), in: headWidth...headWidth, default: headWidth)
        _ = try file.integer(key("rope.dimension_count"), in: headWidth...headWidth, default: headWidth)
        ffnWidth = try file.integer(key("feed_forward_length"), in: Limits.ffnWidth)
        guard let embedding = file.tensors["token_embd.weight"], embedding.dimensions.count == 2 else {
            throw WeightsError.missing(file: file.name, name: "token_embd.weight")
        }
        vocabulary = embedding.dimensions[1]
        guard Limits.vocabulary.contains(vocabulary) else {
            throw WeightsError.malformed(
                file: file.name, place: "the vocabulary", expected: "at most 2^24 tokens", found: "\(vocabulary)")
        }
        normEpsilon = try positive("attention.layer_norm_rms_epsilon")
        contextLength = min(
            Limits.longestContext, try file.integer(key("context_length"), in: Limits.contextLength))
        tiedEmbeddings = file.tensors["output.weight"] == nil
        let base = try positive("rope.freq_base", default: 10000)
        rotary = RotaryEmbedding(base: base, scaling: try Self.scaling(file, architecture))
            .namingScaling(headWidth: headWidth)
        // As in llama.cpp: of Gemma 3 the model with 62 layers alone scales by another length than a head's.
        let isLargest = architecture == .gemma3 && layers == 62
        queryScale = 1 / (isLargest ? Float(width) / Float(heads) : Float(headWidth)).squareRoot()
        if architecture == .gemma3 {
            queryScale = try positive("attention.scale", default: Double(queryScale))
            sliding = SlidingAttention(
                window: try file.integer(key("attention.sliding_window"), in: 1...Int(Int32.max)),
                layers: try Self.slidingLayers(file, key("attention.sliding_window_pattern"), layers: layers),
                rotary: RotaryEmbedding(base: try positive("rope.freq_base_swa", default: 10000)))
            logitSoftcap =
                file.metadata[key("final_logit_softcapping")] == nil ? nil : try positive("final_logit_softcapping")
        }
        self = try validated(file.name)
    }

    /// Which layers see a window only: all but every n-th, n being 6 where the file has no other number or list.
    private static func slidingLayers(_ file: GGUFFile, _ key: String, layers: Int) throws -> [Bool] {
        if case .bools(let list)? = file.metadata[key] { return list }
        guard file.metadata[key] != nil else { return usualSlidingLayers(layers) }
        let period = try file.integer(key, in: 1...Limits.layers.upperBound)
        return (0..<layers).map { ($0 + 1) % period != 0 }
    }

    /// Which of Gemma 3's layers see a window only: all but every sixth.
    static func usualSlidingLayers(_ layers: Int) -> [Bool] { (0..<layers).map { ($0 + 1) % 6 != 0 } }

    private static func scaling(_ file: GGUFFile, _ architecture: Architecture) throws -> RotaryEmbedding.Scaling {
        let prefix = "\(architecture.rawValue).rope."
        if architecture == .llama, let tensor = file.tensors[divisorsName] {
            guard tensor.count <= Limits.headWidth.upperBound else {
                throw WeightsError.malformed(
                    file: file.name, place: "the shape of tensor `\(divisorsName)`", expected: "one number a frequency",
                    found: "\(tensor.count) numbers")
            }
            return .divisors(try file.values(tensor))
        }
        let type = file.metadata[prefix + "scaling.type"] ?? .string("none")
        // The older way to say it has no type.
        let factor =
            file.metadata[prefix + "scaling.factor"] == nil
            ? try file.positiveFloat(prefix + "scale_linear", default: 1)
            : try file.positiveFloat(prefix + "scaling.factor")
        switch type {
        case .string("linear"): return factor == 1 ? .none : .linear(factor: factor)
        case .string("none"):
            let isOld = file.metadata[prefix + "scale_linear"] != nil
            return isOld && factor != 1 ? .linear(factor: factor) : .none
        default:
            throw WeightsError.unsupported(
                file: file.name, what: "the rotary scaling", found: type.kind,
                supported: "`linear`, and Llama 3's by `\(divisorsName)`")
        }
    }
}

extension GGUFFile {
    /// A metadata value that must be a positive number of 32 bits.
    func positiveFloat(_ key: String, default fallback: Double? = nil) throws -> Float {
        let number = try positiveNumber(key, default: fallback)
        let float = Float(number)
        guard float.isFinite, float > 0 else {
            throw WeightsError.malformed(
                file: name, place: "`\(key)`", expected: "a positive number of 32 bits", found: "\(number)")
        }
        return float
    }

    /// A small tensor's values.
    func values(_ tensor: GGUFTensor) throws -> [Float] {
        try file.withBytes(at: tensor.offset, length: tensor.byteCount, reading: "tensor `\(tensor.name)`") { bytes in
            [Float](unsafeUninitializedCapacity: tensor.count) { out, count in
                guard let source = bytes.baseAddress, let first = out.baseAddress else { return }
                tensor.type.dequantize(source, to: first, blocks: tensor.count / Int(tensor.type.blockLength))
                count = tensor.count
            }
        }
    }
}

/// The shape of a transformer of the Llama family: which parts it has, and how large they are.
///
/// Symbols as in the paper (Touvron et al. 2023): pre-norm blocks, RMSNorm, rotary positions, grouped-query
/// attention, SwiGLU.
public struct ModelConfiguration: Sendable, Hashable {
    /// Transformer blocks.
    public var layers: Int
    /// Length of the residual stream's vectors.
    public var width: Int
    /// Query heads.
    public var heads: Int
    /// Key and value heads; a divisor of `heads`.
    public var kvHeads: Int
    /// Length of one head's vectors; even.
    public var headWidth: Int
    /// Length of the feed-forward network's inner vectors.
    public var ffnWidth: Int
    /// Number of tokens.
    public var vocabulary: Int
    /// Base of the rotary embedding's wavelengths.
    public var ropeTheta: Float
    /// The ε of RMSNorm.
    public var normEpsilon: Float
    /// The longest sequence, in tokens.
    public var contextLength: Int
    /// Whether the output projection is the token embedding.
    public var tiedEmbeddings: Bool

    /// Query heads that share one key and value head.
    var groupSize: Int { heads / kvHeads }
    /// Length of all query heads' vectors together.
    var queryWidth: Int { heads * headWidth }
    /// Length of all key (or value) heads' vectors together.
    var keyWidth: Int { kvHeads * headWidth }
    /// Length of queries, keys and values together: the rows of the fused projection.
    var qkvWidth: Int { queryWidth + 2 * keyWidth }
}

extension ModelConfiguration {
    /// Reads the shape from a GGUF file's metadata.
    /// - Throws: `WeightsError` when the architecture is another, or a value is absent or impossible.
    init(_ file: GGUFFile) throws {
        let architecture = try file.string("general.architecture")
        guard architecture == "llama" else {
            throw WeightsError.unsupported(
                file: file.name, what: "the architecture", found: "`\(architecture)`", supported: "`llama`")
        }
        if let scaling = file.metadata["llama.rope.scaling.type"], scaling != .string("none") {
            throw WeightsError.unsupported(
                file: file.name, what: "the rotary scaling", found: scaling.kind, supported: "models without scaling")
        }
        layers = try file.integer("llama.block_count", in: 1...1024)
        width = try file.integer("llama.embedding_length", in: 1...65536)
        heads = try file.integer("llama.attention.head_count", in: 1...1024)
        kvHeads = try file.integer("llama.attention.head_count_kv", in: 1...1024, default: heads)
        headWidth = try file.integer("llama.attention.key_length", in: 2...1024, default: max(2, width / heads))
        ffnWidth = try file.integer("llama.feed_forward_length", in: 1...1_048_576)
        guard let embedding = file.tensors["token_embd.weight"], embedding.dimensions.count == 2 else {
            throw WeightsError.missing(file: file.name, name: "token_embd.weight")
        }
        vocabulary = embedding.dimensions[1]
        guard vocabulary <= 1 << 24 else {
            throw WeightsError.malformed(
                file: file.name, place: "the vocabulary", expected: "at most 2^24 tokens", found: "\(vocabulary)")
        }
        ropeTheta = Float(try file.positiveNumber("llama.rope.freq_base", default: 10000))
        normEpsilon = Float(try file.positiveNumber("llama.attention.layer_norm_rms_epsilon"))
        contextLength = try file.integer("llama.context_length", in: 1...131_072)
        tiedEmbeddings = file.tensors["output.weight"] == nil

        guard heads % kvHeads == 0 else {
            throw WeightsError.malformed(
                file: file.name, place: "`llama.attention.head_count_kv`", expected: "a divisor of \(heads)",
                found: "\(kvHeads)")
        }
        guard headWidth % 2 == 0 else {
            throw WeightsError.malformed(
                file: file.name, place: "the width of a head", expected: "an even number", found: "\(headWidth)")
        }
        _ = try file.integer("llama.rope.dimension_count", in: headWidth...headWidth, default: headWidth)
    }
}

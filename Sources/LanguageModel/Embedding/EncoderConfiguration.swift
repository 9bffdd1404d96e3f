internal import Foundation
internal import Tables

/// The shape of a BERT encoder (Devlin et al. 2019) whose mean over a text's tokens is the text's vector (Reimers &
/// Gurevych 2019, Sentence-BERT).
struct EncoderConfiguration: Sendable, Hashable {
    /// Transformer blocks.
    var layers: Int
    /// Length of a token's vectors, and of a text's.
    var width: Int
    var heads: Int
    /// Length of the feed-forward network's inner vectors.
    var ffnWidth: Int
    /// Number of tokens.
    var vocabulary: Int
    /// Learned positions.
    var positions: Int
    /// Kinds of segments; texts are of the first.
    var segments: Int
    /// The ε of the layer norms.
    var normEpsilon: Float
    /// The longest text, in tokens with those around it.
    var longestText: Int

    var headWidth: Int { width / heads }

    /// What `config.json` calls the architecture.
    static let modelType = "bert"

    private typealias Limits = ModelConfiguration.Limits

    /// Reads a model's folder.
    /// - Parameters:
    ///   - config: `config.json`.
    ///   - sentence: `sentence_bert_config.json`, where it is there.
    ///   - pooling: `1_Pooling/config.json`, where it is there; without it a text's vector is the mean.
    ///   - folder: what messages call the folder.
    /// - Throws: `WeightsError` for options that the engine does not compute, and impossible values.
    init(config: [UInt8], sentence: [UInt8]?, pooling: [UInt8]?, folder: String) throws {
        let file = try HuggingFaceConfiguration(config, file: "\(folder)/config.json")
        try file.require("model_type", .string(Self.modelType), "encoders of the type `\(Self.modelType)`")
        try file.require("hidden_act", "gelu", "`gelu`")
        try file.require("position_embedding_type", "absolute", "`absolute`")
        for key in ["is_decoder", "add_cross_attention"] {
            try file.require(key, .bool(false), "encoders without it")
        }
        layers = try file.integer("num_hidden_layers", in: Limits.layers)
        width = try file.integer("hidden_size", in: Limits.width)
        heads = try file.integer("num_attention_heads", in: Limits.heads)
        ffnWidth = try file.integer("intermediate_size", in: Limits.ffnWidth)
        vocabulary = try file.integer("vocab_size", in: Limits.vocabulary)
        positions = try file.integer("max_position_embeddings", in: 8...Limits.longestContext)
        segments = try file.integer("type_vocab_size", in: 1...64, default: 2)
        normEpsilon = try file.positive("layer_norm_eps", default: 1e-12)
        guard width % heads == 0 else {
            throw WeightsError.malformed(
                file: file.file, place: "`num_attention_heads`", expected: "a divisor of \(width)", found: "\(heads)")
        }
        longestText = positions
        if let sentence {
            let file = try HuggingFaceConfiguration(sentence, file: "\(folder)/sentence_bert_config.json")
            try file.require("do_lower_case", .bool(false), "models whose tokenizer does it")
            longestText = min(positions, try file.integer("max_seq_length", in: 8...Int(Int32.max), default: positions))
        }
        if let pooling {
            let file = try HuggingFaceConfiguration(pooling, file: "\(folder)/\(Self.poolingName)")
            try file.require("pooling_mode_mean_tokens", .bool(true), "the mean over all tokens")
            for kind in ["cls_token", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"] {
                try file.require("pooling_mode_\(kind)", .bool(false), "the mean over all tokens")
            }
        }
    }

    /// Where sentence-transformers keeps how a text's vector is made of its tokens'.
    static let poolingName = "1_Pooling/config.json"
}

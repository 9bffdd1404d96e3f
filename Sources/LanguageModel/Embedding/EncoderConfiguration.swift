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

    /// Reads a model's folder: `config.json` and, where they are there, `sentence_bert_config.json`, `modules.json` and
    /// the pooling's configuration. Without these a text's vector is the mean, as sentence-transformers has it.
    /// - Parameters:
    ///   - folder: what messages call the folder.
    ///   - contents: a file of it; nil where it is not there.
    /// - Throws: `WeightsError` for options that the engine does not compute, and impossible values.
    init(folder: String, contents: (String) throws -> [UInt8]?) throws {
        func read(_ name: String) throws -> HuggingFaceConfiguration? {
            try contents(name).map { try HuggingFaceConfiguration($0, file: "\(folder)/\(name)") }
        }
        guard let file = try read(SafetensorsFolder.configurationName) else {
            throw WeightsError.missing(file: folder, name: SafetensorsFolder.configurationName)
        }
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
        if let file = try read("sentence_bert_config.json") {
            try file.require("do_lower_case", .bool(false), "models whose tokenizer does it")
            longestText = min(positions, try file.integer("max_seq_length", in: 8...Int(Int32.max), default: positions))
        }
        var pooling = try read("1_Pooling/config.json")
        for module in try read("modules.json")?.fields.list ?? [] {
            let type = module[field: "type"].text ?? ""
            let place = "\(module[field: "path"].text ?? "")/config.json"
            switch type.split(separator: ".").last {
            case "Transformer", "Normalize": continue
            // What a folder was copied without must not be guessed.
            case "Pooling":
                guard let found = try read(place) else { throw WeightsError.missing(file: folder, name: place) }
                pooling = found
            default:
                throw WeightsError.unsupported(
                    file: "\(folder)/modules.json", what: "a module", found: "`\(type)`",
                    supported: "Transformer, Pooling and Normalize")
            }
        }
        try pooling?.require("pooling_mode_mean_tokens", .bool(true), "the mean over all tokens")
        for kind in ["cls_token", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"] {
            try pooling?.require("pooling_mode_\(kind)", .bool(false), "the mean over all tokens")
        }
    }
}

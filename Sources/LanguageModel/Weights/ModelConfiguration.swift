/// The shape of a transformer: its architecture, how large its parts are, and the numbers that its files give.
public struct ModelConfiguration: Sendable, Hashable {
    public var architecture: Architecture
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
    /// The rotary embedding of the layers that see everything.
    public var rotary: RotaryEmbedding
    /// The ε of RMSNorm.
    public var normEpsilon: Float
    /// The longest sequence, in tokens.
    public var contextLength: Int
    /// Whether the output projection is the token embedding.
    public var tiedEmbeddings: Bool
    /// What products of queries and keys are multiplied by before the softmax.
    public var queryScale: Float
    /// The layers that see a window of the last tokens only, where there are such.
    public var sliding: SlidingAttention? = nil
    /// c, where logits are squeezed to c tanh(x / c).
    public var logitSoftcap: Float? = nil

    /// Layers that see a window of the last tokens only.
    public struct SlidingAttention: Sendable, Hashable {
        /// How many tokens a token sees, itself included.
        public var window: Int
        /// Whether a layer is such a one, for each of the model's layers.
        public var layers: [Bool]
        /// The rotary embedding of these layers.
        public var rotary: RotaryEmbedding
    }

    /// Query heads that share one key and value head.
    var groupSize: Int { heads / kvHeads }
    /// Length of all query heads' vectors together.
    var queryWidth: Int { heads * headWidth }
    /// Length of all key (or value) heads' vectors together.
    var keyWidth: Int { kvHeads * headWidth }
    /// Length of queries, keys and values together: the rows of the fused projection.
    var qkvWidth: Int { queryWidth + 2 * keyWidth }
    /// What embeddings are multiplied by before the first layer.
    var embeddingScale: Float { architecture.scalesEmbeddings ? Float(width).squareRoot() : 1 }

    /// Whether a layer sees a window only.
    func isSliding(_ layer: Int) -> Bool {
        guard let sliding, sliding.layers.indices.contains(layer) else { return false }
        return sliding.layers[layer]
    }

    /// How many tokens a token sees in a layer, itself included; `Int.max` where it sees all before it.
    func window(_ layer: Int) -> Int { isSliding(layer) ? sliding?.window ?? .max : .max }

    /// The same with only some layers, in the order given.
    /// - Precondition: the layers exist.
    func selecting(layers chosen: [Int]) -> ModelConfiguration {
        var selected = self
        selected.layers = chosen.count
        selected.sliding?.layers = chosen.map(isSliding)
        return selected
    }

    /// Checks what cannot be checked one number at a time.
    /// - Throws: `WeightsError.malformed`.
    func validated(_ file: String) throws -> ModelConfiguration {
        func check(_ holds: Bool, _ place: String, _ expected: String, _ found: String) throws {
            if !holds { throw WeightsError.malformed(file: file, place: place, expected: expected, found: found) }
        }
        try check(
            heads % kvHeads == 0, "the number of key and value heads", "a divisor of the \(heads) query heads",
            "\(kvHeads)")
        try check(headWidth % 2 == 0, "the width of a head", "an even number", "\(headWidth)")
        for rotary in [rotary, sliding?.rotary ?? rotary] {
            if case .divisors(let divisors) = rotary.scaling {
                try check(
                    divisors.count == headWidth / 2 && divisors.allSatisfy { $0.isFinite && $0 > 0 },
                    "the list of rotary divisors", "\(headWidth / 2) positive numbers", "\(divisors.count) numbers")
            }
            if case .llama3(_, let low, let high, _) = rotary.scaling {
                try check(low < high, "the high frequency factor of the rotary scaling", "above \(low)", "\(high)")
            }
        }
        if let sliding {
            try check(
                sliding.layers.count == layers, "the list of the layers' kinds of attention", "\(layers) long",
                "\(sliding.layers.count) long")
        }
        return self
    }

    /// The ranges in which a file's numbers must lie: what the engine can count with, whatever a file claims.
    enum Limits {
        static let layers = 1...1024
        static let width = 1...65536
        static let heads = 1...1024
        static let headWidth = 2...1024
        static let ffnWidth = 1...1_048_576
        static let vocabulary = 1...1 << 24
        static let contextLength = 1...1 << 24
        /// Longer contexts are cut to this: the memory of one sequence's keys and values grows with it.
        static let longestContext = 131_072
    }
}

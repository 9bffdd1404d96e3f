/// The families of models that the engine runs: pre-norm transformers with RMSNorm, rotary positions, grouped-query
/// attention and a gated feed-forward network, which differ in what stands here.
public enum Architecture: String, Sendable, Hashable, CaseIterable {
    /// Touvron et al. 2023, https://arxiv.org/abs/2302.13971; with rotary scaling Llama 3.1.
    case llama
    /// Yang et al. 2024, https://arxiv.org/abs/2407.10671: biases on queries, keys and values.
    case qwen2
    /// Yang et al. 2025, https://arxiv.org/abs/2505.09388: a norm on each head's query and key.
    case qwen3
    /// Gemma Team 2025, https://arxiv.org/abs/2503.19786, text only: norms also after attention and feed-forward, most
    /// layers see a window only.
    case gemma3

    /// What opens the gate of the feed-forward network.
    enum Activation: Sendable, Hashable {
        /// x σ(x)
        case silu
        /// GELU by its approximation with tanh (Hendrycks & Gimpel 2016).
        case gelu
    }

    /// Whether its layers have a part.
    func has(_ part: LayerPart) -> Bool {
        switch part {
        case .attentionNorm, .qkv, .output, .feedForwardNorm, .gateUp, .down: true
        case .qkvBias: self == .qwen2
        case .queryNorm, .keyNorm: self == .qwen3 || self == .gemma3
        case .postAttentionNorm, .postFeedForwardNorm: self == .gemma3
        }
    }

    var activation: Activation { self == .gemma3 ? .gelu : .silu }

    /// Whether embeddings are multiplied by √width before the first layer.
    var scalesEmbeddings: Bool { self == .gemma3 }

    /// What Hugging Face's files leave out of a norm's weight: Gemma multiplies by 1 + w and stores w. GGUF stores 1 + w.
    var normOffset: Float { self == .gemma3 ? 1 : 0 }

    /// Whether GGUF files store the rows of each query and key head interleaved (0, half, 1, half + 1, …), for a rotary
    /// embedding of neighbouring pairs.
    var interleavesHeadsInGGUF: Bool { self == .llama }

    /// All of them, for messages.
    static var list: String { allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ") }
}

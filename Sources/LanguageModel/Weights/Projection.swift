/// The seven projections of a Llama block, by the names that Hugging Face gives them.
public enum Projection: String, Sendable, Hashable, CaseIterable {
    case query = "self_attn.q_proj"
    case key = "self_attn.k_proj"
    case value = "self_attn.v_proj"
    case output = "self_attn.o_proj"
    case gate = "mlp.gate_proj"
    case up = "mlp.up_proj"
    case down = "mlp.down_proj"

    /// Length of the vectors that go in.
    func inputs(_ shape: ModelConfiguration) -> Int {
        switch self {
        case .query, .key, .value, .gate, .up: shape.width
        case .output: shape.queryWidth
        case .down: shape.ffnWidth
        }
    }

    /// Length of the vectors that come out.
    func outputs(_ shape: ModelConfiguration) -> Int {
        switch self {
        case .query: shape.queryWidth
        case .key, .value: shape.keyWidth
        case .output, .down: shape.width
        case .gate, .up: shape.ffnWidth
        }
    }
}

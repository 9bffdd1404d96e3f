/// The seven projections of a transformer block, by the names that Hugging Face gives them.
public enum Projection: String, Sendable, Hashable, CaseIterable {
    case query = "self_attn.q_proj"
    case key = "self_attn.k_proj"
    case value = "self_attn.v_proj"
    case output = "self_attn.o_proj"
    case gate = "mlp.gate_proj"
    case up = "mlp.up_proj"
    case down = "mlp.down_proj"

    /// The name in GGUF files.
    var ggufName: String {
        switch self {
        case .query: "attn_q"
        case .key: "attn_k"
        case .value: "attn_v"
        case .output: "attn_output"
        case .gate: "ffn_gate"
        case .up: "ffn_up"
        case .down: "ffn_down"
        }
    }

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

    /// How many of the heads that come out the rotary embedding turns.
    func rotatedHeads(_ shape: ModelConfiguration) -> Int {
        switch self {
        case .query: shape.heads
        case .key: shape.kvHeads
        case .value, .output, .gate, .up, .down: 0
        }
    }
}

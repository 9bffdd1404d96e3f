import CSIMD

/// How a GGUF tensor stores its values (the ids are ggml's `ggml_type`).
public enum GGUFTensorType: UInt32, Sendable, Hashable, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q2_k = 10
    case q3_k = 11
    case q4_k = 12
    case q5_k = 13
    case q6_k = 14
    case bf16 = 30

    /// Values in a block: the unit in which a row is stored.
    var blockLength: UInt64 {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
        case .q2_k, .q3_k, .q4_k, .q5_k, .q6_k: 256
        }
    }

    /// Bytes in a block.
    var blockBytes: UInt64 {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q2_k: 84
        case .q3_k: 110
        case .q4_k: 144
        case .q5_k: 176
        case .q6_k: 210
        }
    }

    /// What people call it: `Q4_K`.
    var name: String { "\(self)".uppercased() }

    /// Turns `blocks` blocks at `source` into `blocks * blockLength` floats.
    func dequantize(
        _ source: UnsafeRawPointer, to out: UnsafeMutablePointer<Float>, blocks: Int,
        with kernels: simd_kernels = Kernels.best
    ) {
        switch self {
        case .f32: UnsafeMutableRawPointer(out).copyMemory(from: source, byteCount: blocks * 4)
        case .f16: kernels.from_f16(source, out, blocks)
        case .bf16: kernels.from_bf16(source, out, blocks)
        case .q4_0: kernels.from_q4_0(source, out, blocks)
        case .q4_1: kernels.from_q4_1(source, out, blocks)
        case .q5_0: kernels.from_q5_0(source, out, blocks)
        case .q5_1: kernels.from_q5_1(source, out, blocks)
        case .q8_0: kernels.from_q8_0(source, out, blocks)
        case .q2_k: kernels.from_q2_k(source, out, blocks)
        case .q3_k: kernels.from_q3_k(source, out, blocks)
        case .q4_k: kernels.from_q4_k(source, out, blocks)
        case .q5_k: kernels.from_q5_k(source, out, blocks)
        case .q6_k: kernels.from_q6_k(source, out, blocks)
        }
    }
}

/// One entry of a GGUF file's tensor directory.
public struct GGUFTensor: Sendable, Hashable {
    public let name: String
    /// Lengths of the dimensions, the fastest-varying first (ggml's order): a matrix [rows, columns] is
    /// `[columns, rows]` here.
    public let dimensions: [Int]
    public let type: GGUFTensorType
    /// Where the values begin, in bytes from the beginning of the file.
    public let offset: UInt64
    /// How many bytes the values take.
    public let byteCount: UInt64
    /// How many values there are.
    public let count: Int
}

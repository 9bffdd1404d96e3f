import CSIMD

/// How a GGUF tensor stores its values (the ids are ggml's `ggml_type`).
public enum GGUFTensorType: UInt32, Sendable, Hashable, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q8_0 = 8
    case bf16 = 30

    /// Values in a block: the unit in which a row is stored.
    var blockLength: UInt64 {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q8_0: 32
        }
    }

    /// Bytes in a block.
    var blockBytes: UInt64 {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0: 18
        case .q4_1: 20
        case .q8_0: 34
        }
    }

    /// Turns `blocks` blocks at `source` into `blocks * blockLength` floats.
    func dequantize(_ source: UnsafeRawPointer, to out: UnsafeMutablePointer<Float>, blocks: Int) {
        let kernels = Kernels.best
        switch self {
        case .f32: UnsafeMutableRawPointer(out).copyMemory(from: source, byteCount: blocks * 4)
        case .f16: kernels.from_f16(source, out, blocks)
        case .bf16: kernels.from_bf16(source, out, blocks)
        case .q4_0: kernels.from_q4_0(source, out, blocks)
        case .q4_1: kernels.from_q4_1(source, out, blocks)
        case .q8_0: kernels.from_q8_0(source, out, blocks)
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

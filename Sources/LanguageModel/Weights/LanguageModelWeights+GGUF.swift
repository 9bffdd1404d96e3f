public import Foundation

extension LanguageModelWeights {
    /// Loads a GGUF file and turns all tensors into 32-bit floats.
    ///
    /// GGUF files of the architecture `llama` store the rows of each query and key head interleaved (0, 32, 1, 33, …
    /// for a head of 64), for a rotary embedding of neighbouring pairs. They are put back into Hugging Face's order
    /// here, so that everything after, adapters in PEFT's layout included, knows one order only.
    /// - Throws: `WeightsError`.
    public static func load(gguf url: URL) throws -> LanguageModelWeights {
        try load(GGUFFile(url))
    }

    /// Loads the tensors of an opened GGUF file.
    /// - Throws: `WeightsError`.
    public static func load(_ file: GGUFFile) throws -> LanguageModelWeights {
        let shape = try ModelConfiguration(file)
        let loader = TensorLoader(file: file)
        // All shapes are checked before any memory is taken.
        try loader.check(shape)
        return try LanguageModelWeights(
            configuration: shape, sourceLayers: Array(0..<shape.layers), name: file.name, digest: FileDigest(file.file)
        ) { try loader.matrix($0, shape) }
    }
}

/// Finds tensors by name, checks their shapes and dequantises them.
private struct TensorLoader {
    let file: GGUFFile

    func check(_ shape: ModelConfiguration) throws {
        let expected = shape.tensors
        for tensor in expected { _ = try stored(tensor) }
        // A model with more than we compute with, such as biases, would run and be wrong.
        let known = Set(expected.map(\.ggufName) + (shape.architecture == .llama ? ["rope_freqs.weight"] : []))
        let surplus = file.tensors.keys.filter { !known.contains($0) && !$0.hasSuffix(".attn_rot_embd.weight") }
        if let first = surplus.min() {
            throw WeightsError.unsupported(
                file: file.name, what: "`\(first)`", found: "present",
                supported: "models of the architecture `\(shape.architecture.rawValue)` without it")
        }
    }

    private func stored(_ tensor: ModelTensor) throws -> GGUFTensor {
        let name = tensor.ggufName
        guard let stored = file.tensors[name] else { throw WeightsError.missing(file: file.name, name: name) }
        let dimensions = stored.dimensions
        guard dimensions.first == tensor.columns, dimensions.dropFirst().reduce(1, *) == tensor.rows else {
            throw WeightsError.malformed(
                file: file.name, place: "the shape of tensor `\(name)`",
                expected: "\(tensor.columns) × \(tensor.rows)",
                found: dimensions.map(String.init).joined(separator: " × "))
        }
        return stored
    }

    func matrix(_ part: ModelPart, _ shape: ModelConfiguration) throws -> Matrix {
        try Matrix(rows: part.rows(shape), columns: part.columns(shape)) { out in
            for tensor in shape.tensors(part) {
                if tensor.interleavedHeads > 0 {
                    let interleaved = try Matrix(rows: tensor.rows, columns: tensor.columns) { try fill($0, tensor) }
                    separate(interleaved, heads: tensor.interleavedHeads, into: out + tensor.offset)
                } else {
                    try fill(out + tensor.offset, tensor)
                }
            }
        }
    }

    private func fill(_ out: UnsafeMutablePointer<Float>, _ tensor: ModelTensor) throws {
        let (rows, columns) = (tensor.rows, tensor.columns)
        let tensor = try stored(tensor)
        let type = tensor.type
        try file.file.withBytes(at: tensor.offset, length: tensor.byteCount, reading: "tensor `\(tensor.name)`") {
            bytes in
            guard let base = bytes.baseAddress else { return }
            let rowBlocks = columns / Int(type.blockLength)
            Parallel.ranges(of: rows, atLeast: max(1, 65536 / columns)) { range in
                type.dequantize(
                    base + range.lowerBound * rowBlocks * Int(type.blockBytes), to: out + range.lowerBound * columns,
                    blocks: range.count * rowBlocks)
            }
        }
    }

    /// Row 2i + j of a head in the file is row i + j · half here (llama.cpp's `permute`, undone).
    private func separate(_ stored: Matrix, heads: Int, into out: UnsafeMutablePointer<Float>) {
        let headWidth = stored.rows / heads
        let half = headWidth / 2
        for head in 0..<heads {
            let first = head * headWidth
            for i in 0..<half {
                for j in 0..<2 {
                    (out + (first + i + j * half) * stored.columns)
                        .update(from: stored.row(first + 2 * i + j), count: stored.columns)
                }
            }
        }
    }
}

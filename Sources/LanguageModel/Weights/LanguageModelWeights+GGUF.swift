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

        let embedding = try loader.matrix("token_embd.weight", rows: shape.vocabulary, columns: shape.width)
        let layers = try (0..<shape.layers).map { index in try loader.layer(index, shape) }
        return LanguageModelWeights(
            configuration: shape, sourceLayers: Array(0..<shape.layers), name: file.name, layers: layers,
            embedding: embedding, finalNorm: try loader.matrix("output_norm.weight", rows: 1, columns: shape.width),
            head: shape.tiedEmbeddings
                ? embedding : try loader.matrix("output.weight", rows: shape.vocabulary, columns: shape.width),
            digest: FileDigest(file.file))
    }
}

/// Finds tensors by name, checks their shapes and dequantises them.
private struct TensorLoader {
    let file: GGUFFile

    private func expected(_ shape: ModelConfiguration, layer: Int) -> [(name: String, rows: Int, columns: Int)] {
        let prefix = "blk.\(layer)."
        return [
            (prefix + "attn_norm.weight", 1, shape.width),
            (prefix + "attn_q.weight", shape.queryWidth, shape.width),
            (prefix + "attn_k.weight", shape.keyWidth, shape.width),
            (prefix + "attn_v.weight", shape.keyWidth, shape.width),
            (prefix + "attn_output.weight", shape.width, shape.queryWidth),
            (prefix + "ffn_norm.weight", 1, shape.width),
            (prefix + "ffn_gate.weight", shape.ffnWidth, shape.width),
            (prefix + "ffn_up.weight", shape.ffnWidth, shape.width),
            (prefix + "ffn_down.weight", shape.width, shape.ffnWidth),
        ]
    }

    func check(_ shape: ModelConfiguration) throws {
        for layer in 0..<shape.layers {
            for (name, rows, columns) in expected(shape, layer: layer) {
                _ = try tensor(name, rows: rows, columns: columns)
            }
            // A model with biases would run and be wrong.
            for name in ["attn_q", "attn_k", "attn_v", "attn_output"]
            where file.tensors["blk.\(layer).\(name).bias"] != nil {
                throw WeightsError.unsupported(
                    file: file.name, what: "`blk.\(layer).\(name).bias`", found: "present",
                    supported: "Llama models without biases")
            }
        }
    }

    private func tensor(_ name: String, rows: Int, columns: Int) throws -> GGUFTensor {
        guard let tensor = file.tensors[name] else { throw WeightsError.missing(file: file.name, name: name) }
        let dimensions = tensor.dimensions
        guard dimensions[0] == columns, dimensions.dropFirst().reduce(1, *) == rows else {
            throw WeightsError.malformed(
                file: file.name, place: "the shape of tensor `\(name)`", expected: "\(columns) × \(rows)",
                found: dimensions.map(String.init).joined(separator: " × "))
        }
        return tensor
    }

    func matrix(_ name: String, rows: Int, columns: Int) throws -> Matrix {
        try Matrix(rows: rows, columns: columns) { try fill($0, name, rows: rows, columns: columns) }
    }

    private func fill(_ out: UnsafeMutablePointer<Float>, _ name: String, rows: Int, columns: Int) throws {
        let tensor = try tensor(name, rows: rows, columns: columns)
        let type = tensor.type
        try file.file.withBytes(at: tensor.offset, length: tensor.byteCount, reading: "tensor `\(name)`") { bytes in
            guard let base = bytes.baseAddress else { return }
            let rowBlocks = columns / Int(type.blockLength)
            Parallel.ranges(of: rows, atLeast: max(1, 65536 / columns)) { range in
                type.dequantize(
                    base + range.lowerBound * rowBlocks * Int(type.blockBytes), to: out + range.lowerBound * columns,
                    blocks: range.count * rowBlocks)
            }
        }
    }

    func layer(_ index: Int, _ shape: ModelConfiguration) throws -> LanguageModelWeights.Layer {
        let prefix = "blk.\(index)."
        let (width, query, key, inner) = (shape.width, shape.queryWidth, shape.keyWidth, shape.ffnWidth)
        let qkv = try Matrix(rows: shape.qkvWidth, columns: width) { out in
            try fillUnpermuted(out, prefix + "attn_q.weight", heads: shape.heads, shape)
            try fillUnpermuted(out + query * width, prefix + "attn_k.weight", heads: shape.kvHeads, shape)
            try fill(out + (query + key) * width, prefix + "attn_v.weight", rows: key, columns: width)
        }
        let gateUp = try Matrix(rows: 2 * inner, columns: width) { out in
            try fill(out, prefix + "ffn_gate.weight", rows: inner, columns: width)
            try fill(out + inner * width, prefix + "ffn_up.weight", rows: inner, columns: width)
        }
        return LanguageModelWeights.Layer(
            attentionNorm: try matrix(prefix + "attn_norm.weight", rows: 1, columns: width), qkv: qkv,
            output: try matrix(prefix + "attn_output.weight", rows: width, columns: query),
            feedForwardNorm: try matrix(prefix + "ffn_norm.weight", rows: 1, columns: width), gateUp: gateUp,
            down: try matrix(prefix + "ffn_down.weight", rows: width, columns: inner))
    }

    /// Row 2i + j of a head in the file is row i + j · half here (llama.cpp's `permute`, undone).
    private func fillUnpermuted(
        _ out: UnsafeMutablePointer<Float>, _ name: String, heads: Int, _ shape: ModelConfiguration
    ) throws {
        let (half, width) = (shape.headWidth / 2, shape.width)
        let stored = try matrix(name, rows: heads * shape.headWidth, columns: width)
        for head in 0..<heads {
            let first = head * shape.headWidth
            for i in 0..<half {
                for j in 0..<2 {
                    (out + (first + i + j * half) * width)
                        .update(from: stored.row(first + 2 * i + j), count: width)
                }
            }
        }
    }
}

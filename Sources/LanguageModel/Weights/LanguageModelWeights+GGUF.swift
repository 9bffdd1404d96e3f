public import Foundation

extension LanguageModelWeights {
    /// Opens a GGUF file; its tensors stay as they are stored.
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

/// Finds tensors by name and checks their shapes.
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

    /// A tensor's rows as they are stored.
    private func run(_ name: String, rows: Int, columns: Int) throws -> StoredRows.Run {
        let tensor = try tensor(name, rows: rows, columns: columns)
        return try file.file.withBytes(at: tensor.offset, length: tensor.byteCount, reading: "tensor `\(name)`") { _ in
            StoredRows.Run(type: tensor.type, owner: file.file.mapping, offset: Int(tensor.offset), rows: rows)
        }
    }

    func matrix(_ name: String, rows: Int, columns: Int) throws -> Matrix {
        Matrix(StoredRows([try run(name, rows: rows, columns: columns)], columns: columns))
    }

    func layer(_ index: Int, _ shape: ModelConfiguration) throws -> LanguageModelWeights.Layer {
        let prefix = "blk.\(index)."
        let (width, query, key, inner) = (shape.width, shape.queryWidth, shape.keyWidth, shape.ffnWidth)
        let qkv = StoredRows(
            [
                try unpermuted(run(prefix + "attn_q.weight", rows: query, columns: width), heads: shape.heads, shape),
                try unpermuted(run(prefix + "attn_k.weight", rows: key, columns: width), heads: shape.kvHeads, shape),
                try run(prefix + "attn_v.weight", rows: key, columns: width),
            ], columns: width)
        let gateUp = StoredRows(
            [
                try run(prefix + "ffn_gate.weight", rows: inner, columns: width),
                try run(prefix + "ffn_up.weight", rows: inner, columns: width),
            ], columns: width)
        return LanguageModelWeights.Layer(
            attentionNorm: try matrix(prefix + "attn_norm.weight", rows: 1, columns: width), qkv: Matrix(qkv),
            output: try matrix(prefix + "attn_output.weight", rows: width, columns: query),
            feedForwardNorm: try matrix(prefix + "ffn_norm.weight", rows: 1, columns: width), gateUp: Matrix(gateUp),
            down: try matrix(prefix + "ffn_down.weight", rows: width, columns: inner))
    }

    /// A copy in which row 2i + j of a head in the file is row i + j · half (llama.cpp's `permute`, undone).
    private func unpermuted(_ run: StoredRows.Run, heads: Int, _ shape: ModelConfiguration) throws -> StoredRows.Run {
        let half = shape.headWidth / 2
        let rowBytes = run.type.rowBytes(columns: shape.width)
        let stored = run.owner.bytes[run.offset..<run.offset + run.rows * rowBytes]
        var copy = Data(capacity: stored.count)
        for head in 0..<heads {
            for j in 0..<2 {
                for i in 0..<half {
                    let start = stored.startIndex + (head * shape.headWidth + 2 * i + j) * rowBytes
                    copy.append(contentsOf: stored[start..<start + rowBytes])
                }
            }
        }
        return StoredRows.Run(type: run.type, owner: FileMapping(copying: copy), offset: 0, rows: run.rows)
    }
}

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
        return try LanguageModelWeights(
            configuration: shape, sourceLayers: Array(0..<shape.layers), name: file.name, digest: FileDigest(file.file)
        ) { try loader.matrix($0, shape) }
    }
}

/// Finds tensors by name and checks their shapes.
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

    /// A part's tensors, as they are stored.
    func matrix(_ part: ModelPart, _ shape: ModelConfiguration) throws -> Matrix {
        let tensors = shape.tensors(part)
        let runs = try tensors.map { tensor in
            let stored = try run(tensor)
            return tensor.interleavedHeads > 0
                ? separated(stored, heads: tensor.interleavedHeads, columns: tensor.columns) : stored
        }
        let (rows, columns) = (part.rows(shape), part.columns(shape))
        if tensors.allSatisfy({ $0.columns == columns }) { return Matrix(StoredRows(runs, columns: columns)) }
        // Vectors that lie one after another in one row.
        return Matrix(rows: rows, columns: columns) { out in
            for (tensor, run) in zip(tensors, runs) {
                StoredRows([run], columns: tensor.columns).write(0..<tensor.rows, to: out + tensor.offset)
            }
        }
    }

    private func run(_ tensor: ModelTensor) throws -> StoredRows.Run {
        let stored = try stored(tensor)
        return try file.file.withBytes(at: stored.offset, length: stored.byteCount, reading: "tensor `\(stored.name)`")
        {
            _ in
            StoredRows.Run(type: stored.type, owner: file.file.mapping, offset: Int(stored.offset), rows: tensor.rows)
        }
    }

    /// A copy in which row 2i + j of a head in the file is row i + j · half (llama.cpp's `permute`, undone).
    private func separated(_ run: StoredRows.Run, heads: Int, columns: Int) -> StoredRows.Run {
        let headWidth = run.rows / heads
        let rowBytes = run.type.rowBytes(columns: columns)
        let stored = run.owner.bytes[run.offset..<run.offset + run.rows * rowBytes]
        var copy = Data(capacity: stored.count)
        for head in 0..<heads {
            for j in 0..<2 {
                for i in 0..<headWidth / 2 {
                    let start = stored.startIndex + (head * headWidth + 2 * i + j) * rowBytes
                    copy.append(contentsOf: stored[start..<start + rowBytes])
                }
            }
        }
        return StoredRows.Run(type: run.type, owner: FileMapping(copying: copy), offset: 0, rows: run.rows)
    }
}

extension LanguageModelWeights {
    /// Opens the weights of a folder in Hugging Face's layout; they stay as they are stored, where the files are mapped.
    /// - Throws: `WeightsError` where a tensor is absent, or of a shape or type other than `config.json` says.
    public static func load(_ folder: SafetensorsFolder) throws -> LanguageModelWeights {
        let shape = folder.configuration
        // All shapes are checked before any memory is taken.
        try folder.check(shape)
        return try LanguageModelWeights(
            configuration: shape, sourceLayers: Array(0..<shape.layers), name: folder.name,
            digest: FileDigest { try SafetensorsFolder.sha256(of: folder.name) }
        ) { part in
            try folder.matrix(part, shape)
        }
    }
}

extension SafetensorsFolder {
    fileprivate func check(_ shape: ModelConfiguration) throws {
        let expected = shape.tensors
        for tensor in expected { _ = try run(tensor) }
        let known = Set(expected.map(\.name))
        // A model with more than we compute with, such as biases, would run and be wrong. Tables that the library
        // computes anew are no part of it; nor is an output projection that is tied to the embedding.
        let surplus = tensorNames.filter {
            !known.contains($0) && $0 != "lm_head.weight" && !$0.hasSuffix(".rotary_emb.inv_freq")
        }
        if let first = surplus.min() {
            throw WeightsError.unsupported(
                file: name, what: "`\(first)`", found: "present",
                supported: "models of the architecture `\(shape.architecture.rawValue)` without it")
        }
    }

    private func stored(_ wanted: ModelTensor) throws -> (file: Safetensors, tensor: Safetensors.Tensor) {
        guard let found = tensor(wanted.name) else { throw WeightsError.missing(file: name, name: wanted.name) }
        guard found.tensor.shape == wanted.shape else {
            throw WeightsError.malformed(
                file: name, place: "the shape of tensor `\(wanted.name)`", expected: "\(wanted.shape)",
                found: "\(found.tensor.shape)")
        }
        return found
    }

    /// A part's tensors, as they are stored.
    fileprivate func matrix(_ part: ModelPart, _ shape: ModelConfiguration) throws -> Matrix {
        let tensors = shape.tensors(part)
        let runs = try tensors.map { try run($0) }
        let (rows, columns) = (part.rows(shape), part.columns(shape))
        if tensors.allSatisfy({ $0.columns == columns && $0.storedOffset == 0 }) {
            return Matrix(StoredRows(runs, columns: columns))
        }
        // Vectors that lie one after another in one row, or of which a part is left out of files.
        return Matrix(rows: rows, columns: columns) { out in
            for (tensor, run) in zip(tensors, runs) {
                StoredRows([run], columns: tensor.columns).write(0..<tensor.rows, to: out + tensor.offset)
                for index in 0..<tensor.count { out[tensor.offset + index] += tensor.storedOffset }
            }
        }
    }

    private func run(_ wanted: ModelTensor) throws -> StoredRows.Run {
        let (file, tensor) = try stored(wanted)
        guard let run = file.run(tensor, rows: wanted.rows) else {
            throw WeightsError.unsupported(
                file: name, what: "the storage type of tensor `\(wanted.name)`", found: tensor.dtype.name,
                supported: "F32, F16 and BF16")
        }
        return run
    }
}

internal import CSIMD

/// An encoder's numbers, named as BERT's checkpoints name them.
struct EncoderWeights: Sendable {
    /// A linear layer: [out, in], and what is added to its outputs, [1, out].
    struct Linear: Sendable {
        let weight: Matrix
        let bias: Matrix
    }

    /// Weight and bias of a layer norm, [1, width] each.
    struct Norm: Sendable {
        let weight: Matrix
        let bias: Matrix
    }

    struct Layer: Sendable {
        /// Queries, keys and values, one below the other: [3 width, width].
        let qkv: Linear
        let attentionOutput: Linear
        let attentionNorm: Norm
        /// [ffnWidth, width]
        let up: Linear
        /// [width, ffnWidth]
        let down: Linear
        let outputNorm: Norm
    }

    /// [vocabulary, width], as the file stores it: a few rows are wanted of it.
    let tokens: Matrix
    /// [positions, width], with the first segment's vector added.
    let positions: Matrix
    let norm: Norm
    let layers: [Layer]

    /// - Throws: `WeightsError` where a tensor is absent, or of another shape or type than the configuration says.
    init(_ file: Safetensors, _ shape: EncoderConfiguration, name: String) throws {
        let reader = EncoderTensors(file, name: name)
        let width = shape.width
        func norm(_ prefix: String) throws -> Norm {
            Norm(
                weight: try reader.vector(["\(prefix).LayerNorm.weight"], width),
                bias: try reader.vector(["\(prefix).LayerNorm.bias"], width))
        }
        func linear(_ names: [String], _ outputs: Int, _ inputs: Int) throws -> Linear {
            Linear(
                weight: try reader.matrix(names.map { "\($0).weight" }, rows: outputs, columns: inputs).inFloats(),
                bias: try reader.vector(names.map { "\($0).bias" }, outputs))
        }
        tokens = try reader.matrix(["embeddings.word_embeddings.weight"], rows: shape.vocabulary, columns: width)
        let places = try reader.matrix(
            ["embeddings.position_embeddings.weight"], rows: shape.positions, columns: width)
        let segments = try reader.matrix(
            ["embeddings.token_type_embeddings.weight"], rows: shape.segments, columns: width)
        positions = Matrix(rows: shape.positions, columns: width) { out in
            places.write(to: out)
            for row in 0..<shape.positions { Kernels.best.add(segments.pointer, out + row * width, width) }
        }
        self.norm = try norm("embeddings")
        layers = try (0..<shape.layers).map { index in
            let layer = "encoder.layer.\(index)"
            return Layer(
                qkv: try linear(["query", "key", "value"].map { "\(layer).attention.self.\($0)" }, width, width),
                attentionOutput: try linear(["\(layer).attention.output.dense"], width, width),
                attentionNorm: try norm("\(layer).attention.output"),
                up: try linear(["\(layer).intermediate.dense"], shape.ffnWidth, width),
                down: try linear(["\(layer).output.dense"], width, shape.ffnWidth),
                outputNorm: try norm("\(layer).output"))
        }
        try reader.refuseOthers()
    }

    /// How many numbers there are, the pooler's and the first segment's apart.
    var count: Int {
        layers.reduce(tokens.count + positions.count + norm.weight.count + norm.bias.count) { sum, layer in
            let linears = [layer.qkv, layer.attentionOutput, layer.up, layer.down]
            let norms = [layer.attentionNorm, layer.outputNorm]
            return sum + linears.reduce(0) { $0 + $1.weight.count + $1.bias.count }
                + norms.reduce(0) { $0 + $1.weight.count + $1.bias.count }
        }
    }
}

extension Matrix {
    /// The same values as floats in memory of their own.
    fileprivate func inFloats() -> Matrix { Matrix(rows: rows, columns: columns) { write(to: $0) } }
}

/// The tensors of an encoder's file, checked as they are read.
private final class EncoderTensors {
    private let file: Safetensors
    private let name: String
    /// What models with a head put before the encoder's names.
    private let prefix: String
    private var known: Set<String> = []

    init(_ file: Safetensors, name: String) {
        self.file = file
        self.name = name
        prefix = file.tensors.keys.contains("bert.embeddings.word_embeddings.weight") ? "bert." : ""
    }

    /// Tensors of one shape, [rows, columns] each, one below the other.
    func matrix(_ names: [String], rows: Int, columns: Int) throws -> Matrix {
        Matrix(StoredRows(try names.map { try run($0, [rows, columns], rows: rows) }, columns: columns))
    }

    /// Vectors of one length, one after another.
    func vector(_ names: [String], _ count: Int) throws -> Matrix {
        let parts = try names.map { StoredRows([try run($0, [count], rows: 1)], columns: count) }
        return Matrix(rows: 1, columns: count * parts.count) { out in
            for (index, part) in parts.enumerated() { part.write(0..<1, to: out + index * count) }
        }
    }

    private func run(_ tensor: String, _ shape: [Int], rows: Int) throws -> StoredRows.Run {
        known.insert(prefix + tensor)
        guard let found = file.tensors[prefix + tensor] else {
            throw WeightsError.missing(file: name, name: prefix + tensor)
        }
        guard found.shape == shape else {
            throw WeightsError.malformed(
                file: name, place: "the shape of tensor `\(prefix + tensor)`", expected: "\(shape)",
                found: "\(found.shape)")
        }
        guard let run = file.run(found, rows: rows) else {
            throw WeightsError.unsupported(
                file: name, what: "the storage type of tensor `\(prefix + tensor)`", found: found.dtype.name,
                supported: "F32, F16 and BF16")
        }
        return run
    }

    /// A model with more than is computed here would run and be wrong. Pooler and heads come after the vectors that
    /// count.
    func refuseOthers() throws {
        let others = file.tensors.keys.filter { key in
            !known.contains(key) && !key.hasPrefix(prefix + "pooler.") && !key.hasPrefix("cls.")
                && !key.hasSuffix("embeddings.position_ids")
        }
        if let first = others.min() {
            throw WeightsError.unsupported(
                file: name, what: "`\(first)`", found: "present", supported: "encoders of the type `bert` without it")
        }
    }
}

public import Foundation

extension LoRAAdapter {
    /// How an adapter's numbers are stored.
    public enum Precision: Sendable {
        /// 16-bit floats: half the size; for adapters that are shipped.
        case half
        /// 32-bit floats: exactly what was trained.
        case single

        var element: Safetensors.Element { self == .half ? .half : .single }
        var encoding: TensorEncoding { self == .half ? .half : .single }
    }

    private static func name(_ layer: Int, _ projection: Projection, _ matrix: String) -> String {
        "base_model.model.model.layers.\(layer).\(projection.rawValue).lora_\(matrix).weight"
    }

    /// The adapter as a safetensors file in PEFT's layout, deterministic to the byte.
    /// https://huggingface.co/docs/peft/developer_guides/checkpoint
    public func encode(_ precision: Precision = .single) throws -> Data {
        var metadata = metadata
        metadata["rank"] = "\(rank)"
        metadata["alpha"] = "\(alpha)"
        metadata["format"] = "pt"
        var file = Safetensors(metadata: metadata)
        for layer in 0..<layers {
            for projection in Projection.allCases {
                file.append(
                    Self.name(layer, projection, "A"), shape: [rank, projection.inputs(layout.shape)],
                    a(layer: layer, projection), as: precision)
                file.append(
                    Self.name(layer, projection, "B"), shape: [projection.outputs(layout.shape), rank],
                    b(layer: layer, projection), as: precision)
            }
        }
        return try file.encode()
    }

    /// Reads an adapter for a model of the given shape.
    ///
    /// Projections that the file leaves out stay unadapted. `rank` and `alpha` come from `__metadata__`; a file of
    /// PEFT's own, which keeps α elsewhere, is read with α = rank unless `alpha` is given.
    /// - Parameters:
    ///   - name: what messages call the file.
    /// - Throws: `WeightsError` for a damaged file, `EngineError.adapterMismatch` for another model's.
    public init(
        decoding bytes: Data, for shape: ModelConfiguration, alpha: Float? = nil, name: String = "the adapter"
    ) throws {
        let file = try Safetensors(bytes, name: name)
        guard let first = file.tensors.first(where: { $0.key.contains("lora_A") })?.value, first.shape.count == 2 else {
            throw WeightsError.missing(file: name, name: "base_model.model.model.layers.0.….lora_A.weight")
        }
        let rank = first.shape[0]
        try Self.checkRank(rank, shape)
        let written = file.metadata["alpha"].flatMap(Float.init)
        let alpha = alpha ?? written ?? Float(rank)
        guard alpha.isFinite, alpha > 0 else {
            throw WeightsError.malformed(
                file: name, place: "`alpha`", expected: "a positive number", found: file.metadata["alpha"] ?? "\(alpha)"
            )
        }
        let layout = LoRALayout(shape, rank: rank)
        var values = [Float](repeating: 0, count: layout.count)
        var read = 0
        for layer in 0..<shape.layers {
            for projection in Projection.allCases {
                let matrices = [
                    ("A", [rank, projection.inputs(shape)], layout.a(layer, projection)),
                    ("B", [projection.outputs(shape), rank], layout.b(layer, projection)),
                ]
                for (matrix, expected, range) in matrices {
                    let key = Self.name(layer, projection, matrix)
                    guard let found = try file.values(key, shape: expected, file: name) else { continue }
                    values.replaceSubrange(range, with: found)
                    read += 1
                }
            }
        }
        guard read == file.tensors.count else {
            throw EngineError.adapterMismatch(
                place: "the number of matrices in \(name)", expected: "\(read) (those that fit the model)",
                found: "\(file.tensors.count)")
        }
        self.init(layout: layout, alpha: alpha, values: values)
        metadata = file.metadata.filter { !["rank", "alpha", "format"].contains($0.key) }
    }
}

internal import Distillation

/// A low-rank adapter (Hu et al. 2021): for every projection of every layer W becomes W + α/r · B A.
///
/// A is [rank, inputs], B [outputs, rank], both row-major.
public struct LoRAAdapter: Sendable, Hashable {
    /// The rank r.
    public var rank: Int { layout.rank }
    /// The numerator of the scale α/r.
    public let alpha: Float
    /// Number of layers adapted.
    public var layers: Int { layout.shape.layers }
    /// What the file says beside the matrices: hashes of the base and of the training rows, for example.
    /// `rank` and `alpha` are written by `encode` itself.
    public var metadata: [String: String] = [:]

    let layout: LoRALayout
    /// All matrices, where `layout` says.
    var values: [Float]

    /// α/r.
    public var scale: Float { alpha / Float(rank) }

    init(layout: LoRALayout, alpha: Float, values: [Float]) {
        self.layout = layout
        self.alpha = alpha
        self.values = values
    }

    /// A [rank, inputs] of a projection.
    public func a(layer: Int, _ projection: Projection) -> ArraySlice<Float> {
        values[layout.a(layer, projection)]
    }

    /// B [outputs, rank] of a projection.
    public func b(layer: Int, _ projection: Projection) -> ArraySlice<Float> {
        values[layout.b(layer, projection)]
    }

    /// A fresh adapter: A uniform in ±1/√inputs (Kaiming's rule as PEFT applies it, a = √5), B zero, so that the
    /// model starts unchanged.
    /// - Throws: `EngineError.invalidOption` for a rank or α out of range.
    static func fresh(_ shape: ModelConfiguration, rank: Int, alpha: Float, seed: UInt64) throws -> LoRAAdapter {
        try checkRank(rank, shape)
        guard alpha.isFinite, alpha > 0 else {
            throw EngineError.invalidOption(name: "alpha", expected: "a positive number", found: "\(alpha)")
        }
        let layout = LoRALayout(shape, rank: rank)
        var values = [Float](repeating: 0, count: layout.count)
        var random = RandomStream(seed: seed)
        for layer in 0..<shape.layers {
            for projection in Projection.allCases {
                let bound = 1 / Float(projection.inputs(shape)).squareRoot()
                for index in layout.a(layer, projection) { values[index] = (2 * random.unit() - 1) * bound }
            }
        }
        return LoRAAdapter(layout: layout, alpha: alpha, values: values)
    }

    /// A rank beyond the model's width adds nothing; the check also bounds what a hostile file can ask for.
    static func checkRank(_ rank: Int, _ shape: ModelConfiguration) throws {
        guard (1...shape.width).contains(rank) else {
            throw EngineError.invalidOption(name: "rank", expected: "1 to \(shape.width)", found: "\(rank)")
        }
    }
}

extension LanguageModelWeights {
    /// These weights with the adapter added to copies of the projections.
    /// - Throws: `EngineError.adapterMismatch`.
    func merging(_ adapter: LoRAAdapter) throws -> LanguageModelWeights {
        guard adapter.layout.shape == configuration else {
            throw EngineError.adapterMismatch(
                place: "the shape of the model", expected: "\(configuration)", found: "\(adapter.layout.shape)")
        }
        let merged = layers.enumerated().map { index, layer in
            var layer = layer
            layer.qkv = layer.qkv.adding(adapter, layer: index, [.query, .key, .value])
            layer.output = layer.output.adding(adapter, layer: index, [.output])
            layer.gateUp = layer.gateUp.adding(adapter, layer: index, [.gate, .up])
            layer.down = layer.down.adding(adapter, layer: index, [.down])
            return layer
        }
        return replacing(layers: merged)
    }
}

extension Matrix {
    /// A copy with α/r · B A added to the rows of each of the projections, which this matrix stacks.
    fileprivate func adding(_ adapter: LoRAAdapter, layer: Int, _ projections: [Projection]) -> Matrix {
        let layout = adapter.layout
        return Matrix(rows: rows, columns: columns) { out in
            write(to: out)
            adapter.values.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress else { return }
                var row = 0
                for projection in projections {
                    let outputs = projection.outputs(layout.shape)
                    MatrixProduct.parallel(
                        .plain(base + layout.b(layer, projection).lowerBound, stride: layout.rank),
                        .plain(base + layout.a(layer, projection).lowerBound, stride: columns),
                        into: out + row * columns, stride: columns, rows: outputs, columns: columns, inner: layout.rank,
                        scale: adapter.scale, keep: 1)
                    row += outputs
                }
            }
        }
    }
}

internal import Distillation

/// Where fine-tuning begins: the base, with what was learnt before in it.
///
/// Whatever was trained on what, the file of the result stands on the base alone, so that nothing has to be followed
/// from file to file: adapters beside each other are one adapter of the ranks' sum, and an adapter on trained weights is
/// merged into them.
struct StartingPoint {
    /// What training sees as the frozen weights, or begins with.
    let weights: LanguageModelWeights
    /// Bytes that these weights take beside those of the base.
    let ownBytes: Int
    private let learnt: TrainingResult?

    /// - Parameter learnt: what was learnt before; nil for an untrained base.
    /// - Throws: `EngineError.adapterMismatch`, and `EngineError.invalidOption` where the ranks add up to more than the
    ///   model's width.
    init(_ base: LanguageModelWeights, learnt: TrainingResult?, options: FineTuneOptions) throws {
        self.learnt = learnt
        switch learnt {
        case nil:
            weights = base
            ownBytes = 0
        case .adapter(let adapter)?:
            if options.update == .lora {
                let left = base.configuration.width - adapter.rank
                guard options.rank <= left else {
                    throw EngineError.invalidOption(
                        name: "rank",
                        expected: "at most \(left), since the model has an adapter of rank \(adapter.rank)",
                        found: "\(options.rank)")
                }
            }
            weights = try base.merging(adapter)
            ownBytes = WeightsLayout(base.configuration).layersCount * MemoryLayout<Float>.stride
        case .weights(let trained)?:
            weights = trained
            ownBytes = trained.byteCount
        }
    }

    /// What was learnt before and now, in one.
    func whole(_ trained: TrainingResult) throws -> TrainingResult {
        switch (learnt, trained) {
        case (nil, _), (_, .weights): trained
        case (.adapter(let before)?, .adapter(let now)): .adapter(try before.beside(now))
        case (.weights(let before)?, .adapter(let now)): .weights(try before.merging(now))
        }
    }
}

extension LoRAAdapter {
    /// One adapter that does what both do: s₁ B₁ A₁ + s₂ B₂ A₂ = [s₁ B₁, s₂ B₂] [A₁; A₂], of the ranks' sum and scale 1.
    /// - Throws: `EngineError.adapterMismatch`, or `EngineError.invalidOption` where the sum is more than the width.
    func beside(_ other: LoRAAdapter) throws -> LoRAAdapter {
        let shape = layout.shape
        guard shape == other.layout.shape else {
            throw EngineError.adapterMismatch(
                place: "the shape of the model", expected: "\(shape)", found: "\(other.layout.shape)")
        }
        try Self.checkRank(rank + other.rank, shape)
        let both = LoRALayout(shape, rank: rank + other.rank)
        var values = [Float](repeating: 0, count: both.count)
        for layer in 0..<shape.layers {
            for projection in Projection.allCases {
                let rows = Array(a(layer: layer, projection)) + other.a(layer: layer, projection)
                values.replaceSubrange(both.a(layer, projection), with: rows)
                let (mine, theirs) = (Array(b(layer: layer, projection)), Array(other.b(layer: layer, projection)))
                var columns: [Float] = []
                columns.reserveCapacity(both.b(layer, projection).count)
                for output in 0..<projection.outputs(shape) {
                    columns += mine[output * rank..<(output + 1) * rank].map { scale * $0 }
                    columns += theirs[output * other.rank..<(output + 1) * other.rank].map { other.scale * $0 }
                }
                values.replaceSubrange(both.b(layer, projection), with: columns)
            }
        }
        return LoRAAdapter(layout: both, alpha: Float(both.rank), values: values)
    }
}

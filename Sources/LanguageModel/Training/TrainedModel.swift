/// A model in training: which of its matrices are frozen, which are trained, and where those lie in one flat array.
struct TrainedModel {
    typealias Layer = LayerParts<TrainedMatrix>

    let shape: ModelConfiguration
    let layers: [Layer]
    /// [vocabulary, width]
    let embedding: TrainedMatrix
    /// [width]
    let finalNorm: TrainedMatrix
    /// [vocabulary, width]; the embedding where they are tied.
    let head: TrainedMatrix
    /// How many values are trained.
    let count: Int
    /// The trained values that weight decay leaves alone: norms' gains and biases.
    let undecayed: [Range<Int>]
    private let adapters: (layout: LoRALayout, scale: Float)?

    /// Whether all weights are trained.
    var isFull: Bool { adapters == nil }

    /// Frozen weights with adapters beside all projections.
    init(_ weights: LanguageModelWeights, layout: LoRALayout, scale: Float) {
        shape = weights.configuration
        layers = weights.layers.map { $0.map(TrainedMatrix.frozen) }
        embedding = .frozen(weights.embedding)
        finalNorm = .frozen(weights.finalNorm)
        head = .frozen(weights.head)
        count = layout.count
        undecayed = []
        adapters = (layout, scale)
    }

    /// Everything is trained.
    init(_ layout: WeightsLayout) {
        let shape = layout.shape
        self.shape = shape
        layers = (0..<shape.layers).map { index in
            Layer(shape) { part in
                .trained(
                    offset: layout.part(index, part).lowerBound, rows: part.rows(shape), columns: part.columns(shape))
            }
        }
        embedding = .trained(offset: layout.embedding.lowerBound, rows: shape.vocabulary, columns: shape.width)
        finalNorm = .trained(offset: layout.finalNorm.lowerBound, rows: 1, columns: shape.width)
        head = .trained(offset: layout.head.lowerBound, rows: shape.vocabulary, columns: shape.width)
        count = layout.count
        undecayed = layout.vectors
        adapters = nil
    }

    /// The adapters of projections that lie in one matrix; nil where the matrix itself is trained.
    func update(_ layer: Int, _ projections: [Projection]) -> LowRankUpdate? {
        adapters.map { LowRankUpdate(projections: projections, layer: layer, layout: $0.layout, scale: $0.scale) }
    }
}

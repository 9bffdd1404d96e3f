/// Where each matrix of a model lies in one flat array of floats: what full fine-tuning trains.
///
/// Matrices are stacked as in `LanguageModelWeights` (queries, keys and values in one; gate and up in one).
struct WeightsLayout: Sendable, Hashable {
    /// A matrix of the model.
    enum Part: Sendable, Hashable, CaseIterable {
        case attentionNorm, qkv, output, feedForwardNorm, gateUp, down

        func rows(_ shape: ModelConfiguration) -> Int {
            switch self {
            case .attentionNorm, .feedForwardNorm: 1
            case .qkv: shape.qkvWidth
            case .output, .down: shape.width
            case .gateUp: 2 * shape.ffnWidth
            }
        }

        func columns(_ shape: ModelConfiguration) -> Int {
            switch self {
            case .attentionNorm, .feedForwardNorm, .qkv, .gateUp: shape.width
            case .output: shape.queryWidth
            case .down: shape.ffnWidth
            }
        }
    }

    let shape: ModelConfiguration
    private let layerCount: Int
    private let offsets: [Part: Int]

    init(_ shape: ModelConfiguration) {
        self.shape = shape
        var offset = 0
        var offsets: [Part: Int] = [:]
        for part in Part.allCases {
            offsets[part] = offset
            offset += part.rows(shape) * part.columns(shape)
        }
        self.offsets = offsets
        layerCount = offset
    }

    /// [vocabulary, width]
    var embedding: Range<Int> { 0..<shape.vocabulary * shape.width }

    /// A matrix [rows, columns] of a layer.
    func part(_ layer: Int, _ part: Part) -> Range<Int> {
        let start = embedding.upperBound + layer * layerCount + (offsets[part] ?? 0)
        return start..<start + part.rows(shape) * part.columns(shape)
    }

    /// [width]
    var finalNorm: Range<Int> {
        let start = embedding.upperBound + shape.layers * layerCount
        return start..<start + shape.width
    }

    /// [vocabulary, width]; the embedding itself when they are tied.
    var head: Range<Int> {
        shape.tiedEmbeddings
            ? embedding : finalNorm.upperBound..<finalNorm.upperBound + shape.vocabulary * shape.width
    }

    /// The norms' gains and the biases, in order: what weight decay leaves alone. They are the vectors of the model.
    var vectors: [Range<Int>] {
        let parts = Part.allCases.filter { $0.rows(shape) == 1 || $0.columns(shape) == 1 }
        let ranges = (0..<shape.layers).flatMap { layer in parts.map { part(layer, $0) } }
        return (ranges + [finalNorm]).sorted { $0.lowerBound < $1.lowerBound }
    }

    /// Floats in all layers together.
    var layersCount: Int { shape.layers * layerCount }

    /// Floats in all.
    var count: Int { max(finalNorm.upperBound, head.upperBound) }
}

extension LanguageModelWeights {
    /// All weights in one array, where `layout` says.
    func flattened(_ layout: WeightsLayout) -> [Float] {
        [Float](unsafeUninitializedCapacity: layout.count) { buffer, count in
            func put(_ matrix: Matrix, _ range: Range<Int>) {
                guard let base = buffer.baseAddress else { return }
                (base + range.lowerBound).initialize(from: matrix.pointer, count: range.count)
            }
            put(embedding, layout.embedding)
            for (index, layer) in layers.enumerated() {
                for part in WeightsLayout.Part.allCases { put(layer[part], layout.part(index, part)) }
            }
            put(finalNorm, layout.finalNorm)
            if !configuration.tiedEmbeddings { put(head, layout.head) }
            count = layout.count
        }
    }

    /// The same model with other weights, laid out as `layout` says; the values are copied once.
    func replacing(values: [Float], _ layout: WeightsLayout) -> LanguageModelWeights {
        let storage = FloatStorage(count: values.count)
        values.withUnsafeBufferPointer { values in
            if let base = values.baseAddress { storage.base.update(from: base, count: values.count) }
        }
        let shape = configuration
        func matrix(_ range: Range<Int>, rows: Int, columns: Int) -> Matrix {
            Matrix(storage, offset: range.lowerBound, rows: rows, columns: columns)
        }
        func part(_ layer: Int, _ part: WeightsLayout.Part) -> Matrix {
            matrix(layout.part(layer, part), rows: part.rows(shape), columns: part.columns(shape))
        }
        return LanguageModelWeights(
            configuration: shape, sourceLayers: sourceLayers, name: name,
            layers: layers.indices.map { index in
                Layer(
                    attentionNorm: part(index, .attentionNorm), qkv: part(index, .qkv), output: part(index, .output),
                    feedForwardNorm: part(index, .feedForwardNorm), gateUp: part(index, .gateUp),
                    down: part(index, .down))
            }, embedding: matrix(layout.embedding, rows: shape.vocabulary, columns: shape.width),
            finalNorm: matrix(layout.finalNorm, rows: 1, columns: shape.width),
            head: matrix(layout.head, rows: shape.vocabulary, columns: shape.width), digest: digest)
    }
}

extension LanguageModelWeights.Layer {
    subscript(part: WeightsLayout.Part) -> Matrix {
        switch part {
        case .attentionNorm: attentionNorm
        case .qkv: qkv
        case .output: output
        case .feedForwardNorm: feedForwardNorm
        case .gateUp: gateUp
        case .down: down
        }
    }
}

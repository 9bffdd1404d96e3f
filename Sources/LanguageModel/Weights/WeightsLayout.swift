/// Where each matrix of a model lies in one flat array of floats: what full fine-tuning trains.
///
/// Matrices are stacked as in `LanguageModelWeights` (queries, keys and values in one; gate and up in one).
struct WeightsLayout: Sendable, Hashable {
    let shape: ModelConfiguration
    private let layerCount: Int
    private let offsets: [LayerPart: Int]

    init(_ shape: ModelConfiguration) {
        self.shape = shape
        var offset = 0
        var offsets: [LayerPart: Int] = [:]
        for part in shape.layerParts {
            offsets[part] = offset
            offset += part.rows(shape) * part.columns(shape)
        }
        self.offsets = offsets
        layerCount = offset
    }

    /// [vocabulary, width]
    var embedding: Range<Int> { 0..<shape.vocabulary * shape.width }

    /// A matrix [rows, columns] of a layer; empty where the architecture has no such part.
    func part(_ layer: Int, _ part: LayerPart) -> Range<Int> {
        let start = embedding.upperBound + layer * layerCount
        guard let offset = offsets[part] else { return start..<start }
        return start + offset..<start + offset + part.rows(shape) * part.columns(shape)
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
        shape.parts.filter { $0.rows(shape) == 1 }.map(range).sorted { $0.lowerBound < $1.lowerBound }
    }

    /// Floats in all layers together.
    var layersCount: Int { shape.layers * layerCount }

    /// Floats in all.
    var count: Int { max(finalNorm.upperBound, head.upperBound) }

    func range(_ part: ModelPart) -> Range<Int> {
        switch part {
        case .embedding: embedding
        case .layer(let layer, let layerPart): self.part(layer, layerPart)
        case .finalNorm: finalNorm
        case .head: head
        }
    }

    /// Where a file's tensor lies.
    func range(_ tensor: ModelTensor) -> Range<Int> {
        let start = range(tensor.part).lowerBound + tensor.offset
        return start..<start + tensor.count
    }
}

extension LanguageModelWeights {
    /// All weights in one array, where `layout` says.
    func flattened(_ layout: WeightsLayout) -> [Float] {
        [Float](unsafeUninitializedCapacity: layout.count) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            for part in configuration.parts {
                guard let matrix = self[part] else { continue }
                matrix.write(to: base + layout.range(part).lowerBound)
            }
            count = layout.count
        }
    }

    /// The same model with other weights, laid out as `layout` says; the values are copied once.
    func replacing(values: [Float], _ layout: WeightsLayout) -> LanguageModelWeights {
        let storage = FloatStorage(count: values.count)
        values.withUnsafeBufferPointer { values in
            if let base = values.baseAddress { storage.base.update(from: base, count: values.count) }
        }
        return LanguageModelWeights(
            configuration: configuration, sourceLayers: sourceLayers, name: name, digest: digest
        ) { part in
            Matrix(
                storage, offset: layout.range(part).lowerBound, rows: part.rows(configuration),
                columns: part.columns(configuration))
        }
    }
}

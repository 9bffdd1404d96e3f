import CSIMD

/// Runs tokens of several sequences through the model in one pass, adding to their caches.
///
/// The tokens of all sequences lie one after another in one matrix [tokens, width], without padding: a sequence that
/// reads its prompt and others that decode one token each share every matrix product. Only attention looks at whose
/// token is whose. Holds the working memory, so one pass object is used for many steps, by one thread at a time.
final class InferencePass {
    /// New tokens of one sequence. They stand behind the shared prefix, if there is one, and the cache's tokens.
    struct Span {
        let cache: KeyValueCache
        let tokens: [Int32]
    }

    private let model: Transformer
    private var shape: ModelConfiguration { model.configuration }
    private let attention: CachedAttention

    private let hiddenBuffer = FloatBuffer()
    private let normedBuffer = FloatBuffer()
    private let qkvBuffer = FloatBuffer()
    private let mixedBuffer = FloatBuffer()
    private let gateUpBuffer = FloatBuffer()
    private let innerBuffer = FloatBuffer()
    private let logitsBuffer = FloatBuffer()
    private let activity: EngineActivity
    private var positions: [Int32] = []

    init(_ model: Transformer, activity: EngineActivity = EngineActivity()) {
        self.model = model
        self.activity = activity
        attention = CachedAttention(model.configuration)
    }

    /// Runs the spans' tokens, which must be known tokens with room in their caches and in the context.
    ///
    /// Afterwards the caches have grown, and `logits(rows:)` can be asked for.
    /// - Parameter prefix: what all sequences begin with, run before.
    func run(_ spans: [Span], prefix: KeyValueCache?) {
        activity.countForwardPass()
        let tokens = spans.reduce(0) { $0 + $1.tokens.count }
        let hidden = hiddenBuffer.reserve(tokens * shape.width)
        embed(spans, prefix: prefix, into: hidden)
        for layer in 0..<shape.layers {
            attend(layer, spans, prefix: prefix, hidden: hidden, tokens: tokens)
            feedForward(layer, hidden: hidden, tokens: tokens)
        }
        for span in spans { span.cache.advance(by: span.tokens.count) }
    }

    /// Logits [rows.count, vocabulary] after the given tokens of the last run, counted over all its spans.
    ///
    /// Valid until the next call.
    func logits(rows: [Int]) -> UnsafeMutablePointer<Float> {
        let width = shape.width
        let hidden = hiddenBuffer.reserve(0)
        let normed = normedBuffer.reserve(rows.count * width)
        for (index, row) in rows.enumerated() {
            Kernels.best.rms_norm(
                hidden + row * width, model.weights.finalNorm.pointer, normed + index * width, nil, 1, width,
                shape.normEpsilon)
        }
        let logits = logitsBuffer.reserve(rows.count * shape.vocabulary)
        MatrixProduct.linear(normed, model.weights.head, into: logits, rows: rows.count)
        if let cap = shape.logitSoftcap {
            Parallel.ranges(of: rows.count, atLeast: 1) { range in
                let values = range.count * shape.vocabulary
                Kernels.best.softcap(logits + range.lowerBound * shape.vocabulary, values, cap)
            }
        }
        return logits
    }

    private func embed(_ spans: [Span], prefix: KeyValueCache?, into hidden: UnsafeMutablePointer<Float>) {
        positions.removeAll(keepingCapacity: true)
        for span in spans {
            let first = (prefix?.count ?? 0) + span.cache.count
            for (index, token) in span.tokens.enumerated() {
                model.weights.embedding.write(
                    Int(token)..<Int(token) + 1, to: hidden + positions.count * shape.width)
                positions.append(Int32(first + index))
            }
        }
        if shape.embeddingScale != 1 {
            Kernels.best.scale(hidden, positions.count * shape.width, shape.embeddingScale)
        }
    }

    /// hidden += attention(norm(hidden)) Oᵀ, with a norm around what is added where the architecture has one.
    private func attend(
        _ index: Int, _ spans: [Span], prefix: KeyValueCache?, hidden: UnsafeMutablePointer<Float>, tokens: Int
    ) {
        let layer = model.weights.layers[index]
        let normed = norm(hidden, layer.attentionNorm, tokens: tokens)
        let qkv = qkvBuffer.reserve(tokens * shape.qkvWidth)
        MatrixProduct.linear(normed, layer.qkv, into: qkv, rows: tokens)
        if let bias = layer.qkvBias { Bias.add(bias.pointer, to: qkv, columns: shape.qkvWidth, rows: tokens) }
        if let query = layer.queryNorm, let key = layer.keyNorm {
            HeadNorms(query: query.pointer, key: key.pointer, shape: shape).forward(qkv, tokens: tokens)
        }
        positions.withUnsafeBufferPointer { positions in
            guard let positions = positions.baseAddress else { return }
            model.rotary[index].rotate(
                qkv, positions: positions, rows: tokens, stride: shape.qkvWidth, heads: shape.heads + shape.kvHeads)
        }
        var row = 0
        for span in spans {
            let keys = qkv + row * shape.qkvWidth + shape.queryWidth
            span.cache.write(
                layer: index, keys: keys, values: keys + shape.keyWidth, stride: shape.qkvWidth,
                tokens: span.tokens.count)
            row += span.tokens.count
        }
        let mixed = mixedBuffer.reserve(tokens * shape.queryWidth)
        attention.run(layer: index, queries: qkv, spans: spans, prefix: prefix, into: mixed, tokens: tokens)
        project(mixed, layer.output, layer.postAttentionNorm, addingTo: hidden, tokens: tokens)
    }

    /// hidden += (silu(x Gᵀ) ⊙ x Uᵀ) Dᵀ with x = norm(hidden); GELU or a norm more where the architecture has them.
    private func feedForward(_ index: Int, hidden: UnsafeMutablePointer<Float>, tokens: Int) {
        let layer = model.weights.layers[index]
        let inner = shape.ffnWidth
        let normed = norm(hidden, layer.feedForwardNorm, tokens: tokens)
        let gateUp = gateUpBuffer.reserve(tokens * 2 * inner)
        MatrixProduct.linear(normed, layer.gateUp, into: gateUp, rows: tokens)
        let activated = innerBuffer.reserve(tokens * inner)
        let activation = shape.architecture.activation
        Parallel.ranges(of: tokens, atLeast: max(1, 16384 / inner)) { range in
            activation.multiply(
                gateUp + range.lowerBound * 2 * inner, activated + range.lowerBound * inner, range.count, inner)
        }
        project(activated, layer.down, layer.postFeedForwardNorm, addingTo: hidden, tokens: tokens)
    }

    private func norm(_ hidden: UnsafePointer<Float>, _ weight: Matrix, tokens: Int) -> UnsafeMutablePointer<Float> {
        let normed = normedBuffer.reserve(tokens * shape.width)
        Kernels.best.rms_norm(hidden, weight.pointer, normed, nil, tokens, shape.width, shape.normEpsilon)
        return normed
    }

    private func project(
        _ x: UnsafePointer<Float>, _ weights: Matrix, _ postNorm: Matrix?,
        addingTo hidden: UnsafeMutablePointer<Float>, tokens: Int
    ) {
        guard let postNorm else {
            return MatrixProduct.linear(x, weights, into: hidden, rows: tokens, adding: true)
        }
        let (width, count) = (shape.width, tokens * shape.width)
        let added = normedBuffer.reserve(count)
        MatrixProduct.linear(x, weights, into: added, rows: tokens)
        Kernels.best.rms_norm(added, postNorm.pointer, added, nil, tokens, width, shape.normEpsilon)
        Kernels.best.add(added, hidden, count)
    }
}

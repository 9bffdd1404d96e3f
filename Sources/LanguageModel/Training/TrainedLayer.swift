import CSIMD

/// One transformer block in training, forward and backward.
///
///     middle = input + O(attention(QKV(norm(input))))
///     output = middle + D(silu(G(norm(middle))) ⊙ U(norm(middle)))
///
/// Where the architecture has them, each head's query and key pass a norm before they are rotated, what is added passes
/// one more norm, and GELU stands for silu. What is cheap to compute again (norms, rotation after a norm, silu ⊙) is not
/// kept between the passes.
struct TrainedLayer {
    /// What the forward pass of one layer leaves for the backward pass.
    final class Activations {
        let input = FloatBuffer()
        let inputInverse = FloatBuffer()
        /// Rotated; as projected, where a norm comes before the rotation.
        let qkv = FloatBuffer()
        let mixed = FloatBuffer()
        let middle = FloatBuffer()
        let middleInverse = FloatBuffer()
        /// Not kept where everything is trained: the gates are computed again then, as gradients and moments leave
        /// little memory.
        let gateUp = FloatBuffer()
        let qkvLow = FloatBuffer()
        let outputLow = FloatBuffer()
        let gateUpLow = FloatBuffer()
        let downLow = FloatBuffer()
        /// What attention and feed-forward add, before its norm.
        let attentionAdded = FloatBuffer()
        let attentionAddedInverse = FloatBuffer()
        let feedForwardAdded = FloatBuffer()
        let feedForwardAddedInverse = FloatBuffer()
    }

    /// Working memory that all layers share.
    final class Workspace {
        let normed = FloatBuffer()
        let activated = FloatBuffer()
        let dWide = FloatBuffer()
        let dInner = FloatBuffer()
        let dNormed = FloatBuffer()
        let dLow = FloatBuffer()
        let heads = FloatBuffer()
        let headInverses = FloatBuffer()
        let dAdded = FloatBuffer()
        let gateUp = FloatBuffer()
    }

    /// What does not change from layer to layer in one pass.
    struct Context {
        let packed: PackedRows
        let parameters: UnsafePointer<Float>
        let attention: RowAttention
        let rotary: RotaryTables
        let workspace: Workspace

        var tokens: Int { packed.tokens.count }
    }

    private let shape: ModelConfiguration
    private let layer: Int
    private let attentionNorm: TrainedNorm
    private let feedForwardNorm: TrainedNorm
    private let postAttentionNorm: TrainedNorm?
    private let postFeedForwardNorm: TrainedNorm?
    private let headNorms: (query: TrainedMatrix, key: TrainedMatrix)?
    private let qkv: TrainedLinear
    private let output: TrainedLinear
    private let gateUp: TrainedLinear
    private let down: TrainedLinear
    private let keepsGates: Bool

    init(_ model: TrainedModel, layer: Int) {
        let matrices = model.layers[layer]
        shape = model.shape
        self.layer = layer
        keepsGates = !model.isFull
        attentionNorm = TrainedNorm(matrices.attentionNorm, model.shape)
        feedForwardNorm = TrainedNorm(matrices.feedForwardNorm, model.shape)
        postAttentionNorm = matrices.postAttentionNorm.map { TrainedNorm($0, model.shape) }
        postFeedForwardNorm = matrices.postFeedForwardNorm.map { TrainedNorm($0, model.shape) }
        headNorms = matrices.queryNorm.flatMap { query in matrices.keyNorm.map { (query, $0) } }
        qkv = TrainedLinear(
            weights: matrices.qkv, bias: matrices.qkvBias, update: model.update(layer, [.query, .key, .value]))
        output = TrainedLinear(weights: matrices.output, update: model.update(layer, [.output]))
        gateUp = TrainedLinear(weights: matrices.gateUp, update: model.update(layer, [.gate, .up]))
        down = TrainedLinear(weights: matrices.down, update: model.update(layer, [.down]))
    }

    // MARK: Forward

    /// hidden [tokens, width] goes in as the layer's input and comes out as its output.
    func forward(_ hidden: UnsafeMutablePointer<Float>, _ kept: Activations, _ context: Context) {
        let (tokens, width) = (context.tokens, shape.width)
        let workspace = context.workspace

        kept.input.reserve(tokens * width).update(from: hidden, count: tokens * width)
        let attended = normed(hidden, attentionNorm, inverse: kept.inputInverse.reserve(tokens), context)
        let heads = kept.qkv.reserve(tokens * shape.qkvWidth)
        qkv.forward(
            attended, parameters: context.parameters, middle: kept.qkvLow.reserve(tokens * qkv.middleWidth),
            into: heads, tokens: tokens)
        let mixed = kept.mixed.reserve(tokens * shape.queryWidth)
        if headNorms == nil { rotate(heads, direction: 1, context) }
        context.attention.forward(
            context.packed.segments, window: shape.window(layer), qkv: attending(kept, context), into: mixed)
        add(
            output, mixed, low: kept.outputLow, postAttentionNorm, added: kept.attentionAdded,
            inverse: kept.attentionAddedInverse, to: hidden, context)

        kept.middle.reserve(tokens * width).update(from: hidden, count: tokens * width)
        let fed = normed(hidden, feedForwardNorm, inverse: kept.middleInverse.reserve(tokens), context)
        let gates = gates(fed, kept, context)
        let activated = activate(gates, workspace, tokens: tokens)
        add(
            down, activated, low: kept.downLow, postFeedForwardNorm, added: kept.feedForwardAdded,
            inverse: kept.feedForwardAddedInverse, to: hidden, context)
    }

    /// hidden += norm(W x), the norm where there is one.
    private func add(
        _ projection: TrainedLinear, _ x: UnsafePointer<Float>, low: FloatBuffer, _ norm: TrainedNorm?,
        added: FloatBuffer, inverse: FloatBuffer, to hidden: UnsafeMutablePointer<Float>, _ context: Context
    ) {
        let (tokens, parameters) = (context.tokens, context.parameters)
        let middle = low.reserve(tokens * projection.middleWidth)
        guard let norm else {
            return projection.forward(
                x, parameters: parameters, middle: middle, into: hidden, adding: true, tokens: tokens)
        }
        let projected = added.reserve(tokens * shape.width)
        projection.forward(x, parameters: parameters, middle: middle, into: projected, tokens: tokens)
        let normed = context.workspace.normed.reserve(tokens * shape.width)
        norm.forward(
            projected, parameters: parameters, into: normed, inverse: inverse.reserve(tokens), rows: tokens)
        Kernels.best.add(normed, hidden, tokens * shape.width)
    }

    // MARK: Backward

    /// gradient [tokens, width] goes in as that of the layer's output and comes out as that of its input; the
    /// trained values' gradients are added to.
    func backward(
        _ gradient: UnsafeMutablePointer<Float>, _ kept: Activations, _ context: Context,
        gradients: UnsafeMutablePointer<Float>
    ) {
        backwardFeedForward(gradient, kept, context, gradients: gradients)
        backwardAttention(gradient, kept, context, gradients: gradients)
    }

    private func backwardFeedForward(
        _ gradient: UnsafeMutablePointer<Float>, _ kept: Activations, _ context: Context,
        gradients: UnsafeMutablePointer<Float>
    ) {
        let (tokens, inner) = (context.tokens, shape.ffnWidth)
        let workspace = context.workspace
        let middle = kept.middle.reserve(0)
        let inverse = kept.middleInverse.reserve(0)
        let gates =
            keepsGates
            ? kept.gateUp.reserve(0)
            : gates(normed(middle, feedForwardNorm, inverse: inverse, context), kept, context)
        let activated = activate(gates, workspace, tokens: tokens)
        let dActivated = workspace.dInner.reserve(tokens * inner)
        let dAdded = backward(
            postFeedForwardNorm, gradient, added: kept.feedForwardAdded, inverse: kept.feedForwardAddedInverse, context,
            gradients: gradients)
        down.backward(
            dAdded, x: activated, middle: kept.downLow.reserve(0), parameters: context.parameters,
            dMiddle: workspace.dLow.reserve(tokens * down.middleWidth), gradients: gradients, into: dActivated,
            tokens: tokens)
        // The gates' gradient takes their place.
        let dGates = gates
        let activation = shape.architecture.activation
        Parallel.ranges(of: tokens, atLeast: max(1, 16384 / inner)) { range in
            let at = range.lowerBound
            activation.multiplyBackward(
                gates + at * 2 * inner, dActivated + at * inner, dGates + at * 2 * inner, range.count, inner)
        }
        let fed = normed(middle, feedForwardNorm, inverse: inverse, context)
        let dFed = workspace.dNormed.reserve(tokens * shape.width)
        gateUp.backward(
            dGates, x: fed, middle: kept.gateUpLow.reserve(0), parameters: context.parameters,
            dMiddle: workspace.dLow.reserve(tokens * gateUp.middleWidth), gradients: gradients, into: dFed,
            tokens: tokens)
        feedForwardNorm.backward(
            middle, inverse: inverse, dNormed: dFed, parameters: context.parameters, gradients: gradients,
            addingTo: gradient, rows: tokens)
    }

    private func backwardAttention(
        _ gradient: UnsafeMutablePointer<Float>, _ kept: Activations, _ context: Context,
        gradients: UnsafeMutablePointer<Float>
    ) {
        let tokens = context.tokens
        let workspace = context.workspace
        let dMixed = workspace.dInner.reserve(tokens * shape.queryWidth)
        let dAdded = backward(
            postAttentionNorm, gradient, added: kept.attentionAdded, inverse: kept.attentionAddedInverse, context,
            gradients: gradients)
        output.backward(
            dAdded, x: kept.mixed.reserve(0), middle: kept.outputLow.reserve(0), parameters: context.parameters,
            dMiddle: workspace.dLow.reserve(tokens * output.middleWidth), gradients: gradients, into: dMixed,
            tokens: tokens)
        let dHeads = workspace.dWide.reserve(tokens * shape.qkvWidth)
        context.attention.backward(
            context.packed.segments, window: shape.window(layer), qkv: attending(kept, context), dOut: dMixed,
            into: dHeads, tokens: tokens)
        rotate(dHeads, direction: -1, context)
        if let norms = headNorms(context.parameters), let headNorms {
            norms.backward(
                kept.qkv.reserve(0), inverses: workspace.headInverses.reserve(0), dQKV: dHeads,
                dNormed: workspace.dInner.reserve(tokens * norms.width), dQuery: headNorms.query.gradient(gradients),
                dKey: headNorms.key.gradient(gradients), tokens: tokens)
        }
        let input = kept.input.reserve(0)
        let inverse = kept.inputInverse.reserve(0)
        let attended = normed(input, attentionNorm, inverse: inverse, context)
        let dAttended = workspace.dNormed.reserve(tokens * shape.width)
        qkv.backward(
            dHeads, x: attended, middle: kept.qkvLow.reserve(0), parameters: context.parameters,
            dMiddle: workspace.dLow.reserve(tokens * qkv.middleWidth), gradients: gradients, into: dAttended,
            tokens: tokens)
        attentionNorm.backward(
            input, inverse: inverse, dNormed: dAttended, parameters: context.parameters, gradients: gradients,
            addingTo: gradient, rows: tokens)
    }

    /// The gradient of what was added to the residual stream, given that of the sum: the same, but for a norm between.
    private func backward(
        _ norm: TrainedNorm?, _ gradient: UnsafeMutablePointer<Float>, added: FloatBuffer, inverse: FloatBuffer,
        _ context: Context, gradients: UnsafeMutablePointer<Float>
    ) -> UnsafeMutablePointer<Float> {
        guard let norm else { return gradient }
        let dAdded = context.workspace.dAdded.reserve(context.tokens * shape.width)
        dAdded.update(repeating: 0, count: context.tokens * shape.width)
        norm.backward(
            added.reserve(0), inverse: inverse.reserve(0), dNormed: gradient, parameters: context.parameters,
            gradients: gradients, addingTo: dAdded, rows: context.tokens)
        return dAdded
    }

    // MARK: Parts of both

    /// Gate and up of the feed-forward part [tokens, 2 × inner], where they are kept or in shared memory.
    private func gates(
        _ fed: UnsafePointer<Float>, _ kept: Activations, _ context: Context
    ) -> UnsafeMutablePointer<Float> {
        let tokens = context.tokens
        let gates = (keepsGates ? kept.gateUp : context.workspace.gateUp).reserve(tokens * 2 * shape.ffnWidth)
        gateUp.forward(
            fed, parameters: context.parameters, middle: kept.gateUpLow.reserve(tokens * gateUp.middleWidth),
            into: gates, tokens: tokens)
        return gates
    }

    private func headNorms(_ parameters: UnsafePointer<Float>) -> HeadNorms? {
        headNorms.map {
            HeadNorms(query: $0.query.pointer(parameters), key: $0.key.pointer(parameters), shape: shape)
        }
    }

    /// Queries, keys and values as attention wants them [tokens, qkvWidth]: kept so, or made of those kept.
    private func attending(_ kept: Activations, _ context: Context) -> UnsafeMutablePointer<Float> {
        let projected = kept.qkv.reserve(0)
        guard let norms = headNorms(context.parameters) else { return projected }
        let (tokens, workspace) = (context.tokens, context.workspace)
        let heads = workspace.heads.reserve(tokens * shape.qkvWidth)
        heads.update(from: projected, count: tokens * shape.qkvWidth)
        norms.forward(heads, inverses: workspace.headInverses.reserve(tokens * norms.heads), tokens: tokens)
        rotate(heads, direction: 1, context)
        return heads
    }

    private func normed(
        _ x: UnsafePointer<Float>, _ norm: TrainedNorm, inverse: UnsafeMutablePointer<Float>, _ context: Context
    ) -> UnsafeMutablePointer<Float> {
        let out = context.workspace.normed.reserve(context.tokens * shape.width)
        norm.forward(x, parameters: context.parameters, into: out, inverse: inverse, rows: context.tokens)
        return out
    }

    private func rotate(_ heads: UnsafeMutablePointer<Float>, direction: Float, _ context: Context) {
        context.packed.positions.withUnsafeBufferPointer { positions in
            guard let positions = positions.baseAddress else { return }
            context.rotary[layer].rotate(
                heads, positions: positions, rows: context.tokens, stride: shape.qkvWidth,
                heads: shape.heads + shape.kvHeads, direction: direction)
        }
    }

    private func activate(_ gates: UnsafePointer<Float>, _ workspace: Workspace, tokens: Int) -> UnsafeMutablePointer<
        Float
    > {
        let inner = shape.ffnWidth
        let activated = workspace.activated.reserve(tokens * inner)
        let activation = shape.architecture.activation
        Parallel.ranges(of: tokens, atLeast: max(1, 16384 / inner)) { range in
            activation.multiply(
                gates + range.lowerBound * 2 * inner, activated + range.lowerBound * inner, range.count, inner)
        }
        return activated
    }
}

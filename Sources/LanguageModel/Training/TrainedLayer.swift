import CSIMD

/// One transformer block in training, forward and backward.
///
///     middle = input + O(attention(QKV(norm(input))))
///     output = middle + D(silu(G(norm(middle))) ⊙ U(norm(middle)))
///
/// What is cheap to compute again (norms, silu ⊙) is not kept between the passes.
struct TrainedLayer {
    /// What the forward pass of one layer leaves for the backward pass.
    final class Activations {
        let input = FloatBuffer()
        let inputInverse = FloatBuffer()
        let qkv = FloatBuffer()
        let mixed = FloatBuffer()
        let middle = FloatBuffer()
        let middleInverse = FloatBuffer()
        let gateUp = FloatBuffer()
        let qkvLow = FloatBuffer()
        let outputLow = FloatBuffer()
        let gateUpLow = FloatBuffer()
        let downLow = FloatBuffer()
    }

    /// Working memory that all layers share.
    final class Workspace {
        let normed = FloatBuffer()
        let activated = FloatBuffer()
        let dWide = FloatBuffer()
        let dInner = FloatBuffer()
        let dNormed = FloatBuffer()
        let dLow = FloatBuffer()
    }

    /// What does not change from layer to layer in one pass.
    struct Context {
        let packed: PackedRows
        let parameters: UnsafePointer<Float>
        let attention: RowAttention
        let rotary: RotaryTable
        let workspace: Workspace

        var tokens: Int { packed.tokens.count }
    }

    private let shape: ModelConfiguration
    private let attentionNorm: TrainedNorm
    private let feedForwardNorm: TrainedNorm
    private let qkv: TrainedLinear
    private let output: TrainedLinear
    private let gateUp: TrainedLinear
    private let down: TrainedLinear

    init(_ model: TrainedModel, layer: Int) {
        let matrices = model.layers[layer]
        shape = model.shape
        attentionNorm = TrainedNorm(matrices.attentionNorm, model.shape)
        feedForwardNorm = TrainedNorm(matrices.feedForwardNorm, model.shape)
        qkv = TrainedLinear(weights: matrices.qkv, update: model.update(layer, [.query, .key, .value]))
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
        rotate(heads, direction: 1, context)
        let mixed = kept.mixed.reserve(tokens * shape.queryWidth)
        context.attention.forward(context.packed.segments, qkv: heads, into: mixed)
        output.forward(
            mixed, parameters: context.parameters, middle: kept.outputLow.reserve(tokens * output.middleWidth),
            into: hidden, adding: true, tokens: tokens)

        kept.middle.reserve(tokens * width).update(from: hidden, count: tokens * width)
        let fed = normed(hidden, feedForwardNorm, inverse: kept.middleInverse.reserve(tokens), context)
        let gates = kept.gateUp.reserve(tokens * 2 * shape.ffnWidth)
        gateUp.forward(
            fed, parameters: context.parameters, middle: kept.gateUpLow.reserve(tokens * gateUp.middleWidth),
            into: gates, tokens: tokens)
        let activated = activate(gates, workspace, tokens: tokens)
        down.forward(
            activated, parameters: context.parameters, middle: kept.downLow.reserve(tokens * down.middleWidth),
            into: hidden, adding: true, tokens: tokens)
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
        let gates = kept.gateUp.reserve(0)
        let activated = activate(gates, workspace, tokens: tokens)
        let dActivated = workspace.dInner.reserve(tokens * inner)
        down.backward(
            gradient, x: activated, middle: kept.downLow.reserve(0), parameters: context.parameters,
            dMiddle: workspace.dLow.reserve(tokens * down.middleWidth), gradients: gradients, into: dActivated,
            tokens: tokens)
        let dGates = workspace.dWide.reserve(tokens * 2 * inner)
        Parallel.ranges(of: tokens, atLeast: max(1, 16384 / inner)) { range in
            let at = range.lowerBound
            Kernels.best.silu_multiply_backward(
                gates + at * 2 * inner, dActivated + at * inner, dGates + at * 2 * inner, range.count, inner)
        }
        let middle = kept.middle.reserve(0)
        let inverse = kept.middleInverse.reserve(0)
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
        output.backward(
            gradient, x: kept.mixed.reserve(0), middle: kept.outputLow.reserve(0), parameters: context.parameters,
            dMiddle: workspace.dLow.reserve(tokens * output.middleWidth), gradients: gradients, into: dMixed,
            tokens: tokens)
        let dHeads = workspace.dWide.reserve(tokens * shape.qkvWidth)
        context.attention.backward(
            context.packed.segments, qkv: kept.qkv.reserve(0), dOut: dMixed, into: dHeads, tokens: tokens)
        rotate(dHeads, direction: -1, context)
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

    // MARK: Parts of both

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
            context.rotary.rotate(
                heads, positions: positions, rows: context.tokens, stride: shape.qkvWidth,
                heads: shape.heads + shape.kvHeads, direction: direction)
        }
    }

    private func activate(_ gates: UnsafePointer<Float>, _ workspace: Workspace, tokens: Int) -> UnsafeMutablePointer<
        Float
    > {
        let inner = shape.ffnWidth
        let activated = workspace.activated.reserve(tokens * inner)
        Parallel.ranges(of: tokens, atLeast: max(1, 16384 / inner)) { range in
            Kernels.best.silu_multiply(
                gates + range.lowerBound * 2 * inner, activated + range.lowerBound * inner, range.count, inner)
        }
        return activated
    }
}

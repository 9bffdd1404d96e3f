/// Projections that read the same input, y = x Wᵀ + b: trained themselves (full fine-tuning), or frozen beneath adapters.
struct TrainedLinear {
    /// The projections' matrices, one above the other: [outputs of all, inputs].
    let weights: TrainedMatrix
    /// [outputs of all], where the architecture has biases.
    var bias: TrainedMatrix?
    /// The adapters, in LoRA.
    let update: LowRankUpdate?

    /// Width of what `forward` keeps for `backward`.
    var middleWidth: Int { update?.middleWidth ?? 0 }

    /// - Parameters:
    ///   - x: [tokens, inputs]
    ///   - parameters: the trained values.
    ///   - middle: [tokens, middleWidth], overwritten with what `backward` wants back.
    ///   - y: [tokens, outputs of all], overwritten, or added to when `adding`.
    func forward(
        _ x: UnsafePointer<Float>, parameters: UnsafePointer<Float>, middle: UnsafeMutablePointer<Float>,
        into y: UnsafeMutablePointer<Float>, adding: Bool = false, tokens: Int
    ) {
        let terms = update?.forward(
            x, inputs: weights.columns, parameters: parameters, middle: middle, tokens: tokens)
        weights.project(x, parameters: parameters, into: y, adding: adding, plus: terms ?? [], tokens: tokens)
        if let bias { Bias.add(bias.pointer(parameters), to: y, columns: weights.rows, rows: tokens) }
    }

    /// Given dy:  dW += dyᵀ x and db += Σ dy where they are trained,  dx = dy W, and what the adapters add to both.
    ///
    /// - Parameters:
    ///   - dy: [tokens, outputs of all]
    ///   - x: [tokens, inputs], as given to `forward`.
    ///   - middle: [tokens, middleWidth], as `forward` left it.
    ///   - dMiddle: [tokens, middleWidth], working memory.
    ///   - gradients: those of the trained values, added to.
    ///   - dx: [tokens, inputs], overwritten.
    func backward(
        _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, middle: UnsafePointer<Float>,
        parameters: UnsafePointer<Float>, dMiddle: UnsafeMutablePointer<Float>,
        gradients: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>, tokens: Int
    ) {
        let (inputs, outputs) = (weights.columns, weights.rows)
        if let gradient = weights.gradient(gradients) {
            MatrixProduct.parallel(
                .transposed(dy, stride: outputs), .plain(x, stride: inputs), into: gradient, stride: inputs,
                rows: outputs, columns: inputs, inner: tokens, keep: 1, precision: .training)
        }
        if let gradient = bias?.gradient(gradients) {
            Bias.addGradient(dy, to: gradient, columns: outputs, rows: tokens)
        }
        let term = update?.backward(
            dy, outputs: outputs, x: x, inputs: inputs, middle: middle, parameters: parameters, dMiddle: dMiddle,
            gradients: gradients, tokens: tokens)
        weights.projectBack(
            dy, parameters: parameters, into: dx, plus: term.map { [$0] } ?? [], tokens: tokens)
    }
}

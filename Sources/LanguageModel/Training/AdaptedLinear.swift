/// Projections that read the same input, with their adapters unmerged:
/// y = x Wᵀ + s (x Aᵀ) Bᵀ for each, s = α/r.
///
/// W is frozen. The gradient of full fine-tuning, dW = dyᵀ x, has its place in `backward`.
struct AdaptedLinear {
    /// The projections' matrices, one above the other: [outputs of all, inputs].
    let weights: Matrix
    let projections: [Projection]
    let layer: Int
    let layout: LoRALayout
    let scale: Float

    /// Width of all projections' x Aᵀ side by side.
    var middleWidth: Int { projections.count * layout.rank }

    /// The stacked A matrices [projections × rank, inputs]: the layout has them as neighbours.
    private var stackedA: Int { layout.a(layer, projections[0]).lowerBound }

    /// - Parameters:
    ///   - x: [tokens, inputs]
    ///   - parameters: the adapter's values.
    ///   - middle: [tokens, middleWidth], overwritten with x Aᵀ, which `backward` wants back.
    ///   - y: [tokens, outputs of all], overwritten, or added to when `adding`.
    func forward(
        _ x: UnsafePointer<Float>, parameters: UnsafePointer<Float>, middle: UnsafeMutablePointer<Float>,
        into y: UnsafeMutablePointer<Float>, adding: Bool = false, tokens: Int
    ) {
        let (inputs, outputs, rank) = (weights.columns, weights.rows, layout.rank)
        MatrixProduct.linear(x, weights, into: y, rows: tokens, adding: adding)
        MatrixProduct.parallel(
            .plain(x, stride: inputs), .transposed(parameters + stackedA, stride: inputs), into: middle,
            stride: middleWidth, rows: tokens, columns: middleWidth, inner: inputs)
        var column = 0
        for (index, projection) in projections.enumerated() {
            let b = layout.b(layer, projection)
            let width = projection.outputs(layout.shape)
            MatrixProduct.parallel(
                .plain(middle + index * rank, stride: middleWidth),
                .transposed(parameters + b.lowerBound, stride: rank), into: y + column, stride: outputs, rows: tokens,
                columns: width, inner: rank, scale: scale, keep: 1)
            column += width
        }
    }

    /// Given dy:  dm = s dy B,  dB += s dyᵀ m,  dA += dmᵀ x,  dx = dy W + dm A  with m = x Aᵀ.
    ///
    /// - Parameters:
    ///   - dy: [tokens, outputs of all]
    ///   - x: [tokens, inputs], as given to `forward`.
    ///   - middle: [tokens, middleWidth], as `forward` left it.
    ///   - dMiddle: [tokens, middleWidth], working memory.
    ///   - gradients: the adapter's gradients, added to.
    ///   - dx: [tokens, inputs], overwritten.
    func backward(
        _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, middle: UnsafePointer<Float>,
        parameters: UnsafePointer<Float>, dMiddle: UnsafeMutablePointer<Float>,
        gradients: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>, tokens: Int
    ) {
        let (inputs, outputs, rank) = (weights.columns, weights.rows, layout.rank)
        var column = 0
        for (index, projection) in projections.enumerated() {
            let b = layout.b(layer, projection)
            let width = projection.outputs(layout.shape)
            MatrixProduct.parallel(
                .plain(dy + column, stride: outputs), .plain(parameters + b.lowerBound, stride: rank),
                into: dMiddle + index * rank, stride: middleWidth, rows: tokens, columns: rank, inner: width,
                scale: scale)
            MatrixProduct.parallel(
                .transposed(dy + column, stride: outputs), .plain(middle + index * rank, stride: middleWidth),
                into: gradients + b.lowerBound, stride: rank, rows: width, columns: rank, inner: tokens, scale: scale,
                keep: 1)
            column += width
        }
        MatrixProduct.parallel(
            .transposed(dMiddle, stride: middleWidth), .plain(x, stride: inputs), into: gradients + stackedA,
            stride: inputs, rows: middleWidth, columns: inputs, inner: tokens, keep: 1)
        MatrixProduct.parallel(
            .plain(dy, stride: outputs), .plain(weights.pointer, stride: inputs), into: dx, stride: inputs,
            rows: tokens, columns: inputs, inner: outputs)
        MatrixProduct.parallel(
            .plain(dMiddle, stride: middleWidth), .plain(parameters + stackedA, stride: inputs), into: dx,
            stride: inputs, rows: tokens, columns: inputs, inner: middleWidth, keep: 1)
    }
}

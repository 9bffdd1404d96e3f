/// The unmerged adapters of projections that read the same input: y += s (x Aᵀ) Bᵀ for each, s = α/r.
///
/// Hu et al. 2021, https://arxiv.org/abs/2106.09685
struct LowRankUpdate {
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
    ///   - y: [tokens, outputs], added to.
    func forward(
        _ x: UnsafePointer<Float>, inputs: Int, parameters: UnsafePointer<Float>, middle: UnsafeMutablePointer<Float>,
        addingTo y: UnsafeMutablePointer<Float>, outputs: Int, tokens: Int
    ) {
        let rank = layout.rank
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

    /// Given dy, with m = x Aᵀ:  dm = s dy B,  dB += s dyᵀ m,  dA += dmᵀ x,  dx += dm A.
    ///
    /// - Parameters:
    ///   - dy: [tokens, outputs]
    ///   - x: [tokens, inputs], as given to `forward`.
    ///   - middle: [tokens, middleWidth], as `forward` left it.
    ///   - dMiddle: [tokens, middleWidth], working memory.
    ///   - gradients: the adapter's gradients, added to.
    ///   - dx: [tokens, inputs], added to.
    func backward(
        _ dy: UnsafePointer<Float>, outputs: Int, x: UnsafePointer<Float>, inputs: Int, middle: UnsafePointer<Float>,
        parameters: UnsafePointer<Float>, dMiddle: UnsafeMutablePointer<Float>,
        gradients: UnsafeMutablePointer<Float>, addingTo dx: UnsafeMutablePointer<Float>, tokens: Int
    ) {
        let rank = layout.rank
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
            .plain(dMiddle, stride: middleWidth), .plain(parameters + stackedA, stride: inputs), into: dx,
            stride: inputs, rows: tokens, columns: inputs, inner: middleWidth, keep: 1)
    }
}

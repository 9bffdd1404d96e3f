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
    /// - Returns: what is to be added to y [tokens, outputs].
    func forward(
        _ x: UnsafePointer<Float>, inputs: Int, parameters: UnsafePointer<Float>, middle: UnsafeMutablePointer<Float>,
        tokens: Int
    ) -> [MatrixProduct.Term] {
        let rank = layout.rank
        MatrixProduct.parallel(
            .plain(x, stride: inputs), .transposed(parameters + stackedA, stride: inputs), into: middle,
            stride: middleWidth, rows: tokens, columns: middleWidth, inner: inputs, precision: .training)
        return outputColumns.enumerated().map { index, columns in
            MatrixProduct.Term(
                a: .plain(middle + index * rank, stride: middleWidth),
                b: .transposed(parameters + layout.b(layer, projections[index]).lowerBound, stride: rank), inner: rank,
                columns: columns, scale: scale)
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
    /// - Returns: what is to be added to dx [tokens, inputs].
    func backward(
        _ dy: UnsafePointer<Float>, outputs: Int, x: UnsafePointer<Float>, inputs: Int, middle: UnsafePointer<Float>,
        parameters: UnsafePointer<Float>, dMiddle: UnsafeMutablePointer<Float>,
        gradients: UnsafeMutablePointer<Float>, tokens: Int
    ) -> MatrixProduct.Term {
        let rank = layout.rank
        for (index, columns) in outputColumns.enumerated() {
            let b = layout.b(layer, projections[index]).lowerBound
            let column = columns.lowerBound
            MatrixProduct.parallel(
                .plain(dy + column, stride: outputs), .plain(parameters + b, stride: rank),
                into: dMiddle + index * rank, stride: middleWidth, rows: tokens, columns: rank, inner: columns.count,
                scale: scale, precision: .training)
            MatrixProduct.parallel(
                .transposed(dy + column, stride: outputs), .plain(middle + index * rank, stride: middleWidth),
                into: gradients + b, stride: rank, rows: columns.count, columns: rank, inner: tokens, scale: scale,
                keep: 1, precision: .training)
        }
        MatrixProduct.parallel(
            .transposed(dMiddle, stride: middleWidth), .plain(x, stride: inputs), into: gradients + stackedA,
            stride: inputs, rows: middleWidth, columns: inputs, inner: tokens, keep: 1, precision: .training)
        return MatrixProduct.Term(
            a: .plain(dMiddle, stride: middleWidth), b: .plain(parameters + stackedA, stride: inputs),
            inner: middleWidth, columns: 0..<inputs)
    }

    /// Each projection's columns of y.
    private var outputColumns: [Range<Int>] {
        var end = 0
        return projections.map { projection in
            let start = end
            end += projection.outputs(layout.shape)
            return start..<end
        }
    }
}

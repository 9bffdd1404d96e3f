import CSIMD

/// The loss at the target positions, and its gradient with respect to the hidden states there.
///
/// final norm → output projection → cross-entropy. Only rows with a target are projected, and only so many at once that
/// their logits over the whole vocabulary fit the cache hierarchy; forward and backward are done chunk by chunk.
final class TargetLoss {
    /// Target rows in a chunk: 128 rows of 49,152 logits are 25 MB.
    private static let chunk = 128

    private let weights: LanguageModelWeights
    private let hiddenBuffer = FloatBuffer()
    private let normedBuffer = FloatBuffer()
    private let logitsBuffer = FloatBuffer()

    init(_ weights: LanguageModelWeights) {
        self.weights = weights
    }

    /// - Parameters:
    ///   - hidden: [tokens, width], the last layer's output.
    ///   - scale: what each target's gradient is multiplied by: 1 / targets of the whole batch.
    ///   - gradient: [tokens, width], overwritten with the loss's gradient; nil for the loss alone.
    /// - Returns: the sum of the targets' losses in nats.
    func run(
        _ packed: PackedRows, hidden: UnsafePointer<Float>, scale: Float, gradient: UnsafeMutablePointer<Float>?
    ) -> Double {
        let shape = weights.configuration
        gradient?.update(repeating: 0, count: packed.tokens.count * shape.width)
        var total = 0.0
        for start in stride(from: 0, to: packed.targets.count, by: Self.chunk) {
            let targets = packed.targets[start..<min(packed.targets.count, start + Self.chunk)]
            total += run(Array(targets), hidden: hidden, scale: scale, gradient: gradient)
        }
        return total
    }

    private func run(
        _ targets: [(row: Int, token: Int32)], hidden: UnsafePointer<Float>, scale: Float,
        gradient: UnsafeMutablePointer<Float>?
    ) -> Double {
        let shape = weights.configuration
        let (count, width, vocabulary) = (targets.count, shape.width, shape.vocabulary)
        // The targets' rows, gathered; behind them their gradients and the norms' inverses.
        let rows = hiddenBuffer.reserve(count * (2 * width + 1))
        let dRows = rows + count * width
        let inverses = dRows + count * width
        for (index, target) in targets.enumerated() {
            (rows + index * width).update(from: hidden + target.row * width, count: width)
        }
        let normed = normedBuffer.reserve(count * width)
        Kernels.best.rms_norm(rows, weights.finalNorm.pointer, normed, inverses, count, width, shape.normEpsilon)
        let logits = logitsBuffer.reserve(count * (vocabulary + 1))
        MatrixProduct.linear(normed, weights.head, into: logits, rows: count)

        let losses = logits + count * vocabulary
        Parallel.ranges(of: count, atLeast: 1) { range in
            for index in range {
                losses[index] = Kernels.best.cross_entropy(
                    logits + index * vocabulary, vocabulary, Int(targets[index].token), scale)
            }
        }
        if let gradient {
            // The logits are their own gradients now: d normed = d logits · E.
            MatrixProduct.parallel(
                .plain(logits, stride: vocabulary), .plain(weights.head.pointer, stride: width), into: normed,
                stride: width, rows: count, columns: width, inner: vocabulary)
            dRows.update(repeating: 0, count: count * width)
            Kernels.best.rms_norm_backward(
                rows, weights.finalNorm.pointer, inverses, normed, dRows, count, width)
            for (index, target) in targets.enumerated() {
                (gradient + target.row * width).update(from: dRows + index * width, count: width)
            }
        }
        return (0..<count).reduce(0) { $0 + Double(losses[$1]) }
    }
}

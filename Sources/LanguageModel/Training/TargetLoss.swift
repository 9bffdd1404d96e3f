import CSIMD

/// The loss at the target positions, and its gradient with respect to the hidden states there.
///
/// final norm → output projection (→ soft cap) → cross-entropy. Only rows with a target are projected, and only so many at once that
/// their logits over the whole vocabulary fit the cache hierarchy; forward and backward are done chunk by chunk.
final class TargetLoss {
    /// Target rows in a chunk: 128 rows of 49,152 logits are 25 MB.
    static let chunk = 128

    private let model: TrainedModel
    private let norm: TrainedNorm
    private let hiddenBuffer = FloatBuffer()
    private let normedBuffer = FloatBuffer()
    private let logitsBuffer = FloatBuffer()
    /// The loss of each target of the last run, in their order.
    private(set) var targetLosses: [Float] = []
    private let cappedBuffer = FloatBuffer()

    init(_ model: TrainedModel) {
        self.model = model
        norm = TrainedNorm(model.finalNorm, model.shape)
    }

    /// Where gradients go: that of the hidden states [tokens, width], overwritten, and those of the trained values, added
    /// to.
    typealias Backward = (hidden: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>)

    /// - Parameters:
    ///   - hidden: [tokens, width], the last layer's output.
    ///   - scale: what each target's gradient is multiplied by: 1 / targets of the whole batch.
    ///   - backward: nil for the loss alone.
    /// - Returns: the sum of the targets' losses in nats.
    func run(
        _ packed: PackedRows, hidden: UnsafePointer<Float>, parameters: UnsafePointer<Float>, scale: Float,
        backward: Backward?
    ) -> Double {
        backward?.hidden.update(repeating: 0, count: packed.tokens.count * model.shape.width)
        targetLosses.removeAll(keepingCapacity: true)
        var total = 0.0
        for start in stride(from: 0, to: packed.targets.count, by: Self.chunk) {
            let targets = packed.targets[start..<min(packed.targets.count, start + Self.chunk)]
            total += run(Array(targets), hidden: hidden, parameters: parameters, scale: scale, backward: backward)
        }
        return total
    }

    private func run(
        _ targets: [(row: Int, token: Int32)], hidden: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
        scale: Float, backward: Backward?
    ) -> Double {
        let (count, width, vocabulary) = (targets.count, model.shape.width, model.shape.vocabulary)
        // The targets' rows, gathered; behind them their gradients, the norms' gradients and the norms' inverses.
        let rows = hiddenBuffer.reserve(count * (3 * width + 1))
        let dRows = rows + count * width
        let dNormed = dRows + count * width
        let inverses = dNormed + count * width
        for (index, target) in targets.enumerated() {
            (rows + index * width).update(from: hidden + target.row * width, count: width)
        }
        let normed = normedBuffer.reserve(count * width)
        norm.forward(rows, parameters: parameters, into: normed, inverse: inverses, rows: count)
        let logits = logitsBuffer.reserve(count * (vocabulary + 1))
        let head = model.head.pointer(parameters)
        MatrixProduct.linear(normed, head, outputs: vocabulary, inputs: width, into: logits, rows: count)

        let capped = cap(logits, count: count * vocabulary, keeps: backward != nil)
        let losses = logits + count * vocabulary
        Parallel.ranges(of: count, atLeast: 1) { range in
            for index in range {
                losses[index] = Kernels.best.cross_entropy(
                    logits + index * vocabulary, vocabulary, Int(targets[index].token), scale)
            }
        }
        if let backward {
            if let (cap, logitsThen) = capped {
                Parallel.ranges(of: count * vocabulary, atLeast: 1 << 16) { range in
                    Kernels.best.softcap_backward(
                        logitsThen + range.lowerBound, logits + range.lowerBound, range.count, cap)
                }
            }
            // The logits are their own gradients now: d normed = d logits · E, dE += d logitsᵀ · normed.
            MatrixProduct.parallel(
                .plain(logits, stride: vocabulary), .plain(head, stride: width), into: dNormed, stride: width,
                rows: count, columns: width, inner: vocabulary)
            if let dHead = model.head.gradient(backward.values) {
                MatrixProduct.parallel(
                    .transposed(logits, stride: vocabulary), .plain(normed, stride: width), into: dHead, stride: width,
                    rows: vocabulary, columns: width, inner: count, keep: 1)
            }
            dRows.update(repeating: 0, count: count * width)
            norm.backward(
                rows, inverse: inverses, dNormed: dNormed, parameters: parameters, gradients: backward.values,
                addingTo: dRows, rows: count)
            for (index, target) in targets.enumerated() {
                (backward.hidden + target.row * width).update(from: dRows + index * width, count: width)
            }
        }
        targetLosses += UnsafeBufferPointer(start: losses, count: count)
        return (0..<count).reduce(0) { $0 + Double(losses[$1]) }
    }

    /// Squeezes the logits where the model does, keeping them for the gradient, which takes their place.
    private func cap(
        _ logits: UnsafeMutablePointer<Float>, count: Int, keeps: Bool
    ) -> (cap: Float, logits: UnsafePointer<Float>)? {
        guard let cap = model.shape.logitSoftcap else { return nil }
        let kept = cappedBuffer.reserve(keeps ? count : 0)
        Parallel.ranges(of: count, atLeast: 1 << 16) { range in
            Kernels.best.softcap(logits + range.lowerBound, range.count, cap)
            if keeps { (kept + range.lowerBound).update(from: logits + range.lowerBound, count: range.count) }
        }
        return (cap, UnsafePointer(kept))
    }
}

import CSIMD

/// The loss at the target positions, and its gradient with respect to the hidden states there.
///
/// final norm → output projection (→ soft cap) → the objective: cross-entropy, or a divergence from a teacher. Only rows with a target are projected, and only so many at once that
/// their logits over the whole vocabulary fit the cache hierarchy; forward and backward are done chunk by chunk.
final class TargetLoss {
    /// Target rows in a chunk: 128 rows of 49,152 logits are 25 MB.
    static let chunk = 128

    private let model: TrainedModel
    private let norm: TrainedNorm
    private let hiddenBuffer = FloatBuffer()
    private let normedBuffer = FloatBuffer()
    private let logitsBuffer = FloatBuffer()
    private let cappedBuffer = FloatBuffer()
    /// A row of gradients for each worker.
    private let rowBuffer = FloatBuffer()
    /// What is minimised, of each target of the last run, in their order.
    private(set) var targetLosses: [Float] = []

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
    ///   - objective: what is compared with the logits.
    ///   - first: the number of the first of these targets among those of the objective.
    ///   - backward: nil for the loss alone.
    /// - Returns: the sums of the targets' losses.
    func run(
        _ packed: PackedRows, hidden: UnsafePointer<Float>, parameters: UnsafePointer<Float>, scale: Float,
        objective: TargetObjective = .crossEntropy, first: Int = 0, backward: Backward?
    ) -> LossSums {
        backward?.hidden.update(repeating: 0, count: packed.tokens.count * model.shape.width)
        targetLosses.removeAll(keepingCapacity: true)
        var sums = LossSums()
        for start in stride(from: 0, to: packed.targets.count, by: Self.chunk) {
            let targets = packed.targets[start..<min(packed.targets.count, start + Self.chunk)]
            sums += run(
                Array(targets), hidden: hidden, parameters: parameters, scale: scale, objective: objective,
                first: first + start, backward: backward)
        }
        return sums
    }

    private func run(
        _ targets: [(row: Int, token: Int32)], hidden: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
        scale: Float, objective: TargetObjective, first: Int, backward: Backward?
    ) -> LossSums {
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
        let logits = logitsBuffer.reserve(count * (vocabulary + 2))
        model.head.project(normed, parameters: parameters, into: logits, tokens: count)

        let capped = cap(logits, count: count * vocabulary, keeps: backward != nil)
        let losses = logits + count * vocabulary
        let (sums, dLogits) = compare(
            logits, targets, objective, first: first, scale: scale, crossEntropies: losses, divergences: losses + count)
        if let backward {
            if let (cap, logitsThen) = capped {
                Parallel.ranges(of: count * vocabulary, atLeast: 1 << 16) { range in
                    Kernels.best.softcap_backward(
                        logitsThen + range.lowerBound, dLogits + range.lowerBound, range.count, cap)
                }
            }
            // d normed = d logits · E, dE += d logitsᵀ · normed.
            model.head.projectBack(dLogits, parameters: parameters, into: dNormed, tokens: count)
            if let dHead = model.head.gradient(backward.values) {
                MatrixProduct.parallel(
                    .transposed(dLogits, stride: vocabulary), .plain(normed, stride: width), into: dHead,
                    stride: width, rows: vocabulary, columns: width, inner: count, keep: 1, precision: .training)
            }
            dRows.update(repeating: 0, count: count * width)
            norm.backward(
                rows, inverse: inverses, dNormed: dNormed, parameters: parameters, gradients: backward.values,
                addingTo: dRows, rows: count)
            for (index, target) in targets.enumerated() {
                (backward.hidden + target.row * width).update(from: dRows + index * width, count: width)
            }
        }
        return sums
    }

    /// The objective of some targets, and its gradient, in place of the logits or of the teacher's.
    /// - Parameters:
    ///   - logits: [targets, vocabulary], overwritten.
    ///   - crossEntropies: [targets], working memory.
    ///   - divergences: [targets], working memory.
    private func compare(
        _ logits: UnsafeMutablePointer<Float>, _ targets: [(row: Int, token: Int32)], _ objective: TargetObjective,
        first: Int, scale: Float, crossEntropies: UnsafeMutablePointer<Float>,
        divergences: UnsafeMutablePointer<Float>
    ) -> (LossSums, dLogits: UnsafeMutablePointer<Float>) {
        let (count, vocabulary) = (targets.count, model.shape.vocabulary)
        func sum(_ losses: UnsafePointer<Float>) -> Double { (0..<count).reduce(0) { $0 + Double(losses[$1]) } }
        switch objective {
        case .crossEntropy:
            Parallel.ranges(of: count, atLeast: 1) { range in
                for index in range {
                    crossEntropies[index] = Kernels.best.cross_entropy(
                        logits + index * vocabulary, vocabulary, Int(targets[index].token), scale)
                }
            }
            targetLosses += UnsafeBufferPointer(start: crossEntropies, count: count)
            let crossEntropy = sum(crossEntropies)
            return (LossSums(total: crossEntropy, crossEntropy: crossEntropy, divergence: 0), logits)
        case .softLabels(let labels, let ratio, let temperature):
            let scratch = rowBuffer.reserve(Parallel.width * vocabulary)
            let square = temperature * temperature
            labels.withPointers { kept, probabilities, tails in
                Parallel.items(count) { index, worker in
                    let row = logits + index * vocabulary
                    let gradient = scratch + worker * vocabulary
                    let label = first + index
                    divergences[index] =
                        square
                        * Kernels.best.truncated_divergence(
                            row, gradient, vocabulary, 1 / temperature, kept + label * labels.kept,
                            probabilities + label * labels.kept, labels.kept, tails[label], scale * ratio * square)
                    crossEntropies[index] = Kernels.best.cross_entropy(
                        row, vocabulary, Int(targets[index].token), scale * (1 - ratio))
                    Kernels.best.add(gradient, row, vocabulary)
                }
            }
            targetLosses += (0..<count).map { (1 - ratio) * crossEntropies[$0] + ratio * divergences[$0] }
            let (crossEntropy, divergence) = (sum(crossEntropies), sum(divergences))
            let total = Double(1 - ratio) * crossEntropy + Double(ratio) * divergence
            return (LossSums(total: total, crossEntropy: crossEntropy, divergence: divergence), logits)
        case .divergence(let teacher, let beta, let temperature):
            let teacherLogits = teacher.logits(first..<first + count)
            Parallel.items(count) { index, _ in
                let row = teacherLogits + index * vocabulary
                divergences[index] = Kernels.best.generalized_jsd(
                    logits + index * vocabulary, row, row, vocabulary, 1 / temperature, beta, scale)
            }
            targetLosses += UnsafeBufferPointer(start: divergences, count: count)
            let divergence = sum(divergences)
            return (LossSums(total: divergence, crossEntropy: 0, divergence: divergence), teacherLogits)
        }
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

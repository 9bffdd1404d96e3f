import CSIMD
internal import Distillation

/// Measures what each layer of a model does for some rows.
final class LayerPruning {
    /// Tokens in a pass at most, which bounds the memory.
    private static let tokensAPass = 1024

    private let model: TrainedModel
    private let layers: [TrainedLayer]
    /// The values of adapters that add nothing: the layers of training have some.
    private let parameters: [Float]
    private let activations = TrainedLayer.Activations()
    private let workspace = TrainedLayer.Workspace()
    private let attention: RowAttention
    private let rotary: RotaryTables
    private let loss: TargetLoss
    private let isCancelled: () -> Bool

    init(_ weights: LanguageModelWeights, isCancelled: @escaping () -> Bool = { false }) {
        let layout = LoRALayout(weights.configuration, rank: 1)
        let model = TrainedModel(weights, layout: layout, scale: 0)
        self.model = model
        parameters = [Float](repeating: 0, count: layout.count)
        layers = model.layers.indices.map { TrainedLayer(model, layer: $0) }
        attention = RowAttention(model.shape)
        rotary = RotaryTables(model.shape)
        loss = TargetLoss(model)
        self.isCancelled = isCancelled
    }

    /// The mean, over all tokens of the rows but each row's last, of 1 − cos(a layer's input, its output).
    /// - Parameter progress: told how much is done, of how much.
    /// - Throws: `EngineError.notFinite`, `CancellationError`.
    func influences(_ rows: [[Int32]], progress: (Int, Int) -> Void = { _, _ in }) throws -> [Double] {
        // With every token a target rows are read whole, and nothing is shared: each token counts.
        let parts = PackedRows.parts(
            rows.map { TrainingExample(tokens: $0, trained: $0.map { _ in true }) }, tokens: Self.tokensAPass)
        var sums = [Double](repeating: 0, count: layers.count)
        var tokens = 0
        for (done, packed) in parts.enumerated() {
            var hidden = embedded(packed)
            for index in layers.indices {
                if isCancelled() { throw CancellationError() }
                let input = hidden
                run([index], packed, &hidden)
                sums[index] += distances(input, hidden, count: packed.tokens.count)
                progress(done * layers.count + index + 1, parts.count * layers.count)
            }
            tokens += packed.tokens.count
        }
        let influences = sums.map { $0 / Double(max(1, tokens)) }
        guard influences.allSatisfy(\.isFinite) else { throw Self.notFinite }
        return influences
    }

    /// Takes layers away until `count` are left, each time that one without which the loss is least.
    /// - Parameters:
    ///   - rows: with targets.
    ///   - progress: told how much is done, of how much.
    /// - Returns: the layers that go, in this order, each with the loss in nats without it and those before it; and the
    ///   loss with all layers.
    /// - Throws: `EngineError.notFinite`, `CancellationError`.
    func removals(
        _ rows: [TrainingExample], keeping count: Int, progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> (removed: [(layer: Int, loss: Double)], loss: Double) {
        let parts = PackedRows.parts(rows, tokens: Self.tokensAPass).filter { !$0.targets.isEmpty }
        let targets = parts.reduce(0) { $0 + $1.targets.count }
        let whole = parts.reduce(0.0) { sum, packed in
            var hidden = embedded(packed)
            run(Array(layers.indices), packed, &hidden)
            return sum + self.sum(packed, hidden)
        }
        guard whole.isFinite, targets > 0 else { throw Self.notFinite }
        var left = Array(layers.indices)
        var removed: [(layer: Int, loss: Double)] = []
        let all = (max(1, count)..<max(1, count, left.count)).reduce(0) { $0 + $1 + 1 }
        var done = 0
        while left.count > max(1, count) {
            var sums = [Double](repeating: 0, count: left.count)
            for packed in parts {
                // The layers before the one left out are the same for all that come later: they are run once.
                var before = embedded(packed)
                for place in left.indices {
                    if isCancelled() { throw CancellationError() }
                    var hidden = before
                    run(Array(left[(place + 1)...]), packed, &hidden)
                    sums[place] += sum(packed, hidden)
                    run([left[place]], packed, &before)
                }
            }
            done += left.count
            progress(done, all)
            guard let best = sums.indices.min(by: { sums[$0] < sums[$1] }), sums[best].isFinite else {
                throw Self.notFinite
            }
            removed.append((left.remove(at: best), sums[best] / Double(targets)))
        }
        return (removed, whole / Double(targets))
    }

    private static let notFinite = EngineError.notFinite(
        what: "a layer's output", advice: "The weights are damaged; fetch them again.")

    /// The tokens' embeddings: [tokens, width].
    private func embedded(_ packed: PackedRows) -> [Float] {
        let width = model.shape.width
        var hidden = [Float](repeating: 0, count: packed.tokens.count * width)
        parameters.withUnsafeBufferPointer { parameters in
            hidden.withUnsafeMutableBufferPointer { hidden in
                guard let parameters = parameters.baseAddress, let hidden = hidden.baseAddress else { return }
                for (row, token) in packed.tokens.enumerated() {
                    model.embedding.writeRow(Int(token), parameters: parameters, to: hidden + row * width)
                }
                let scale = model.shape.embeddingScale
                if scale != 1 { Kernels.best.scale(hidden, packed.tokens.count * width, scale) }
            }
        }
        return hidden
    }

    /// Runs some layers one after another over hidden states [tokens, width].
    private func run(_ chosen: [Int], _ packed: PackedRows, _ hidden: inout [Float]) {
        parameters.withUnsafeBufferPointer { parameters in
            hidden.withUnsafeMutableBufferPointer { hidden in
                guard let parameters = parameters.baseAddress, let hidden = hidden.baseAddress else { return }
                let context = TrainedLayer.Context(
                    packed: packed, parameters: parameters, attention: attention, rotary: rotary, workspace: workspace)
                for layer in chosen { layers[layer].forward(hidden, activations, context) }
            }
        }
    }

    /// The sum of the targets' losses after the last layer's output.
    private func sum(_ packed: PackedRows, _ hidden: [Float]) -> Double {
        parameters.withUnsafeBufferPointer { parameters in
            hidden.withUnsafeBufferPointer { hidden in
                guard let parameters = parameters.baseAddress, let hidden = hidden.baseAddress else { return 0 }
                return loss.run(packed, hidden: hidden, parameters: parameters, scale: 0, backward: nil).total
            }
        }
    }

    /// The sum of 1 − cosine over pairs of rows [count, width].
    private func distances(_ input: [Float], _ output: [Float], count: Int) -> Double {
        let width = model.shape.width
        var sum = 0.0
        for row in 0..<count {
            var (product, own, other) = (0.0, 0.0, 0.0)
            for index in row * width..<(row + 1) * width {
                let (a, b) = (Double(input[index]), Double(output[index]))
                product += a * b
                own += a * a
                other += b * b
            }
            let norms = (own * other).squareRoot()
            sum += norms > 0 ? 1 - product / norms : 0
        }
        return sum
    }
}

/// The loss of a batch of rows and its gradient with respect to an adapter's values.
///
/// Holds the activations between the passes; used by one thread at a time.
final class AdapterGradient {
    /// Tokens in a pass at most: bounds the activations, which take about 24 kB a token and layer for a width of 576.
    private static let tokensAPass = 1024

    private let weights: LanguageModelWeights
    private let layers: [AdaptedLayer]
    private let activations: [AdaptedLayer.Activations]
    private let workspace = AdaptedLayer.Workspace()
    private let attention: RowAttention
    private let rotary: RotaryTable
    private let loss: TargetLoss
    private let hiddenBuffer = FloatBuffer()
    private let gradientBuffer = FloatBuffer()

    init(_ weights: LanguageModelWeights, layout: LoRALayout, scale: Float) {
        self.weights = weights
        layers = weights.layers.indices.map { AdaptedLayer(weights, layer: $0, layout: layout, scale: scale) }
        activations = weights.layers.map { _ in AdaptedLayer.Activations() }
        attention = RowAttention(weights.configuration)
        rotary = RotaryTable(weights.configuration)
        loss = TargetLoss(weights)
    }

    /// The mean loss in nats over the batch's target tokens, and its gradient in place of what `gradients` held.
    func run(_ batch: [TrainingExample], parameters: [Float], gradients: inout [Float]) -> Double {
        gradients.withUnsafeMutableBufferPointer { gradients in
            gradients.update(repeating: 0)
            return run(batch, parameters: parameters, gradients: gradients.baseAddress)
        }
    }

    /// The mean loss alone.
    func loss(_ batch: [TrainingExample], parameters: [Float]) -> Double {
        run(batch, parameters: parameters, gradients: nil)
    }

    private func run(
        _ batch: [TrainingExample], parameters: [Float], gradients: UnsafeMutablePointer<Float>?
    ) -> Double {
        let targets = batch.reduce(0) { $0 + PackedRows.targetCount($1) }
        guard targets > 0 else { return 0 }
        return parameters.withUnsafeBufferPointer { parameters in
            guard let parameters = parameters.baseAddress else { return 0 }
            var total = 0.0
            for packed in PackedRows.parts(batch, tokens: Self.tokensAPass) where !packed.targets.isEmpty {
                total += pass(packed, parameters, scale: 1 / Float(targets), gradients: gradients)
            }
            return total / Double(targets)
        }
    }

    /// The sum of the losses of some of a batch's rows.
    private func pass(
        _ packed: PackedRows, _ parameters: UnsafePointer<Float>, scale: Float,
        gradients: UnsafeMutablePointer<Float>?
    ) -> Double {
        let width = weights.configuration.width
        let count = packed.tokens.count * width
        let hidden = hiddenBuffer.reserve(count)
        for (row, token) in packed.tokens.enumerated() {
            (hidden + row * width).update(from: weights.embedding.row(Int(token)), count: width)
        }
        let context = AdaptedLayer.Context(
            packed: packed, parameters: parameters, attention: attention, rotary: rotary, workspace: workspace)
        for (layer, kept) in zip(layers, activations) { layer.forward(hidden, kept, context) }
        let gradient = gradients.map { _ in gradientBuffer.reserve(count) }
        let sum = loss.run(packed, hidden: hidden, scale: scale, gradient: gradient)
        if let gradient, let gradients {
            for (layer, kept) in zip(layers, activations).reversed() {
                layer.backward(gradient, kept, context, gradients: gradients)
            }
        }
        return sum
    }
}

import CSIMD

/// The loss of a batch of rows and its gradient with respect to the values that are trained.
///
/// Holds the activations between the passes; used by one thread at a time.
final class BatchGradient {
    /// Tokens in a pass at most: bounds the activations, which take about 24 kB a token and layer for a width of 576
    /// (11 kB where everything is trained).
    static let tokensAPass = 1024

    private let model: TrainedModel
    private let layers: [TrainedLayer]
    private let activations: [TrainedLayer.Activations]
    private let workspace = TrainedLayer.Workspace()
    private let attention: RowAttention
    private let rotary: RotaryTables
    private let loss: TargetLoss
    private let hiddenBuffer = FloatBuffer()
    private let gradientBuffer = FloatBuffer()
    /// The mean loss of each row of the last batch, in the order in which the rows were given.
    private(set) var rowLosses: [Double] = []

    init(_ model: TrainedModel) {
        self.model = model
        layers = model.layers.indices.map { TrainedLayer(model, layer: $0) }
        activations = model.layers.map { _ in TrainedLayer.Activations() }
        attention = RowAttention(model.shape)
        rotary = RotaryTables(model.shape)
        loss = TargetLoss(model)
    }

    /// The mean cross-entropy in nats over the batch's target tokens, and its gradient in place of what `gradients` held.
    func run(_ batch: [TrainingExample], parameters: [Float], gradients: inout [Float]) -> Double {
        run([batch], parameters: parameters, gradients: &gradients)
    }

    /// The same over the rows of several batches, of which only one at a time is in memory: gradients add up, and each
    /// target token weighs as much as it would in one batch of all rows.
    func run(_ batches: [[TrainingExample]], parameters: [Float], gradients: inout [Float]) -> Double {
        run(
            batches.map { TrainingBatch(examples: $0, objective: .crossEntropy) }, parameters: parameters,
            gradients: &gradients
        ).total
    }

    /// The mean losses over the target tokens of some rows, and the gradient of their total in place of what `gradients`
    /// held.
    func run(
        _ rows: [TrainingExample], _ objective: TargetObjective, parameters: [Float], gradients: inout [Float]
    ) -> LossSums {
        run([TrainingBatch(examples: rows, objective: objective)], parameters: parameters, gradients: &gradients)
    }

    /// The same over several batches, each with its own objective.
    func run(_ batches: [TrainingBatch], parameters: [Float], gradients: inout [Float]) -> LossSums {
        let targets = batches.reduce(0) { $0 + $1.targetCount }
        return gradients.withUnsafeMutableBufferPointer { gradients in
            if let base = gradients.baseAddress {
                Parallel.ranges(of: gradients.count, atLeast: 1 << 16) { range in
                    (base + range.lowerBound).update(repeating: 0, count: range.count)
                }
            }
            var rows: [Double] = []
            var losses = LossSums()
            for batch in batches {
                losses += compute(
                    batch.examples, batch.objective, targets: targets, parameters: parameters,
                    gradients: gradients.baseAddress)
                rows += rowLosses
            }
            rowLosses = rows
            return losses
        }
    }

    /// The mean cross-entropy alone.
    func loss(_ batch: [TrainingExample], parameters: [Float]) -> Double {
        losses(batch, .crossEntropy, parameters: parameters).total
    }

    /// The mean losses alone.
    func losses(_ batch: [TrainingExample], _ objective: TargetObjective, parameters: [Float]) -> LossSums {
        let targets = batch.reduce(0) { $0 + PackedRows.targetCount($1) }
        return compute(batch, objective, targets: targets, parameters: parameters, gradients: nil)
    }

    /// The batch's part of the mean losses over `targets` target tokens; its gradient is added to `gradients`.
    private func compute(
        _ batch: [TrainingExample], _ objective: TargetObjective, targets: Int, parameters: [Float],
        gradients: UnsafeMutablePointer<Float>?
    ) -> LossSums {
        rowLosses = batch.map { _ in 0 }
        guard targets > 0 else { return LossSums() }
        return parameters.withUnsafeBufferPointer { parameters in
            guard let parameters = parameters.baseAddress else { return LossSums() }
            var sums = LossSums()
            var first = 0
            var losses: [Float] = []
            for packed in PackedRows.parts(batch, tokens: Self.tokensAPass) where !packed.targets.isEmpty {
                sums += pass(
                    packed, parameters, scale: 1 / Float(targets), objective, first: first, gradients: gradients)
                first += packed.targets.count
                losses += loss.targetLosses
            }
            rowLosses = Self.means(losses, batch)
            return sums / Double(targets)
        }
    }

    /// The mean loss of each row, of the losses of all rows' targets one after another.
    private static func means(_ losses: [Float], _ batch: [TrainingExample]) -> [Double] {
        var rest = losses[...]
        return batch.map { row in
            let count = PackedRows.targetCount(row)
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count).reduce(0) { $0 + Double($1) } / Double(max(1, count))
        }
    }

    /// The sums of the losses of some of a batch's rows.
    private func pass(
        _ packed: PackedRows, _ parameters: UnsafePointer<Float>, scale: Float, _ objective: TargetObjective,
        first: Int,
        gradients: UnsafeMutablePointer<Float>?
    ) -> LossSums {
        let width = model.shape.width
        let count = packed.tokens.count * width
        let hidden = hiddenBuffer.reserve(count)
        for (row, token) in packed.tokens.enumerated() {
            model.embedding.writeRow(Int(token), parameters: parameters, to: hidden + row * width)
        }
        let embeddingScale = model.shape.embeddingScale
        if embeddingScale != 1 { Kernels.best.scale(hidden, count, embeddingScale) }
        let context = TrainedLayer.Context(
            packed: packed, parameters: parameters, attention: attention, rotary: rotary, workspace: workspace)
        for (layer, kept) in zip(layers, activations) { layer.forward(hidden, kept, context) }
        guard let gradients else {
            return loss.run(
                packed, hidden: hidden, parameters: parameters, scale: scale, objective: objective, first: first,
                backward: nil)
        }
        let gradient = gradientBuffer.reserve(count)
        let sum = loss.run(
            packed, hidden: hidden, parameters: parameters, scale: scale, objective: objective, first: first,
            backward: (gradient, gradients))
        for (layer, kept) in zip(layers, activations).reversed() {
            layer.backward(gradient, kept, context, gradients: gradients)
        }
        if let dEmbedding = model.embedding.gradient(gradients) {
            if embeddingScale != 1 { Kernels.best.scale(gradient, count, embeddingScale) }
            for (row, token) in packed.tokens.enumerated() {
                Kernels.best.add(gradient + row * width, dEmbedding + Int(token) * width, width)
            }
        }
        return sum
    }
}

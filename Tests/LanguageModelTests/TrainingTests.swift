import Distillation
import Foundation
import Testing

@testable import LanguageModel

@Suite struct TrainingTests {
    private static let rows = [
        TrainingExample(tokens: [70, 80, 90, 100, 110, 120], trained: [true, false, true, false, true, true]),
        TrainingExample(tokens: [71, 81, 91, 101], trained: [false, false, true, false]),
        TrainingExample(tokens: (0..<40).map { 60 + $0 * 7 % 90 }, trained: (0..<40).map { $0 > 20 }),
    ]

    /// An adapter with B not zero, so that every gradient is there.
    private func adapter(_ weights: LanguageModelWeights, rank: Int = 3) throws -> LoRAAdapter {
        var adapter = try LoRAAdapter.fresh(weights.configuration, rank: rank, alpha: 6, seed: 5)
        var random = RandomStream(seed: 9)
        for index in adapter.values.indices where adapter.values[index] == 0 {
            adapter.values[index] = 0.2 * random.unit() - 0.1
        }
        return adapter
    }

    /// Central differences along random directions, one matrix of the adapter at a time. The loss is computed in single
    /// precision: with ε = 2⁻⁷ both its rounding and the third derivative stay below 1 % of these gradients.
    @Test func gradientsAgreeWithFiniteDifferences() throws {
        let weights = try TinyModel.weights
        let adapter = try adapter(weights)
        let gradient = BatchGradient(TrainedModel(weights, layout: adapter.layout, scale: adapter.scale))
        var gradients = [Float](repeating: 0, count: adapter.values.count)
        _ = gradient.run(Self.rows, parameters: adapter.values, gradients: &gradients)
        var random = RandomStream(seed: 21)
        for layer in 0..<2 {
            for projection in Projection.allCases {
                for range in [adapter.layout.a(layer, projection), adapter.layout.b(layer, projection)] {
                    // Along the gradient itself, with noise: the slope is large, and wrong entries still show.
                    let direction = range.map { gradients[$0] * (0.5 + random.unit()) }
                    let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
                    let step: Float = 0x1p-7
                    func loss(_ sign: Float) -> Double {
                        var values = adapter.values
                        for (index, d) in zip(range, direction) { values[index] += sign * step * d / length }
                        return gradient.loss(Self.rows, parameters: values)
                    }
                    let measured = (loss(1) - loss(-1)) / Double(2 * step)
                    let wanted = zip(range, direction).reduce(0.0) { $0 + Double(gradients[$1.0] * $1.1 / length) }
                    #expect(abs(measured - wanted) < 0.01 * abs(wanted) + 2e-5, "layer \(layer), \(projection)")
                }
            }
        }
    }

    /// The same for every part of the model in full fine-tuning.
    @Test func fullGradientsAgreeWithFiniteDifferences() throws {
        let weights = try TinyModel.weights
        let layout = WeightsLayout(weights.configuration)
        let values = weights.flattened(layout)
        let gradient = BatchGradient(TrainedModel(layout))
        var gradients = [Float](repeating: 0, count: values.count)
        _ = gradient.run(Self.rows, parameters: values, gradients: &gradients)
        var random = RandomStream(seed: 22)
        var parts = [("embedding", layout.embedding), ("final norm", layout.finalNorm), ("head", layout.head)]
        for layer in 0..<2 {
            for part in weights.configuration.layerParts {
                parts.append(("layer \(layer), \(part)", layout.part(layer, part)))
            }
        }
        for (name, range) in parts {
            let direction = range.map { gradients[$0] * (0.5 + random.unit()) }
            let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let step: Float = 0x1p-7
            func loss(_ sign: Float) -> Double {
                var moved = values
                for (index, d) in zip(range, direction) { moved[index] += sign * step * d / length }
                return gradient.loss(Self.rows, parameters: moved)
            }
            let measured = (loss(1) - loss(-1)) / Double(2 * step)
            let wanted = zip(range, direction).reduce(0.0) { $0 + Double(gradients[$1.0] * $1.1 / length) }
            #expect(abs(measured - wanted) < 0.01 * abs(wanted) + 2e-5, "\(name)")
        }
    }

    /// Rows that begin alike, as those with one system prompt do: their beginning is read once.
    private static let alike = [[3, 9, 4], [3, 9, 8, 7], [5], [6, 6, 6, 6, 2, 1]].map { rest in
        TrainingExample(
            tokens: (0..<7).map { 70 + 3 * $0 } + rest.map { 60 + Int32($0) },
            trained: Array(repeating: false, count: 7) + rest.map { $0 != 9 })
    }

    /// Rows of more than one tile of queries, and more tokens than one pass reads.
    private static let long = (0..<7).map { row in
        TrainingExample(
            tokens: (0..<20).map { 70 + 3 * $0 } + (0..<150).map { 60 + Int32(($0 * (row + 3) + row) % 90) },
            trained: (0..<170).map { $0 > 25 && $0 % 3 == 0 })
    }

    @Test(arguments: [rows, alike, long], FineTuneOptions.Update.allCases)
    func gradientsOfABatchAreTheSumOfItsRows(rows: [TrainingExample], update: FineTuneOptions.Update) throws {
        let weights = try TinyModel.weights
        let layout = WeightsLayout(weights.configuration)
        let adapter = try adapter(weights)
        let parameters = update == .full ? weights.flattened(layout) : adapter.values
        let model =
            update == .full
            ? TrainedModel(layout) : TrainedModel(weights, layout: adapter.layout, scale: adapter.scale)
        let gradient = BatchGradient(model)
        var together = [Float](repeating: 0, count: parameters.count)
        let loss = gradient.run(rows, parameters: parameters, gradients: &together)
        var apart = [Float](repeating: 0, count: together.count)
        var (sum, targets) = (0.0, 0)
        for row in rows {
            let count = PackedRows.targetCount(row)
            var own = apart
            sum += gradient.run([row], parameters: parameters, gradients: &own) * Double(count)
            for index in own.indices { apart[index] += own[index] * Float(count) }
            targets += count
        }
        #expect(abs(loss - sum / Double(targets)) < 1e-5)
        let worst = zip(together, apart).map { abs($0 - $1 / Float(targets)) }.max() ?? .infinity
        #expect(worst < 1e-5)
    }

    @Test func whatRowsBeginWithIsReadOnce() {
        let packed = PackedRows(Self.alike)
        // The token before the first target belongs to the row, and its last token is not read.
        #expect(packed.segments.map(\.tokens.count) == [6, 3, 4, 1, 6])
        #expect(packed.segments.map(\.prefix) == [0, 6, 6, 6, 6])
        #expect(packed.positions.prefix(9) == [0, 1, 2, 3, 4, 5, 6, 7, 8])
        #expect(PackedRows([Self.alike[0]]).segments.count == 1)
        #expect(PackedRows(Self.rows).segments.count == 3)
    }

    @Test func onlyTheTargetsCount() throws {
        let weights = try TinyModel.weights
        let adapter = try adapter(weights)
        let gradient = BatchGradient(TrainedModel(weights, layout: adapter.layout, scale: adapter.scale))
        let row = TrainingExample(tokens: [70, 80, 90, 100], trained: [false, false, true, false])
        let logits = try Transformer(weights, adapter: adapter).logits([70, 80])
        let vocabulary = weights.configuration.vocabulary
        let after = logits[vocabulary...].map(Double.init)
        let wanted = log(after.reduce(0) { $0 + exp($1) }) - after[90]
        #expect(abs(gradient.loss([row], parameters: adapter.values) - wanted) < 1e-5)
    }

    @Test(arguments: FineTuneOptions.Update.allCases)
    func trainingIsDeterministicAndLowersTheLoss(update: FineTuneOptions.Update) throws {
        let weights = try TinyModel.weights
        let options = FineTuneOptions(
            update: update, epochs: 30, learningRate: 1e-2, batchSize: 2, rank: 4, alpha: 8, seed: 3)
        let first = try Trainer(base: weights, options: options, now: { 0 }).train(
            Self.rows, validation: [Self.rows[0]])
        let losses = first.steps.map(\.loss)
        #expect(losses.count == 60)
        #expect(first.steps.allSatisfy { $0.totalSteps == 60 && ($0.validationLoss != nil) == ($0.step % 2 == 0) })
        #expect(losses[58] + losses[59] < 0.5 * (losses[0] + losses[1]))
        let second = try Trainer(base: weights, options: options, now: { 1 }).train(Self.rows)
        #expect(try first.result.encode() == second.result.encode())
    }

    @Test func rowsThatCannotBeTrainedOnAreRefused() throws {
        let trainer = try Trainer(base: TinyModel.weights, options: FineTuneOptions(rank: 2))
        for bad in [
            TrainingExample(tokens: [], trained: []), TrainingExample(tokens: [70, 71], trained: [true, false]),
            TrainingExample(tokens: [70, 71], trained: [true]),
            TrainingExample(tokens: [70, 9999], trained: [false, true]),
            TrainingExample(tokens: Array(repeating: 70, count: 300), trained: Array(repeating: true, count: 300)),
        ] {
            #expect(throws: EngineError.self) { _ = try trainer.train([bad]) }
        }
        #expect(throws: EngineError.self) { _ = try trainer.train([]) }
    }

    @Test func schedulesAreTransformers() {
        var options = FineTuneOptions(learningRate: 1, warmupSteps: 2)
        #expect((0..<6).map { options.learningRate(step: $0, of: 6) } == [0, 0.5, 1, 0.75, 0.5, 0.25])
        options.schedule = .cosine
        #expect(abs(options.learningRate(step: 4, of: 6) - 0.5) < 1e-6)
        options.schedule = .constant
        #expect(options.learningRate(step: 5, of: 6) == 1)
    }

    @Test func aMergedAdapterIsTheUnmergedOne() throws {
        let weights = try TinyModel.weights
        let adapter = try adapter(weights)
        let row = Self.rows[2]
        let gradient = BatchGradient(TrainedModel(weights, layout: adapter.layout, scale: adapter.scale))
        let merged = BatchGradient(
            TrainedModel(try weights.merging(adapter), layout: adapter.layout, scale: adapter.scale))
        let zero = [Float](repeating: 0, count: adapter.values.count)
        #expect(abs(gradient.loss([row], parameters: adapter.values) - merged.loss([row], parameters: zero)) < 1e-5)
        #expect(abs(gradient.loss([row], parameters: zero) - gradient.loss([row], parameters: adapter.values)) > 1e-3)
    }

    @Test func aFreshAdapterChangesNothing() throws {
        let weights = try TinyModel.weights
        let fresh = try LoRAAdapter.fresh(weights.configuration, rank: 4, alpha: 8, seed: 1)
        #expect(try Transformer(weights, adapter: fresh).logits([70, 80]) == Transformer(weights).logits([70, 80]))
    }
}

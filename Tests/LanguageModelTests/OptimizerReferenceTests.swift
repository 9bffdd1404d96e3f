import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Against PyTorch (Tests/References/optimizer_reference.py): weight decay by groups, accumulation, clipping, schedule.
@Suite struct OptimizerReferenceTests {
    private struct Reference: Decodable {
        let shapes: [[Int]]
        let targets: [Int]
        let learning_rate: Double
        let warmup: Int
        let weight_decay: Double
        let max_gradient_norm: Double
        let rates: [Double]
        let gradient_norms: [Double]
        let values: [Float]
    }

    @Test func aRecipeOfPyTorchGivesTheSameParameters() throws {
        let reference = try fixture("optimizer", as: Reference.self)
        let count = reference.values.count
        var (end, vectors) = (0, [Range<Int>]())
        for shape in reference.shapes {
            let size = shape.reduce(1, *)
            if shape.count == 1 { vectors.append(end..<end + size) }
            end += size
        }
        let options = FineTuneOptions(
            learningRate: reference.learning_rate, warmupSteps: reference.warmup, schedule: .cosine,
            maxGradientNorm: reference.max_gradient_norm, weightDecay: reference.weight_decay)
        var optimizer = AdamW(count: count, weightDecay: Float(options.weightDecay), undecayed: vectors)
        var values = (0..<count).map { Float(sin(0.7 * Double($0) + 0.3)) }
        let total = reference.targets.reduce(0, +)
        for (step, norm) in reference.gradient_norms.enumerated() {
            var gradients = [Float](repeating: 0, count: count)
            for (batch, targets) in reference.targets.enumerated() {
                for index in gradients.indices {
                    let slope = 0.2 * cos(0.37 * Double(index) + 1.3 * Double(step) + 2.1 * Double(batch))
                    gradients[index] += Float(slope) * Float(targets) / Float(total)
                }
            }
            let rate = options.learningRate(step: step, of: reference.rates.count)
            #expect(abs(rate - reference.rates[step]) < 1e-9, "step \(step)")
            let own = AdamW.norm(gradients)
            #expect(abs(Double(own) - norm) < 1e-5 * norm, "step \(step)")
            optimizer.step(
                &values, gradients, learningRate: Float(rate),
                gradientScale: AdamW.clip(norm: own, to: Float(options.maxGradientNorm)))
        }
        for (index, wanted) in reference.values.enumerated() {
            #expect(abs(values[index] - wanted) < 2e-6, "value \(index)")
        }
    }

    @Test func normsAreWhatDoesNotDecay() throws {
        let layout = WeightsLayout(try TinyModel.weights.configuration)
        let vectors = layout.vectors
        #expect(vectors.count == 2 * TinyModel.layers + 1)
        #expect(vectors.allSatisfy { $0.count == TinyModel.width })
        #expect(zip(vectors, vectors.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
        var optimizer = AdamW(count: layout.count, weightDecay: 0.5, undecayed: vectors)
        var values = [Float](repeating: 1, count: layout.count)
        optimizer.step(
            &values, [Float](repeating: 0, count: layout.count), learningRate: 0.1, gradientScale: 1)
        for range in vectors { #expect(values[range].allSatisfy { $0 == 1 }) }
        let decayed = values.count { $0 != 1 }
        #expect(decayed == layout.count - vectors.reduce(0) { $0 + $1.count })
        #expect(values[layout.embedding].allSatisfy { abs($0 - 0.95) < 1e-6 })
    }
}

import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Against PyTorch (Tests/References/training_reference.py): loss, gradients and ten AdamW steps of the student.
@Suite struct TrainingReferenceTests {
    struct Reference: Decodable {
        struct Row: Decodable { let ids: [Int32]; let target_start: Int }
        struct Tensor: Decodable { let name: String; let norm: Double; let indices: [Int]; let values: [Float] }
        struct Loss: Decodable { let loss: Double; let gradient_norm: Double }
        struct Steps: Decodable {
            let learning_rate: Float
            let losses: [Double]
            let final_loss: Double
            let gradient_norms: [Double]
        }
        let rank: Int
        let alpha: Float
        let modules: [String]
        let rows: [Row]
        let lora: Loss
        let lora_adamw: Steps
        let lora_gradients: [Tensor]
        let lora_parameters_after_adamw: [Tensor]
        let full: Loss
        let full_adamw: Steps
        let full_gradients: [Tensor]
        let full_parameters_after_adamw: [Tensor]

        var examples: [TrainingExample] {
            rows.map { row in
                TrainingExample(tokens: row.ids, trained: row.ids.indices.map { $0 >= row.target_start })
            }
        }
    }

    /// The reference's A and B: sines and cosines of the indices.
    private func adapter(_ reference: Reference, _ shape: ModelConfiguration) throws -> LoRAAdapter {
        var adapter = try LoRAAdapter.fresh(shape, rank: reference.rank, alpha: reference.alpha, seed: 0)
        for layer in 0..<shape.layers {
            for (module, projection) in Projection.allCases.enumerated() {
                for (range, columns, isA) in [
                    (adapter.layout.a(layer, projection), projection.inputs(shape), true),
                    (adapter.layout.b(layer, projection), reference.rank, false),
                ] {
                    for (offset, index) in range.enumerated() {
                        let (i, j) = (offset / columns, offset % columns)
                        let angle = 0.37 * Double(i) + 0.11 * Double(j) + Double(layer + module)
                        adapter.values[index] = Float(isA ? 0.02 * sin(angle) : 0.01 * cos(angle))
                    }
                }
            }
        }
        return adapter
    }

    /// Where `layers.3.gate.B` lies.
    private func range(_ name: String, _ reference: Reference, _ layout: LoRALayout) throws -> Range<Int> {
        let parts = name.split(separator: ".")
        let layer = try #require(Int(parts[1]))
        let module = try #require(reference.modules.firstIndex(of: String(parts[2])))
        let projection = Projection.allCases[module]
        return parts[3] == "A" ? layout.a(layer, projection) : layout.b(layer, projection)
    }

    /// Where `layers.3.gate`, `layers.3.mlp_norm`, `embedding` or `final_norm` lies.
    private func range(_ name: String, _ reference: Reference, _ layout: WeightsLayout) throws -> Range<Int> {
        let parts = name.split(separator: ".")
        switch parts.last {
        case "embedding": return layout.embedding
        case "final_norm": return layout.finalNorm
        case "attention_norm": return layout.part(try #require(Int(parts[1])), .attentionNorm)
        case "mlp_norm": return layout.part(try #require(Int(parts[1])), .feedForwardNorm)
        default: break
        }
        let layer = try #require(Int(parts[1]))
        let module = try #require(reference.modules.firstIndex(of: String(parts[2])))
        let projection = Projection.allCases[module]
        let stack: (part: LayerPart, projections: [Projection]) =
            switch projection {
            case .query, .key, .value: (.qkv, [.query, .key, .value])
            case .gate, .up: (.gateUp, [.gate, .up])
            case .output: (.output, [.output])
            case .down: (.down, [.down])
            }
        func size(_ projection: Projection) -> Int {
            projection.inputs(layout.shape) * projection.outputs(layout.shape)
        }
        let before = stack.projections.prefix { $0 != projection }.map(size).reduce(0, +)
        let start = layout.part(layer, stack.part).lowerBound + before
        return start..<start + size(projection)
    }

    /// Norms, and the entries that the reference samples as one vector, agree relatively.
    private func compare(
        _ values: [Float], _ tensors: [Reference.Tensor], tolerance: Double, _ range: (String) throws -> Range<Int>
    ) throws {
        for tensor in tensors {
            let own = values[try range(tensor.name)]
            let norm = own.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(norm - tensor.norm) < tolerance * tensor.norm, "\(tensor.name)")
            var (difference, size) = (0.0, 0.0)
            for (index, value) in zip(tensor.indices, tensor.values) {
                let own = Double(own[own.startIndex + index])
                difference += (own - Double(value)) * (own - Double(value))
                size += Double(value) * Double(value)
            }
            #expect(difference.squareRoot() < tolerance * size.squareRoot(), "\(tensor.name)")
        }
    }

    /// The loss, the gradients, ten AdamW steps and what they leave.
    private func check(
        _ model: TrainedModel, _ start: [Float], _ reference: Reference, _ loss: Reference.Loss,
        _ steps: Reference.Steps,
        gradients wanted: [Reference.Tensor], parameters after: [Reference.Tensor], afterTolerance: Double,
        _ range: (String) throws -> Range<Int>
    ) throws {
        let rows = reference.examples
        var values = start
        let gradient = BatchGradient(model)
        var gradients = [Float](repeating: 0, count: model.count)
        let first = gradient.run(rows, parameters: values, gradients: &gradients)
        #expect(abs(first - loss.loss) < 1e-4)
        #expect(
            abs(Double(AdamW.norm(gradients)) - loss.gradient_norm) < Products.gradientTolerance * loss.gradient_norm)
        try compare(gradients, wanted, tolerance: Products.gradientTolerance, range)

        var optimizer = AdamW(count: model.count, weightDecay: 0.01)
        for (step, wanted) in steps.losses.enumerated() {
            let loss = gradient.run(rows, parameters: values, gradients: &gradients)
            #expect(abs(loss - wanted) < 1e-3, "step \(step)")
            let norm = AdamW.norm(gradients)
            #expect(abs(Double(norm) - steps.gradient_norms[step]) < Products.laterNormTolerance * steps.gradient_norms[step], "step \(step)")
            optimizer.step(
                &values, gradients, learningRate: steps.learning_rate, gradientScale: AdamW.clip(norm: norm, to: 1))
        }
        #expect(abs(gradient.loss(rows, parameters: values) - steps.final_loss) < 1e-3)
        try compare(values, after, tolerance: afterTolerance, range)
    }

    @Test(.needsWeights) func loraIsPyTorchs() throws {
        let reference = try fixture("training", as: Reference.self)
        let student = try RealModel.student
        let adapter = try adapter(reference, student.configuration)
        try check(
            TrainedModel(student, layout: adapter.layout, scale: adapter.scale), adapter.values, reference,
            reference.lora, reference.lora_adamw, gradients: reference.lora_gradients,
            parameters: reference.lora_parameters_after_adamw, afterTolerance: 2e-2
        ) { try range($0, reference, adapter.layout) }
    }

    @Test(.needsWeights) func fullFineTuningIsPyTorchs() throws {
        let reference = try fixture("training", as: Reference.self)
        let student = try RealModel.student
        let layout = WeightsLayout(student.configuration)
        try check(
            TrainedModel(layout), student.flattened(layout), reference, reference.full, reference.full_adamw,
            gradients: reference.full_gradients, parameters: reference.full_parameters_after_adamw,
            afterTolerance: 1e-3
        ) { try range($0, reference, layout) }
    }
}

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
    }

    /// The reference's A and B: sines and cosines of the indices.
    private func adapter(_ reference: Reference, _ shape: LlamaConfiguration) throws -> LoRAAdapter {
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

    private func compare(
        _ values: [Float], _ tensors: [Reference.Tensor], _ reference: Reference, _ layout: LoRALayout,
        tolerance: Double
    ) throws {
        for tensor in tensors {
            let own = values[try range(tensor.name, reference, layout)]
            let norm = own.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(norm - tensor.norm) < tolerance * tensor.norm, "\(tensor.name)")
            // A tensor's entries are compared on the scale of its root mean square.
            let scale = tensor.norm / Double(own.count).squareRoot()
            for (index, value) in zip(tensor.indices, tensor.values) {
                let difference = abs(Double(own[own.startIndex + index]) - Double(value))
                #expect(difference < tolerance * max(scale, abs(Double(value))), "\(tensor.name)[\(index)]")
            }
        }
    }

    @Test(.needsWeights) func lossGradientsAndTenStepsArePyTorchs() throws {
        let reference = try fixture("training", as: Reference.self)
        let student = try RealModel.student
        let rows = reference.rows.map { row in
            TrainingExample(tokens: row.ids, trained: row.ids.indices.map { $0 >= row.target_start })
        }
        var adapter = try adapter(reference, student.configuration)
        let gradient = AdapterGradient(student, layout: adapter.layout, scale: adapter.scale)
        var gradients = [Float](repeating: 0, count: adapter.values.count)
        let loss = gradient.run(rows, parameters: adapter.values, gradients: &gradients)
        #expect(abs(loss - reference.lora.loss) < 1e-4)
        #expect(abs(Double(AdamW.norm(gradients)) - reference.lora.gradient_norm) < 1e-3)
        try compare(gradients, reference.lora_gradients, reference, adapter.layout, tolerance: 1e-3)

        var optimizer = AdamW(count: gradients.count, weightDecay: 0.01)
        for (step, wanted) in reference.lora_adamw.losses.enumerated() {
            let loss = gradient.run(rows, parameters: adapter.values, gradients: &gradients)
            #expect(abs(loss - wanted) < 1e-3, "step \(step)")
            let norm = AdamW.norm(gradients)
            #expect(abs(Double(norm) - reference.lora_adamw.gradient_norms[step]) < 5e-3, "step \(step)")
            optimizer.step(
                &adapter.values, gradients, learningRate: reference.lora_adamw.learning_rate,
                gradientScale: AdamW.clip(norm: norm, to: 1))
        }
        #expect(abs(gradient.loss(rows, parameters: adapter.values) - reference.lora_adamw.final_loss) < 1e-3)
        try compare(
            adapter.values, reference.lora_parameters_after_adamw, reference, adapter.layout, tolerance: 2e-2)
    }
}

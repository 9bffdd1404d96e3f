import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Against PyTorch (Tests/References/distillation_reference.py): losses with a teacher, and their gradients.
@Suite struct DistillationReferenceTests {
    private struct Reference: Decodable {
        struct Row: Decodable {
            let ids: [Int32]
            let target_start: Int
            let teacher_ids: [Int32]
            let teacher_start: Int
        }
        struct Found: Decodable {
            let temperature: Double
            let ratio: Double?
            let top_k: Int?
            let beta: Double?
            /// What is minimised; of `soft` also the cross-entropy and the divergence.
            let losses: [Double]
            let gradient_norm: Double
            let gradients: [TrainingReferenceTests.Reference.Tensor]
        }
        let rank: Int
        let alpha: Float
        let modules: [String]
        let rows: [Row]
        let soft: [Found]
        let jsd: [Found]

        var student: [TrainingExample] {
            rows.map { row in
                TrainingExample(tokens: row.ids, trained: row.ids.indices.map { $0 >= row.target_start })
            }
        }
        var teacher: [TrainingExample] {
            rows.map { row in
                TrainingExample(
                    tokens: row.teacher_ids, trained: row.teacher_ids.indices.map { $0 >= row.teacher_start })
            }
        }
    }

    private let reference: Reference
    private let adapter: LoRAAdapter
    private let gradient: BatchGradient
    private let scorer: TeacherScorer

    init() throws {
        reference = try fixture("distillation", as: Reference.self)
        let student = try RealModel.student
        adapter = try TrainingReferenceTests.adapter(
            rank: reference.rank, alpha: reference.alpha, student.configuration)
        gradient = BatchGradient(TrainedModel(student, layout: adapter.layout, scale: adapter.scale))
        scorer = TeacherScorer(try Transformer(RealModel.base), rows: reference.teacher)
    }

    private func check(_ objective: TargetObjective, _ found: Reference.Found) throws -> LossSums {
        var gradients = [Float](repeating: 0, count: adapter.values.count)
        let losses = gradient.run(reference.student, objective, parameters: adapter.values, gradients: &gradients)
        #expect(abs(losses.total - found.losses[0]) < 2e-4 * found.losses[0])
        #expect(abs(Double(AdamW.norm(gradients)) - found.gradient_norm) < 1e-3 * found.gradient_norm)
        try TrainingReferenceTests.compare(gradients, found.gradients, tolerance: 2e-3) {
            try TrainingReferenceTests.range($0, modules: reference.modules, adapter.layout)
        }
        return losses
    }

    @Test(.needsWeights) func softLabelLossesArePyTorchs() throws {
        let vocabulary = scorer.model.configuration.vocabulary
        for found in reference.soft {
            let temperature = Float(found.temperature)
            let batch = scorer.batch(reference.teacher)
            let labels = try #require(
                SoftLabels(
                    softmaxOf: batch.logits(0..<batch.targetCount), count: batch.targetCount, vocabulary: vocabulary,
                    kept: found.top_k ?? vocabulary, temperature: temperature))
            #expect(labels.areValid(vocabulary: vocabulary))
            let losses = try check(
                .softLabels(labels, ratio: Float(found.ratio ?? 0), temperature: temperature), found)
            #expect(abs(losses.crossEntropy - found.losses[1]) < 2e-4 * found.losses[1])
            #expect(abs(losses.divergence - found.losses[2]) < 2e-4 * found.losses[2])
        }
    }

    @Test(.needsWeights) func generalisedJensenShannonDivergencesArePyTorchs() throws {
        for found in reference.jsd {
            let losses = try check(
                .divergence(
                    scorer.batch(reference.teacher), beta: Float(found.beta ?? 0), temperature: Float(found.temperature)
                ),
                found)
            #expect(losses.divergence == losses.total)
        }
    }
}

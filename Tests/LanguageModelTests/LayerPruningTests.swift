import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Which layers do most: against PyTorch (Tests/References/distillation_reference.py), and by what the measures mean.
@Suite struct LayerPruningTests {
    private struct Reference: Decodable {
        struct Row: Decodable { let ids: [Int32]; let target_start: Int }
        struct Removed: Decodable { let layer: Int; let loss: Double }
        struct Removals: Decodable { let whole: Double; let removed: [Removed] }
        let rows: [Row]
        let influence: [Double]
        let removals: Removals

        var examples: [TrainingExample] {
            rows.map { row in
                TrainingExample(tokens: row.ids, trained: row.ids.indices.map { $0 >= row.target_start })
            }
        }
    }

    @Test(.needsWeights) func influencesArePyTorchs() throws {
        let reference = try fixture("distillation", as: Reference.self)
        let influences = try LayerPruning(RealModel.base).influences(reference.rows.map(\.ids))
        #expect(influences.count == reference.influence.count)
        for (own, wanted) in zip(influences, reference.influence) { #expect(abs(own - wanted) < 1e-4 + 1e-3 * wanted) }
    }

    @Test(.needsWeights) func theLayersThatGoArePyTorchs() throws {
        let reference = try fixture("distillation", as: Reference.self)
        var progress: [Int] = []
        let found = try LayerPruning(RealModel.student).removals(reference.examples, keeping: 8) { done, all in
            progress.append(done)
            #expect(done <= all && all == 19)
        }
        #expect(abs(found.loss - reference.removals.whole) < 1e-3)
        #expect(found.removed.map(\.layer) == reference.removals.removed.map(\.layer))
        for (own, wanted) in zip(found.removed, reference.removals.removed) {
            #expect(abs(own.loss - wanted.loss) < 1e-3)
        }
        #expect(progress == [10, 19])
    }

    /// A layer whose output projections are zero passes its input on.
    @Test func aLayerThatDoesNothingHasNoInfluenceAndGoesFirst() throws {
        let weights = try TinyModel.weights.selecting(layers: [0, 0, 1])
        let shape = weights.configuration
        var layers = weights.layers
        layers[1].output = Matrix(rows: shape.width, columns: shape.queryWidth) {
            $0.update(repeating: 0, count: shape.width * shape.queryWidth)
        }
        layers[1].down = Matrix(rows: shape.width, columns: shape.ffnWidth) {
            $0.update(repeating: 0, count: shape.width * shape.ffnWidth)
        }
        let model = weights.replacing(layers: layers)
        let rows = (0..<3).map { row in
            TrainingExample(tokens: (0..<12).map { 60 + Int32(row * 9 + $0) % 90 }, trained: (0..<12).map { $0 > 4 })
        }
        let pruning = LayerPruning(model)
        let influences = try pruning.influences(rows.map(\.tokens))
        #expect(abs(influences[1]) < 1e-6 && influences[0] > 0.01 && influences[2] > 0.01)
        let found = try pruning.removals(rows, keeping: 1)
        #expect(found.removed.count == 2 && found.removed[0].layer == 1)
        #expect(abs(found.removed[0].loss - found.loss) < 1e-5)
        #expect(throws: CancellationError.self) {
            try LayerPruning(model, isCancelled: { true }).removals(rows, keeping: 1)
        }
    }
}

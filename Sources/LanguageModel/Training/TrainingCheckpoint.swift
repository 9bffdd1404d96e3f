import Distillation
import Foundation

/// All that training needs to go on as if it had never stopped: values, the optimiser's moments, the steps so far.
///
/// The order of rows and the learning rate follow from the options and the number of the step.
struct TrainingCheckpoint {
    var values: [Float]
    var optimizer: AdamW
    var steps: [TrainingStep]

    private static let stepsKey = "distnb.steps"

    /// The checkpoint as a safetensors file, in pieces that are valid within `body` only.
    static func withPieces(
        values: [Float], optimizer: AdamW, steps: [TrainingStep], _ body: ([Data]) throws -> Void
    ) throws {
        let history = String(decoding: try JSONEncoder().encode(steps), as: UTF8.self)
        try Safetensors.withPieces(
            [("values", values), ("first", optimizer.first), ("second", optimizer.second)],
            metadata: [stepsKey: history], body)
    }

    /// Reads a checkpoint of `count` values; nil where it is damaged or another model's, for then training begins anew.
    init?(_ bytes: Data, count: Int, weightDecay: Float) {
        guard let file = try? Safetensors(bytes, name: "the checkpoint"),
            let history = file.metadata[Self.stepsKey],
            let steps = try? JSONDecoder().decode([TrainingStep].self, from: Data(history.utf8)),
            let values = file.values("values"), let first = file.values("first"), let second = file.values("second"),
            values.count == count, first.count == count, second.count == count,
            values.allSatisfy(\.isFinite), first.allSatisfy(\.isFinite), second.allSatisfy(\.isFinite),
            steps.enumerated().allSatisfy({
                $0.offset + 1 == $0.element.step && $0.element.step <= $0.element.totalSteps
            })
        else { return nil }
        self.values = values
        self.steps = steps
        optimizer = AdamW(first: first, second: second, steps: steps.count, weightDecay: weightDecay)
    }
}

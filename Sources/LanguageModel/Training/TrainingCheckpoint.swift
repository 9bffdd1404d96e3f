import Distillation
import Foundation

/// All that training needs to go on as if it had never stopped: values, the optimiser's moments, the steps so far, what
/// is remembered of the rows, the answers to watched prompts, and the best values where early stopping was asked for.
///
/// The order of rows, the learning rate and when to stop follow from the options and the steps.
struct TrainingCheckpoint {
    var values: [Float]
    var optimizer: AdamW
    var steps: [TrainingStep]
    /// For each row; nil before the first step that learnt from it.
    var rowLosses: [(first: Float?, last: Float?)]
    var watched: [WatchedAnswer]
    /// The values after the best measurement.
    var best: [Float]?

    private static let stepsKey = "distnb.steps"
    private static let watchedKey = "distnb.watched"
    /// Stands for a loss that was not measured; cross-entropies are not negative.
    private static let unknown: Float = -1

    init(
        values: [Float], optimizer: AdamW, steps: [TrainingStep], rowLosses: [(first: Float?, last: Float?)],
        watched: [WatchedAnswer], best: [Float]?
    ) {
        self.values = values
        self.optimizer = optimizer
        self.steps = steps
        self.rowLosses = rowLosses
        self.watched = watched
        self.best = best
    }

    /// The checkpoint as a safetensors file, in pieces that are valid within `body` only.
    func withPieces(_ body: ([Data]) throws -> Void) throws {
        let encoder = JSONEncoder()
        let history = String(decoding: try encoder.encode(steps), as: UTF8.self)
        let answers = String(decoding: try encoder.encode(watched), as: UTF8.self)
        try Safetensors.withPieces(
            [
                ("values", values), ("first", optimizer.first), ("second", optimizer.second),
                ("rows_first", rowLosses.map { $0.first ?? Self.unknown }),
                ("rows_last", rowLosses.map { $0.last ?? Self.unknown }),
            ] + (best.map { [("best", $0)] } ?? []),
            metadata: [Self.stepsKey: history, Self.watchedKey: answers], body)
    }

    /// Reads a checkpoint; nil where it is damaged or another job's, for then training begins anew.
    init?(_ bytes: Data, of model: TrainedModel, rows: Int, patience: Int?, weightDecay: Float) {
        let count = model.count
        guard let file = try? Safetensors(bytes, name: "the checkpoint"),
            let history = file.metadata[Self.stepsKey], let answers = file.metadata[Self.watchedKey],
            let steps = try? JSONDecoder().decode([TrainingStep].self, from: Data(history.utf8)),
            let watched = try? JSONDecoder().decode([WatchedAnswer].self, from: Data(answers.utf8)),
            let values = file.values("values"), let first = file.values("first"), let second = file.values("second"),
            let rowsFirst = file.values("rows_first"), let rowsLast = file.values("rows_last"),
            values.count == count, first.count == count, second.count == count, rowsFirst.count == rows,
            rowsLast.count == rows, values.allSatisfy(\.isFinite), first.allSatisfy(\.isFinite),
            second.allSatisfy(\.isFinite), rowsFirst.allSatisfy(\.isFinite), rowsLast.allSatisfy(\.isFinite),
            steps.enumerated().allSatisfy({
                $0.offset + 1 == $0.element.step && $0.element.step <= $0.element.totalSteps
            }), watched.allSatisfy({ (0...steps.count).contains($0.step) })
        else { return nil }
        let best = file.values("best")
        guard (EarlyStopping(patience: patience, steps: steps).best != nil) == (best != nil),
            best.map({ $0.count == count && $0.allSatisfy(\.isFinite) }) ?? true
        else { return nil }
        func loss(_ value: Float) -> Float? { value < 0 ? nil : value }
        self.init(
            values: values,
            optimizer: AdamW(
                first: first, second: second, steps: steps.count, weightDecay: weightDecay,
                undecayed: model.undecayed),
            steps: steps, rowLosses: zip(rowsFirst, rowsLast).map { (loss($0), loss($1)) }, watched: watched,
            best: best)
    }
}

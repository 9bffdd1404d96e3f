internal import Distillation
internal import Foundation
internal import OpenAIWire
internal import Tables

/// What a service tells of a training, as steps: from its events while it runs, from checkpoints and the file with the
/// metrics at its end.
struct TrainingSteps: Sendable {
    /// By step.
    private var found: [Int: MetricsTable.Line] = [:]
    /// How many there will be, as far as the service says.
    private(set) var total: Int?
    private let epochs: Int?

    /// - Parameter epochs: how often each row is seen, where that is known.
    init(epochs: Int?) { self.epochs = epochs }

    /// A loss or an accuracy that was measured: services write -1 and NaN for what was not.
    static func measured(_ number: Double) -> Double? { number.isFinite && number >= 0 && number < 1e15 ? number : nil }

    /// Adds what an event measured.
    /// - Returns: the step as it is now; nil where the event measured none.
    mutating func add(_ event: FineTuningEvent, now: Double, finish: Int?) -> TrainingStep? {
        let words = Self.counted(event.message)
        guard let metrics = event.metrics, let step = metrics.step ?? words?.step, step > 0 else { return nil }
        if let count = metrics[field: "total_steps"].integer ?? words?.total, count >= step { total = count }
        add(
            MetricsTable.Line(
                step: step, loss: metrics.loss.flatMap(Self.measured),
                validLoss: metrics.validLoss.flatMap(Self.measured),
                fullValidLoss: metrics.fullValidLoss.flatMap(Self.measured)))
        guard let line = found[step], line.loss != nil else { return nil }
        return self.step(
            line, total: total ?? 0, usesFull: true, secondsLeft: finish.map { max(0, Double($0) - now) } ?? 0)
    }

    /// Adds the measurements of a checkpoint.
    mutating func add(_ checkpoint: FineTuningCheckpoint) {
        guard let step = checkpoint.step ?? checkpoint.metrics?.step, step > 0, let metrics = checkpoint.metrics else {
            return
        }
        add(
            MetricsTable.Line(
                step: step, loss: metrics.loss.flatMap(Self.measured),
                validLoss: metrics.validLoss.flatMap(Self.measured),
                fullValidLoss: metrics.fullValidLoss.flatMap(Self.measured)))
    }

    /// Adds the file with the metrics.
    mutating func add(_ table: MetricsTable) { for line in table.lines where line.step > 0 { add(line) } }

    private mutating func add(_ line: MetricsTable.Line) {
        let before = found[line.step]
        found[line.step] = MetricsTable.Line(
            step: line.step, loss: line.loss ?? before?.loss, validLoss: line.validLoss ?? before?.validLoss,
            fullValidLoss: line.fullValidLoss ?? before?.fullValidLoss)
    }

    /// Whether the validation losses are of some of the rows at a time, as the service told none of all.
    var validatesByBatch: Bool {
        !found.values.contains { $0.fullValidLoss != nil } && found.values.contains { $0.validLoss != nil }
    }

    /// All steps of a training that is done, in order. Those without a training loss are left out.
    var finished: [TrainingStep] {
        let lines = found.values.filter { $0.loss != nil }.sorted { $0.step < $1.step }
        guard let last = lines.last?.step else { return [] }
        // A loss of a batch next to losses of all rows would look like a jump.
        let usesFull = !validatesByBatch
        return lines.map { step($0, total: last, usesFull: usesFull, secondsLeft: 0) }
    }

    private func step(_ line: MetricsTable.Line, total: Int, usesFull: Bool, secondsLeft: Double) -> TrainingStep {
        TrainingStep(
            step: line.step, totalSteps: total, epoch: epoch(line.step, of: total), loss: line.loss ?? 0,
            validationLoss: usesFull ? line.fullValidLoss : line.validLoss, learningRate: 0, gradientNorm: 0,
            tokensPerSecond: 0, secondsLeft: secondsLeft)
    }

    /// The epochs of a service are equally long.
    private func epoch(_ step: Int, of total: Int) -> Int {
        guard let epochs, epochs > 0, total >= step, step > 0 else { return 1 }
        return min(epochs, (step - 1) * epochs / total + 1)
    }

    /// Reads "Step 12/90: training loss=0.53", which is all that some services say of how many steps there are.
    private static func counted(_ message: String) -> (step: Int, total: Int)? {
        guard let start = message.range(of: "tep ")?.upperBound else { return nil }
        let parts = message[start...].prefix { $0.isNumber || $0 == "/" }.split(separator: "/")
        guard parts.count == 2, let step = Int(parts[0]), let total = Int(parts[1]), total >= step else { return nil }
        return (step, total)
    }
}

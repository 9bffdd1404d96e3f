internal import Distillation

/// Ends a training whose validation loss gets no better (Prechelt 1998, "Early Stopping – But When?").
///
/// It follows from the steps alone, so that a training that goes on from a checkpoint ends where it would have ended.
struct EarlyStopping {
    /// Measurements in a row without a new best that end the training; nil for never.
    private let patience: Int?
    /// The step after which the validation loss was least, the earliest of equals.
    private(set) var best: (step: Int, loss: Double)?
    private var sinceBest = 0

    init(patience: Int?, steps: [TrainingStep] = []) {
        self.patience = patience
        for step in steps { observe(step) }
    }

    /// Whether the training is over.
    var isOver: Bool { patience.map { sinceBest >= $0 } ?? false }

    /// - Returns: whether the step's measurement is the best so far; false where none was made.
    @discardableResult
    mutating func observe(_ step: TrainingStep) -> Bool {
        guard patience != nil, let loss = step.validationLoss else { return false }
        if let best, !(loss < best.loss) {
            sinceBest += 1
            return false
        }
        best = (step.step, loss)
        sinceBest = 0
        return true
    }
}

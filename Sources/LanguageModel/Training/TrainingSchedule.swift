internal import Distillation

/// After which steps the validation loss is measured, and the watched prompts are answered.
struct TrainingSchedule {
    let stepsAnEpoch: Int
    let totalSteps: Int
    private let evaluateEvery: Int
    private let watchEvery: Int?

    init(_ options: FineTuneOptions, rows: Int) {
        stepsAnEpoch = max(1, options.stepsAnEpoch(rows: rows))
        totalSteps = options.steps(rows: rows)
        evaluateEvery = options.evaluateEvery ?? stepsAnEpoch
        watchEvery = options.watchEvery
    }

    /// Whether the validation loss is measured after so many steps; after the last one always.
    func evaluates(after steps: Int) -> Bool { steps % evaluateEvery == 0 || steps == totalSteps }

    /// Whether the watched prompts are answered after so many steps: before the first, after the last, and every so many
    /// steps, or at each quarter.
    func watches(after steps: Int) -> Bool {
        if steps == 0 || steps == totalSteps { return true }
        if let watchEvery { return steps % watchEvery == 0 }
        return (1...3).contains { steps == totalSteps * $0 / 4 }
    }
}

internal import Distillation
internal import Foundation

/// What the engine makes of the options.
extension FineTuneOptions {
    /// - Throws: `EngineError.invalidOption`. Rank and α are checked where the adapter is made.
    func check() throws {
        func require(_ holds: Bool, _ name: String, _ expected: String, _ found: some Any) throws {
            if !holds { throw EngineError.invalidOption(name: name, expected: expected, found: "\(found)") }
        }
        try require((1...10_000).contains(epochs), "epochs", "1 to 10000", epochs)
        try require(learningRate.isFinite && learningRate > 0, "learning_rate", "a positive number", learningRate)
        try require((1...65_536).contains(batchSize), "batch_size", "1 to 65536", batchSize)
        try require((1...65_536).contains(accumulate), "accumulate", "1 to 65536", accumulate)
        try require(warmupSteps >= 0, "warm-up steps", "0 or more", warmupSteps)
        try require(maxGradientNorm > 0, "max_gradient_norm", "a positive number", maxGradientNorm)
        try require(weightDecay.isFinite && weightDecay >= 0, "weight_decay", "0 or more", weightDecay)
        try require((evaluateEvery ?? 1) >= 1, "evaluate_every", "1 or more", evaluateEvery ?? 0)
        try require((patience ?? 1) >= 1, "patience", "1 or more", patience ?? 0)
        try require((maxTokens ?? 2) >= 2, "max_tokens", "2 or more", maxTokens ?? 0)
        try require((watchEvery ?? 1) >= 1, "watch_every", "1 or more", watchEvery ?? 0)
        switch method {
        case .sft: break
        case .soft(let soft):
            try require(soft.temperature.isFinite && soft.temperature > 0, "temperature", "above 0", soft.temperature)
            try require((0...1).contains(soft.ratio), "kd_ratio", "0 to 1", soft.ratio)
            try require(soft.topK >= 1, "top_k", "1 or more", soft.topK)
        case .onPolicy(let own):
            try require(own.temperature.isFinite && own.temperature > 0, "temperature", "above 0", own.temperature)
            try require((0...1).contains(own.lambda), "lambda", "0 to 1", own.lambda)
            try require((0...1).contains(own.beta), "beta", "0 to 1", own.beta)
            try require(own.maxTokens >= 1, "max_new_tokens", "1 or more", own.maxTokens)
        }
    }

    /// The learning rate of a step, counted from 0, as transformers' `get_linear_schedule_with_warmup` and its
    /// siblings have it.
    func learningRate(step: Int, of total: Int) -> Double {
        if step < warmupSteps { return learningRate * Double(step) / Double(warmupSteps) }
        let progress = Double(step - warmupSteps) / Double(max(1, total - warmupSteps))
        switch schedule {
        case .linear: return learningRate * max(0, 1 - progress)
        case .cosine: return learningRate * max(0, 0.5 * (1 + cos(.pi * progress)))
        case .constant: return learningRate
        }
    }
}

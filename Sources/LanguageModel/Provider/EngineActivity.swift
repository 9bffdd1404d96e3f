internal import Synchronization

/// Counts what the engine really computed, so that anybody can see that a result came from no cache.
public final class EngineActivity: Sendable {
    private let passes = Atomic<Int>(0)
    private let steps = Atomic<Int>(0)

    public init() {}

    /// Passes through the layers while generating: one reads prompts or adds a token to each sequence of a batch.
    public var forwardPasses: Int { passes.load(ordering: .relaxed) }

    /// Updates of weights while training.
    public var optimizerSteps: Int { steps.load(ordering: .relaxed) }

    func countForwardPass() { passes.wrappingAdd(1, ordering: .relaxed) }
    func countOptimizerStep() { steps.wrappingAdd(1, ordering: .relaxed) }
}

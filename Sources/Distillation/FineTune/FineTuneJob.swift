public import Tables

/// What fine-tuning is asked to do.
public struct FineTuneJob: Sendable {
    public let base: Model
    /// Conversations that end with the reply to learn; every assistant turn is trained on.
    public let examples: [[ChatMessage]]
    /// Conversations that are only measured.
    public let validation: [[ChatMessage]]
    public let options: FineTuneOptions

    public init(base: Model, examples: [[ChatMessage]], validation: [[ChatMessage]], options: FineTuneOptions) {
        self.base = base
        self.examples = examples
        self.validation = validation
        self.options = options
    }
}

/// What fine-tuning gives.
public struct FineTuneResult: Sendable {
    /// The adapter's file (safetensors).
    public let adapter: [UInt8]
    public let steps: [TrainingStep]

    public init(adapter: [UInt8], steps: [TrainingStep]) {
        self.adapter = adapter
        self.steps = steps
    }
}

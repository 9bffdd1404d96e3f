/// A row to train on.
public struct TrainingExample: Sendable, Hashable {
    /// The row's tokens, prompt and answer.
    public var tokens: [Int32]
    /// For each token whether the model is trained to predict it (from those before). The first token is predicted from
    /// nothing and never counts.
    public var trained: [Bool]

    public init(tokens: [Int32], trained: [Bool]) {
        self.tokens = tokens
        self.trained = trained
    }
}

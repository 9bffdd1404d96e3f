/// What training remembers of a row: rows that stay hard to learn are often labelled wrongly.
public struct RowLoss: Sendable, Hashable {
    /// Tokens of the row as the model reads it, prompt and answer.
    public var tokens: Int
    /// Mean cross-entropy over the row's target tokens, in nats, before the first step that learnt from it; nil for a row
    /// that was left out or not reached.
    public var first: Double?
    /// The same before the last step that learnt from it.
    public var last: Double?

    public init(tokens: Int, first: Double? = nil, last: Double? = nil) {
        self.tokens = tokens
        self.first = first
        self.last = last
    }
}

/// What a model answered to a watched prompt while it was trained.
public struct WatchedAnswer: Sendable, Hashable, Codable {
    /// Steps that had been made; 0 for the untrained model.
    public var step: Int
    /// The loss of the last of them; nil before the first.
    public var loss: Double?
    public var prompt: String
    public var answer: String
    /// Whether the answer went on.
    public var isCut: Bool

    public init(step: Int, loss: Double?, prompt: String, answer: String, isCut: Bool) {
        self.step = step
        self.loss = loss
        self.prompt = prompt
        self.answer = answer
        self.isCut = isCut
    }
}

/// What to continue, and how.
public struct GenerationRequest: Sendable, Hashable {
    /// The whole prompt, for example from `ChatTemplate.encode`.
    public var promptTokens: [Int32]
    /// The most tokens to generate; fewer where the model's context ends first.
    public var maxTokens: Int
    /// 0 takes the most likely token each time; 1 samples from the model's distribution.
    public var temperature: Float
    /// Sample only from the most likely tokens that together have this probability (Holtzman et al. 2020); 1 for all.
    public var topP: Float
    /// The only source of randomness: the same request and seed give the same answer in any company.
    public var seed: UInt64
    /// Texts at which generation ends; they are cut off.
    public var stop: [String]

    public init(
        promptTokens: [Int32], maxTokens: Int, temperature: Float = 0, topP: Float = 1, seed: UInt64 = 0,
        stop: [String] = []
    ) {
        self.promptTokens = promptTokens
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.topP = topP
        self.seed = seed
        self.stop = stop
    }
}

/// An answer.
public struct GenerationResult: Sendable, Hashable {
    /// Why generation ended.
    public enum FinishReason: String, Sendable, Hashable {
        /// The model ended its answer, or a stop text came.
        case stop
        /// `maxTokens` or the end of the context was reached.
        case length
    }

    /// The answer without special tokens and without the stop text.
    public var text: String
    /// The tokens generated, without the one that ended the answer.
    public var tokens: [Int32]
    public var promptTokenCount: Int
    /// Tokens generated, the one that ended the answer included: what was computed, and what a provider would bill.
    public var completionTokenCount: Int
    public var finishReason: FinishReason
    /// From the moment the request got a place in the batch.
    public var seconds: Double
}

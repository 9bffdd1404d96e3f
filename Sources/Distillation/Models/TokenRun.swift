/// Providers whose models' tokens only a server knows.
extension ModelProvider {
    public func tokenCount(of messages: [ChatMessage], for specification: ModelSpecification) throws -> Int? { nil }

    public func contextLength(of specification: ModelSpecification) throws -> Int? { nil }

    public func reading(
        of conversation: [ChatMessage], for specification: ModelSpecification
    ) throws -> [TokenRun]? { nil }
}

/// Tokens of a training row that stand side by side and are treated alike, as people may look at them.
public struct TokenRun: Sendable, Hashable {
    public let text: String
    /// How many tokens these are.
    public let count: Int
    /// Whether it is a token that the template writes and no content can spell; such a one stands alone.
    public let isSpecial: Bool
    /// Whether the model is trained to say it.
    public let isTrained: Bool

    public init(text: String, count: Int, isSpecial: Bool, isTrained: Bool) {
        self.text = text
        self.count = count
        self.isSpecial = isSpecial
        self.isTrained = isTrained
    }
}

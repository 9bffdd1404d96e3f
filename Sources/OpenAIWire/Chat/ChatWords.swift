/// Who speaks in a chat.
public struct ChatRole: WireWord {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let system: ChatRole = "system"
    /// What `system` is called for reasoning models.
    public static let developer: ChatRole = "developer"
    public static let user: ChatRole = "user"
    public static let assistant: ChatRole = "assistant"
    public static let tool: ChatRole = "tool"
    /// Deprecated: the answer of a function, before there were tools.
    public static let function: ChatRole = "function"
}

/// Why a reply ends.
public struct FinishReason: WireWord {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The model ended it, or a stop text came.
    public static let stop: FinishReason = "stop"
    /// The limit of tokens was reached: the reply is cut.
    public static let length: FinishReason = "length"
    public static let toolCalls: FinishReason = "tool_calls"
    /// The service's filter left content out.
    public static let contentFilter: FinishReason = "content_filter"
    /// Deprecated: as `toolCalls`.
    public static let functionCall: FinishReason = "function_call"
}

/// How long a reasoning model thinks.
public struct ReasoningEffort: WireWord {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let none: ReasoningEffort = "none"
    public static let minimal: ReasoningEffort = "minimal"
    public static let low: ReasoningEffort = "low"
    public static let medium: ReasoningEffort = "medium"
    public static let high: ReasoningEffort = "high"
}

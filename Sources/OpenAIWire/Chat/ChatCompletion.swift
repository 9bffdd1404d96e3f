public import OrderedCollections
internal import Tables

/// A reply to a chat request, and what is kept of it in the store.
///
/// Compatible servers leave out much that OpenAI's schema requires; reading insists on the choices only. Source:
/// openai/openai-openapi, schema `CreateChatCompletionResponse`.
public struct ChatCompletion: WireObject, Listed {
    public static let form = WireForm("a chat completion", .needs("choices", .objects(Choice.self)))
    public static let listing = Listing.cursors

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A completion as a server answers it.
    /// - Parameter created: seconds since 1970.
    public init(
        id: String, created: Int, model: String, choices: [Choice], usage: TokenUsage? = nil,
        systemFingerprint: String? = nil, serviceTier: String? = nil, metadata: Metadata? = nil
    ) {
        fields = WireFields([
            "id": .string(id), "object": "chat.completion", "created": .integer(created), "model": .string(model),
            "choices": .objects(choices), "usage": usage?.json,
            "system_fingerprint": systemFingerprint.map(Value.string), "service_tier": serviceTier.map(Value.string),
            "metadata": metadata.map(Value.pairs),
        ])
    }

    /// The server's id; empty where it gives none.
    public var id: String { fields.text("id") ?? "" }

    /// Seconds since 1970.
    public var created: Int? { fields.whole("created") }

    /// The model that answered, which may be named more exactly than it was asked for.
    public var model: String? { fields.text("model") }

    /// The replies, as many as were asked for with `n`.
    public var choices: [Choice] { fields.children("choices") }

    /// What was used; nil where the server doesn't say.
    public var usage: TokenUsage? { fields.object("usage") }

    public var systemFingerprint: String? { fields.text("system_fingerprint") }
    public var serviceTier: String? { fields.text("service_tier") }
    public var metadata: Metadata { fields.pairs("metadata") ?? [:] }

    /// What was asked, in stored completions that were read with their messages.
    public var inputMessages: [ChatMessage]? { fields.objects("messages") ?? fields.objects("input") }

    /// One of the replies.
    public struct Choice: WireObject {
        public static let form = WireForm("a choice", .needs("message", .object(ReplyMessage.self)))

        public let fields: WireFields

        public init(fields: WireFields) { self.fields = fields }

        /// A reply as a server answers it.
        public init(
            index: Int = 0, message: ReplyMessage, finishReason: FinishReason = .stop, logprobs: ChoiceLogprobs? = nil
        ) {
            fields = WireFields([
                "index": .integer(index), "message": message.json, "logprobs": (logprobs?.json).orNull,
                "finish_reason": .string(finishReason.rawValue),
            ])
        }

        public var index: Int { fields.whole("index") ?? 0 }
        public var message: ReplyMessage { fields.child("message") }

        /// Why it ends; nil where the server doesn't say.
        public var finishReason: FinishReason? { fields.word("finish_reason") }

        public var logprobs: ChoiceLogprobs? { fields.object("logprobs") }
    }
}

/// What the model says in a choice.
public struct ReplyMessage: WireObject {
    public static let form = WireForm(
        "a reply", .mayHave("content", ChatContent.form), .mayHave("refusal", .text),
        .mayHave("tool_calls", .objects(ToolCall.self)))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A reply as a server answers it.
    public init(content: String?, refusal: String? = nil, toolCalls: [ToolCall] = []) {
        fields = WireFields([
            "role": "assistant", "content": content.map(Value.string).orNull,
            "refusal": refusal.map(Value.string).orNull, "tool_calls": .when(!toolCalls.isEmpty, .objects(toolCalls)),
        ])
    }

    public var role: ChatRole { fields.word("role") ?? .assistant }

    /// The text of the reply; nil where there is none, as when it only calls tools or is refused.
    public var content: String? { ChatContent(self[field: "content"])?.plainText }

    /// Why the model will not answer, in its own words.
    public var refusal: String? { fields.text("refusal") }

    public var toolCalls: [ToolCall] { fields.children("tool_calls") }

    /// What a model thought before it answered, where a compatible server gives that apart.
    public var reasoning: String? { fields.text("reasoning_content") ?? fields.text("reasoning") }
}

/// How many tokens a reply took. A server that gives no whole numbers from 0 gives none: nothing is guessed.
///
/// Source: openai/openai-openapi, schema `CompletionUsage`.
public struct TokenUsage: WireObject {
    public static let form = WireForm(
        "a usage", .needs("prompt_tokens", .count), .needs("completion_tokens", .count),
        .mayHave("total_tokens", .count))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameters:
    ///   - cachedTokens: how many of the prompt's tokens came from a cache, which costs less.
    ///   - reasoningTokens: how many of the completion's tokens were thinking.
    public init(promptTokens: Int, completionTokens: Int, cachedTokens: Int? = nil, reasoningTokens: Int? = nil) {
        fields = WireFields([
            "prompt_tokens": .integer(promptTokens), "completion_tokens": .integer(completionTokens),
            "total_tokens": .integer(promptTokens.addingReportingOverflow(completionTokens).partialValue),
            "prompt_tokens_details": cachedTokens.map { ["cached_tokens": .integer($0)] },
            "completion_tokens_details": reasoningTokens.map { ["reasoning_tokens": .integer($0)] },
        ])
    }

    public var promptTokens: Int { fields.whole("prompt_tokens") ?? 0 }
    public var completionTokens: Int { fields.whole("completion_tokens") ?? 0 }

    /// Tokens of the prompt that came from a cache; 0 where the server doesn't say.
    public var cachedTokens: Int { self[field: "prompt_tokens_details"][field: "cached_tokens"].integer ?? 0 }

    /// Tokens of the completion that were thinking; 0 where the server doesn't say.
    public var reasoningTokens: Int { self[field: "completion_tokens_details"][field: "reasoning_tokens"].integer ?? 0 }
}

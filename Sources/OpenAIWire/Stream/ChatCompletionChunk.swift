internal import OrderedCollections
internal import Tables

/// A piece of a chat completion that is streamed. Source: openai/openai-openapi, schema
/// `CreateChatCompletionStreamResponse`.
public struct ChatCompletionChunk: WireObject {
    public static let form = WireForm("a piece of a chat completion", .mayHave("choices", .objects(Choice.self)))

    /// The data of the event that ends a stream.
    public static let done = "[DONE]"

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A piece as a server sends it.
    /// - Parameters:
    ///   - created: seconds since 1970, the same in all pieces.
    ///   - usage: in the last piece, which has no choices, where the request asked for it.
    public init(
        id: String, created: Int, model: String, choices: [Choice], usage: TokenUsage? = nil,
        systemFingerprint: String? = nil
    ) {
        fields = WireFields([
            "id": .string(id), "object": "chat.completion.chunk", "created": .integer(created),
            "model": .string(model), "system_fingerprint": systemFingerprint.map(Value.string),
            "choices": .objects(choices), "usage": usage?.json,
        ])
    }

    public var id: String? { fields.text("id") }

    /// Seconds since 1970.
    public var created: Int? { fields.whole("created") }
    public var model: String? { fields.text("model") }
    public var choices: [Choice] { fields.children("choices") }
    public var usage: TokenUsage? { fields.object("usage") }

    /// What a piece adds to one of the replies.
    public struct Choice: WireObject {
        public static let form = WireForm(
            "a choice of a piece", .mayHave("index", .whole), .mayHave("delta", .object(Delta.self)),
            .mayHave("finish_reason", .text))

        public let fields: WireFields

        public init(fields: WireFields) { self.fields = fields }

        public init(
            index: Int = 0, delta: Delta, finishReason: FinishReason? = nil, logprobs: ChoiceLogprobs? = nil
        ) {
            fields = WireFields([
                "index": .integer(index), "delta": delta.json, "logprobs": logprobs?.json,
                "finish_reason": finishReason.map { .string($0.rawValue) }.orNull,
            ])
        }

        public var index: Int { fields.whole("index") ?? 0 }
        public var delta: Delta { fields.child("delta") }
        public var finishReason: FinishReason? { fields.word("finish_reason") }
        public var logprobs: ChoiceLogprobs? { fields.object("logprobs") }
    }

    /// What is added to a message.
    public struct Delta: WireObject {
        public static let form = WireForm(
            "what a piece adds", .mayHave("content", ChatContent.form), .mayHave("refusal", .text),
            .mayHave("tool_calls", .objects(ToolCall.self)))

        public let fields: WireFields

        public init(fields: WireFields) { self.fields = fields }

        /// - Parameter role: in a reply's first piece only.
        public init(role: ChatRole? = nil, content: String? = nil, refusal: String? = nil) {
            fields = WireFields([
                "role": role.map { .string($0.rawValue) }, "content": content.map(Value.string),
                "refusal": refusal.map(Value.string),
            ])
        }

        /// Whole tool calls, each under its place.
        public init(toolCalls: [ToolCall]) {
            let calls = toolCalls.enumerated().map { index, call -> Value in
                var record = call.fields.record
                record["index"] = .integer(index)
                return .record(record)
            }
            fields = WireFields(["tool_calls": .list(calls)])
        }

        public var role: ChatRole? { fields.word("role") }
        public var content: String? { ChatContent(self[field: "content"])?.plainText }
        public var refusal: String? { fields.text("refusal") }
        public var toolCalls: [ToolCall] { fields.children("tool_calls") }
    }
}

extension ChatCompletion {
    /// The completion in pieces, as a server streams it: the role, the text, the tool calls, the finish reason, and
    /// the usage where it is asked for.
    /// - Parameters:
    ///   - length: how many characters of text a piece has; where there are log probabilities, a piece is a token.
    public func chunks(length: Int = 20, includesUsage: Bool = false) -> [ChatCompletionChunk] {
        var chunks: [ChatCompletionChunk] = []
        func add(_ choice: ChatCompletionChunk.Choice) {
            chunks.append(
                ChatCompletionChunk(
                    id: id, created: created ?? 0, model: model ?? "", choices: [choice],
                    systemFingerprint: systemFingerprint))
        }
        for choice in choices {
            let index = choice.index
            let message = choice.message
            add(.init(index: index, delta: .init(role: message.role, content: message.content == nil ? nil : "")))
            if let tokens = choice.logprobs?.content, tokens.map(\.token).joined() == message.content ?? "" {
                for token in tokens {
                    add(
                        .init(
                            index: index, delta: .init(content: token.token),
                            logprobs: ChoiceLogprobs(content: [token])))
                }
            } else {
                for text in Self.pieces(message.content ?? "", length) {
                    add(.init(index: index, delta: .init(content: text)))
                }
            }
            for text in Self.pieces(message.refusal ?? "", length) {
                add(.init(index: index, delta: .init(refusal: text)))
            }
            if !message.toolCalls.isEmpty { add(.init(index: index, delta: .init(toolCalls: message.toolCalls))) }
            add(.init(index: index, delta: .init(), finishReason: choice.finishReason ?? .stop))
        }
        if includesUsage, let usage {
            chunks.append(
                ChatCompletionChunk(
                    id: id, created: created ?? 0, model: model ?? "", choices: [], usage: usage,
                    systemFingerprint: systemFingerprint))
        }
        return chunks
    }

    private static func pieces(_ text: String, _ length: Int) -> [String] {
        var pieces: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(max(1, length))))
            rest = rest.dropFirst(max(1, length))
        }
        return pieces
    }
}

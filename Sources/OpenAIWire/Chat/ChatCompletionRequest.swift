public import OrderedCollections
internal import Tables

/// The body of `POST /chat/completions`.
///
/// Source: openai/openai-openapi, schema `CreateChatCompletionRequest`.
public struct ChatCompletionRequest: WireObject {
    public static let form = WireForm(
        "a request for a chat completion", .needs("model", .text), .needs("messages", .objects(ChatMessage.self)),
        .mayHave("temperature", .number), .mayHave("top_p", .number), .mayHave("max_tokens", .count),
        .mayHave("max_completion_tokens", .count), .mayHave("seed", .whole), .mayHave("n", .count),
        .mayHave(
            "stop",
            .other("text or a list of texts") { $0.text != nil || $0.list?.allSatisfy { $0.text != nil } == true }),
        .mayHave("stream", .flag), .mayHave("store", .flag), .mayHave("logprobs", .flag),
        .mayHave("top_logprobs", .count), .mayHave("response_format", .object(ResponseFormat.self)),
        .mayHave("metadata", .other("an object of texts") { $0.record?.values.allSatisfy { $0.text != nil } == true }))

    /// How many tokens a reply may have, and the name under which the model takes the limit.
    public enum TokenLimit: Sendable, Equatable {
        /// `max_tokens`: deprecated by OpenAI, and what compatible servers know.
        case maxTokens(Int)
        /// `max_completion_tokens`, which counts reasoning too and is all that reasoning models take.
        case maxCompletionTokens(Int)

        /// The limit as a model of OpenAI takes it: its reasoning models refuse `max_tokens`.
        ///
        /// A name says nothing about a deployment on Azure, which may have any; there the refusal tells
        /// (`unsupported_parameter`, param `max_tokens`).
        public init(_ tokens: Int, model: String) {
            self = Self.isReasoning(model) ? .maxCompletionTokens(tokens) : .maxTokens(tokens)
        }

        public var tokens: Int {
            switch self {
            case .maxTokens(let tokens), .maxCompletionTokens(let tokens): tokens
            }
        }

        /// Whether a name is that of a reasoning model of OpenAI: o1, o3-mini, gpt-5-nano, also fine-tuned ones. Such
        /// models take neither `max_tokens` nor a temperature other than 1.
        public static func isReasoning(_ model: String) -> Bool {
            let base = model.hasPrefix("ft:") ? model.dropFirst(3) : model[...]
            let name = base.split(separator: "/").last ?? base
            if name.hasPrefix("gpt-5") { return !name.contains("chat") }
            let digits = name.dropFirst().prefix { $0.isNumber }
            let rest = name.dropFirst(1 + digits.count).first
            return name.hasPrefix("o") && !digits.isEmpty && (rest == nil || rest == "-" || rest == ":")
        }
    }

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A request; what is nil is left to the server.
    /// - Parameters:
    ///   - store: whether the service keeps the completion, so that it can be listed.
    ///   - metadata: pairs for finding it again; OpenAI takes them only with `store`.
    ///   - stream: whether the reply comes in pieces; the usage is then asked for as well, in the last one.
    ///   - topLogprobs: how many alternatives come with each token; asks for log probabilities.
    public init(
        model: String, messages: [ChatMessage], temperature: Double? = nil, topP: Double? = nil,
        limit: TokenLimit? = nil, seed: Int? = nil, stop: [String] = [], n: Int? = nil, store: Bool? = nil,
        metadata: Metadata? = nil, stream: Bool = false, logprobs: Bool? = nil, topLogprobs: Int? = nil,
        responseFormat: ResponseFormat? = nil, reasoningEffort: ReasoningEffort? = nil, tools: [ChatTool] = []
    ) {
        var maxTokens: Value?
        var maxCompletionTokens: Value?
        switch limit {
        case .maxTokens(let tokens)?: maxTokens = .integer(tokens)
        case .maxCompletionTokens(let tokens)?: maxCompletionTokens = .integer(tokens)
        case nil: break
        }
        fields = WireFields([
            "model": .string(model), "messages": .objects(messages), "temperature": temperature.map(Value.double),
            "top_p": topP.map(Value.double), "max_tokens": maxTokens, "max_completion_tokens": maxCompletionTokens,
            "seed": seed.map(Value.integer), "stop": .when(!stop.isEmpty, .texts(stop)), "n": n.map(Value.integer),
            "store": store.map(Value.bool), "metadata": metadata.map(Value.pairs), "stream": .when(stream, true),
            "stream_options": .when(stream, ["include_usage": true]),
            "logprobs": (logprobs ?? (topLogprobs == nil ? nil : true)).map(Value.bool),
            "top_logprobs": topLogprobs.map(Value.integer), "response_format": responseFormat?.json,
            "reasoning_effort": reasoningEffort.map { .string($0.rawValue) },
            "tools": .when(!tools.isEmpty, .objects(tools)),
        ])
    }

    public var model: String { fields.text("model") ?? "" }
    public var messages: [ChatMessage] { fields.children("messages") }
    public var temperature: Double? { fields.number("temperature") }
    public var topP: Double? { fields.number("top_p") }

    /// The limit; `max_completion_tokens` where both are given.
    public var limit: TokenLimit? {
        fields.whole("max_completion_tokens").map(TokenLimit.maxCompletionTokens)
            ?? fields.whole("max_tokens").map(TokenLimit.maxTokens)
    }

    public var seed: Int? { fields.whole("seed") }
    public var stop: [String] { fields.texts("stop") ?? fields.text("stop").map { [$0] } ?? [] }

    /// How many replies are asked for.
    public var count: Int { fields.whole("n") ?? 1 }

    public var isStored: Bool { fields.flag("store") ?? false }
    public var metadata: Metadata { fields.pairs("metadata") ?? [:] }
    public var isStreaming: Bool { fields.flag("stream") ?? false }

    /// Whether the usage is to come in the last piece of a stream.
    public var includesUsage: Bool { self[field: "stream_options"][field: "include_usage"].bool ?? false }

    public var logprobs: Bool { fields.flag("logprobs") ?? false }
    public var topLogprobs: Int? { fields.whole("top_logprobs") }
    public var responseFormat: ResponseFormat? { fields.object("response_format") }
    public var reasoningEffort: ReasoningEffort? { fields.word("reasoning_effort") }
    public var tools: [ChatTool] { fields.objects("tools") ?? [] }
}

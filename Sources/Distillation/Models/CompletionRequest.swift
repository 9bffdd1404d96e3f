internal import OrderedCollections
public import Tables

/// A whole request to a model: everything that its answer depends on.
public struct CompletionRequest: Sendable, Hashable {
    public let model: ModelIdentity
    public let messages: [ChatMessage]
    public let sampling: Sampling
    /// Which of several samples of the same request, from 0.
    public let ordinal: Int
    /// The key under which the completion is stored.
    public let key: CompletionKey

    public init(model: ModelIdentity, messages: [ChatMessage], sampling: Sampling, ordinal: Int = 0) {
        self.model = model
        self.messages = messages
        self.sampling = sampling
        self.ordinal = ordinal
        var whole: Record = [
            "endpoint": .string(model.endpoint), "model": .string(model.id),
            "messages": .list(messages.map(\.value)), "temperature": .double(sampling.temperature),
            "top_p": .double(sampling.topP), "max_tokens": .integer(sampling.maxTokens),
            "stop": .list(sampling.stop.map { .string($0) }), "seed": .integer(sampling.seed),
            "ordinal": .integer(ordinal),
        ]
        // Only where it was asked for, so that the keys of older stores stay.
        if let count = sampling.topLogprobs { whole["top_logprobs"] = .integer(count) }
        key = CompletionKey(SHA256Name.of(JSON.text(.record(whole), .canonical)))
    }
}

/// SHA-256 over endpoint, resolved model, messages, sampling, seed and ordinal.
public struct CompletionKey: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ hexadecimal: String) { description = hexadecimal }

    /// A seed that depends on the whole request, so that a random stream never depends on the place in a batch.
    public var seed: UInt64 { UInt64(description.prefix(16), radix: 16) ?? 0 }
}

/// What a model is, resolved: two models with one identity give the same answers.
public struct ModelIdentity: Sendable, Hashable {
    /// Where it runs: `embedded`, or the host of a server.
    public let endpoint: String
    /// Embedded: hashes of weights and adapter, layers, engine version. Remote: the server's model id.
    public let id: String

    public init(endpoint: String, id: String) {
        self.endpoint = endpoint
        self.id = id
    }
}

/// A model's answer.
public struct Completion: Sendable, Hashable {
    public var text: String
    /// `stop` or `length`; a service may have others, such as `content_filter`.
    public var finishReason: String
    public var usage: Usage
    /// Seconds from sending to the last token, within a batch where one was run.
    public var seconds: Double
    /// Whether it came from the store.
    public var isStored: Bool
    /// What the service calls it: `chatcmpl-…`; nil where it has no name.
    public var id: String?
    /// The tokens with their log-probabilities, where they were asked for and given: a list of
    /// `{token, logprob, top_logprobs: [{token, logprob}]}`.
    public var logprobs: Value?

    public init(
        text: String, finishReason: String, usage: Usage, seconds: Double, isStored: Bool = false, id: String? = nil,
        logprobs: Value? = nil
    ) {
        self.text = text
        self.finishReason = finishReason
        self.usage = usage
        self.seconds = seconds
        self.isStored = isStored
        self.id = id
        self.logprobs = logprobs
    }
}

/// Tokens used.
public struct Usage: Sendable, Hashable {
    public var promptTokens: Int
    public var completionTokens: Int

    public init(promptTokens: Int = 0, completionTokens: Int = 0) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }

    public static func + (left: Usage, right: Usage) -> Usage {
        Usage(
            promptTokens: left.promptTokens + right.promptTokens,
            completionTokens: left.completionTokens + right.completionTokens)
    }
}

internal import OrderedCollections
public import Tables

/// One message of a conversation.
public struct ChatMessage: Sendable, Hashable {
    /// Who speaks: `system`, `user` or `assistant`.
    public let role: String
    /// What is said.
    public let content: String
    /// Whether training learns it, where the assistant says it: OpenAI's `weight`. It is no part of what is said.
    public var isLearnt: Bool

    public init(role: String, content: String, isLearnt: Bool = true) {
        self.role = role
        self.content = content
        self.isLearnt = isLearnt
    }

    /// As a record `{role, content}`, the form in data sets and on the wire.
    public var value: Value { ["role": .string(role), "content": .string(content)] }

    /// Reads `{role, content}`; nil where a value is something else.
    public init?(_ value: Value) {
        guard let role = value[field: "role"].text, let content = value[field: "content"].text else { return nil }
        self.init(role: role, content: content)
    }
}

/// How a model is asked to choose its words.
public struct Sampling: Sendable, Hashable {
    /// 0 takes the likeliest token each time.
    public var temperature: Double
    /// Nucleus: only the likeliest tokens whose probabilities add up to this.
    public var topP: Double
    /// At most so many tokens of reply.
    public var maxTokens: Int
    /// Seed of the request's random stream.
    public var seed: Int
    /// The reply ends before the first of these.
    public var stop: [String]
    /// How many of the likeliest tokens are told with their probabilities at each place, 0 … 20; nil for none at all.
    public var topLogprobs: Int?

    public init(
        temperature: Double = 0, topP: Double = 1, maxTokens: Int, seed: Int = 0, stop: [String] = [],
        topLogprobs: Int? = nil
    ) {
        self.temperature = temperature
        self.topP = topP
        self.maxTokens = maxTokens
        self.seed = seed
        self.stop = stop
        self.topLogprobs = topLogprobs
    }
}

extension Sampling {
    /// As a record; `init` reads it.
    public var value: Value {
        var fields: Record = [
            "temperature": .double(temperature), "top_p": .double(topP), "max_tokens": .integer(maxTokens),
            "seed": .integer(seed), "stop": .list(stop.map { .string($0) }),
        ]
        if let topLogprobs { fields["top_logprobs"] = .integer(topLogprobs) }
        return .record(fields)
    }

    /// Reads the record; what it does not say is as usual, and no limit of tokens is 0.
    public init(_ value: Value) {
        self.init(
            temperature: value[field: "temperature"].double ?? 0, topP: value[field: "top_p"].double ?? 1,
            maxTokens: value[field: "max_tokens"].integer ?? 0, seed: value[field: "seed"].integer ?? 0,
            stop: (value[field: "stop"].list ?? []).compactMap(\.text),
            topLogprobs: value[field: "top_logprobs"].integer)
    }
}

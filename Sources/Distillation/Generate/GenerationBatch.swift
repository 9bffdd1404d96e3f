internal import OrderedCollections
public import Tables

/// What a model was asked at once, by one `generate`: every row's sample tells it, so that what was paid for lessons is
/// known of the rows that are left when the wrong ones were sorted out.
public struct GenerationBatch: Sendable, Hashable {
    /// The same for the same requests.
    public let id: String
    /// Different requests that were answered, from the store or not.
    public let calls: Int
    /// The tokens of their answers and prompts.
    public let usage: Usage

    public init(id: String, calls: Int, usage: Usage) {
        self.id = id
        self.calls = calls
        self.usage = usage
    }

    /// The batch of requests with their answers. Equal requests were asked once.
    public init(_ requests: [CompletionRequest], _ answers: [Result<Completion, RowError>]) {
        var keys: Set<CompletionKey> = []
        var usage = Usage()
        for (request, answer) in zip(requests, answers) {
            guard case .success(let completion) = answer, keys.insert(request.key).inserted else { continue }
            usage = usage + completion.usage
        }
        let names = keys.map(\.description).sorted().joined()
        self.init(id: String(SHA256Name.of(names).prefix(16)), calls: keys.count, usage: usage)
    }

    /// As it stands in samples.
    public var value: Value {
        [
            "id": .string(id), "calls": .integer(calls), "prompt_tokens": .integer(usage.promptTokens),
            "completion_tokens": .integer(usage.completionTokens),
        ]
    }

    /// Reads what `value` wrote; nil for something else.
    public init?(_ value: Value) {
        guard let id = value[field: "id"].text, let calls = value[field: "calls"].integer, calls >= 0 else {
            return nil
        }
        self.init(id: id, calls: calls, usage: Usage(sample: value))
    }
}

extension Usage {
    /// Reads `{prompt_tokens, completion_tokens}`, as samples have it; what is no count is 0.
    public init(sample value: Value) {
        // A foreign file may hold any number; sums of these must not overflow.
        func count(_ name: String) -> Int { min(max(0, value[field: name].integer ?? 0), 1 << 40) }
        self.init(promptTokens: count("prompt_tokens"), completionTokens: count("completion_tokens"))
    }
}

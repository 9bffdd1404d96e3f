internal import OrderedCollections
public import Tables

/// What a cell asked of models: counted as it was asked, not what came from the store.
public struct CellUsage: Sendable, Equatable {
    /// Completions that were computed or paid for.
    public var requests: Int
    /// Completions that came from the store.
    public var stored: Int
    public var promptTokens: Int
    public var completionTokens: Int
    /// US dollars; nil where the kernel names no price for one of the models.
    public var cost: Double?

    public init(
        requests: Int = 0, stored: Int = 0, promptTokens: Int = 0, completionTokens: Int = 0, cost: Double? = 0
    ) {
        self.requests = requests
        self.stored = stored
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.cost = cost
    }

    /// Whether nothing was asked.
    public var isEmpty: Bool { requests == 0 && stored == 0 }

    var value: Value {
        [
            "requests": .integer(requests), "stored": .integer(stored), "prompt_tokens": .integer(promptTokens),
            "completion_tokens": .integer(completionTokens), "cost": cost.map { .double($0) } ?? .null,
        ]
    }

    init?(_ value: Value) {
        guard value[field: "requests"].integer != nil else { return nil }
        // A foreign file may hold any number; sums of these must not overflow.
        func count(_ name: String) -> Int { min(max(0, value[field: name].integer ?? 0), 1 << 50) }
        self.init(
            requests: count("requests"), stored: count("stored"), promptTokens: count("prompt_tokens"),
            completionTokens: count("completion_tokens"), cost: value[field: "cost"].double)
    }
}

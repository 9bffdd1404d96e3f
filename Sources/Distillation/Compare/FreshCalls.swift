internal import Tables

/// Requests that were sent one at a time to see how long they take; never what came from the store.
public struct FreshCalls: Sendable, Hashable {
    public let latency: LatencySummary
    /// All of them together.
    public let seconds: Double
    public let usage: Usage

    public init(latency: LatencySummary, seconds: Double, usage: Usage) {
        self.latency = latency
        self.seconds = seconds
        self.usage = usage
    }

    /// - Returns: nil where none was fresh.
    public init?(_ completions: [Completion]) {
        let fresh = completions.filter { !$0.isStored }
        guard let latency = LatencySummary(seconds: fresh.map(\.seconds)) else { return nil }
        self.init(
            latency: latency, seconds: fresh.reduce(0) { $0 + $1.seconds },
            usage: fresh.reduce(Usage()) { $0 + $1.usage })
    }

    /// What one takes on average.
    public var secondsPerCall: Double { seconds / Double(max(1, latency.n)) }

    /// Tokens of replies in a second, the reading of prompts included; nil where no time passed.
    public var tokensPerSecond: Double? { seconds > 0 ? Double(usage.completionTokens) / seconds : nil }

    var value: Value {
        [
            "n": .integer(latency.n), "p50": .double(latency.median), "p95": .double(latency.p95),
            "seconds": .double(seconds), "prompt_tokens": .integer(usage.promptTokens),
            "completion_tokens": .integer(usage.completionTokens),
        ]
    }

    init?(_ value: Value) {
        guard let n = value[field: "n"].integer, n > 0, let median = value[field: "p50"].double,
            let p95 = value[field: "p95"].double, let seconds = value[field: "seconds"].double
        else { return nil }
        self.init(
            latency: LatencySummary(n: n, median: median, p95: p95), seconds: seconds, usage: Usage(sample: value))
    }
}

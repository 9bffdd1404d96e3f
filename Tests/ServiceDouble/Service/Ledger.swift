internal import OrderedCollections
public import Tables

/// What a service did: who asked what, and what was paid for.
public struct Ledger: Sendable {
    /// One request, as it came.
    public struct Request: Sendable {
        /// Which request it is, from 0.
        public let ordinal: Int
        public let method: String
        public let path: String
        /// With its query, undecoded.
        public let target: String
        /// By name, in lower case.
        public let headers: [String: String]
        public let body: [UInt8]
        /// What befell it.
        public let fault: Fault?

        /// The body as JSON; null where it is none.
        public var json: Value { (try? JSON.parse(body)) ?? .null }
    }

    /// What became of one distinct request for an answer.
    public struct Entry: Sendable, Hashable {
        /// How often it came.
        public var requests = 0
        /// How often an answer was generated, which is what costs, whether its reply went out or not.
        public var generated = 0
    }

    /// Distinct requests for answers, by `metadata.distnb_key`, else `Idempotency-Key`, else by their body's SHA-256.
    public internal(set) var entries: [String: Entry] = [:]
    /// All requests.
    public internal(set) var count = 0
    public internal(set) var inFlight = 0
    /// The most that were in flight at once.
    public internal(set) var mostInFlight = 0
    public internal(set) var faults: [Fault: Int] = [:]
    /// How often each status was sent; 0 where nothing was.
    public internal(set) var statuses: [Int: Int] = [:]
    /// How often a call was refused because of a rate limit or for want of capacity.
    public internal(set) var refusedByLimit = 0
    public internal(set) var promptTokens = 0
    public internal(set) var completionTokens = 0
    /// When the first request came, and when the last reply was ready, in seconds of the machine's clock.
    public internal(set) var firstAt: Double?
    public internal(set) var lastAt: Double?
    /// How long each answer took to generate, in seconds.
    public internal(set) var latencies: [Double] = []
    /// The first requests, whole; how many, `Options.recorded` says.
    public internal(set) var requests: [Request] = []

    /// Somebody who wants to know when something has happened.
    struct Waiting: Sendable {
        let isMet: @Sendable (Ledger) -> Bool
        let action: @Sendable () -> Void
    }

    var waiting: [Waiting] = []

    /// How many answers were generated.
    public var generated: Int { entries.values.reduce(0) { $0 + $1.generated } }

    /// Keys of requests that were paid for more than once.
    public var paidTwice: [String] { entries.filter { $0.value.generated > 1 }.keys.sorted() }

    /// The counters as JSON for people.
    public var reportText: String { JSON.text(report, .readable) }

    /// The counters as JSON: what `GET /double/report` answers.
    public var report: Value {
        let sorted = latencies.sorted()
        func quantile(_ share: Double) -> Value {
            guard let last = sorted.indices.last else { return .null }
            return .double(sorted[Int((Double(last) * share).rounded())])
        }
        let mean: Value = sorted.isEmpty ? .null : .double(sorted.reduce(0, +) / Double(sorted.count))
        let faults = self.faults.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { ($0.key.rawValue, Value.integer($0.value)) }
        let statuses = self.statuses.sorted { $0.key < $1.key }.map { (String($0.key), Value.integer($0.value)) }
        return [
            "requests": .integer(count), "distinct": .integer(entries.count), "generated": .integer(generated),
            "paid_twice": .integer(paidTwice.count), "in_flight": .integer(inFlight),
            "most_in_flight": .integer(mostInFlight), "refused_by_limit": .integer(refusedByLimit),
            "prompt_tokens": .integer(promptTokens), "completion_tokens": .integer(completionTokens),
            "statuses": .record(Record(uniqueKeysWithValues: statuses)),
            "faults": .record(Record(uniqueKeysWithValues: faults)),
            "seconds": .double(firstAt.flatMap { first in lastAt.map { $0 - first } } ?? 0),
            "latency_s": [
                "mean": mean, "p50": quantile(0.5), "p90": quantile(0.9), "p99": quantile(0.99), "max": quantile(1),
            ],
        ]
    }
}

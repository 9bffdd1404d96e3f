internal import OrderedCollections
internal import Tables

/// What happened between this machine and a service while requests were answered.
public struct TrafficReport: Sendable, Hashable {
    /// Why a request was sent again.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// The service said that there were too many: 429.
        case tooMany
        /// The service failed: 500 and above.
        case serverError
        /// The connection broke or could not be made.
        case connection
        /// No answer in time.
        case timeout
        /// The answer was cut off, or no JSON, or not what the service documents.
        case garbled

        /// For people, after a number: "201 × too many requests".
        public var words: String {
            switch self {
            case .tooMany: "too many requests (429)"
            case .serverError: "the service failed (5xx)"
            case .connection: "the connection broke"
            case .timeout: "no answer in time"
            case .garbled: "unreadable answer"
            }
        }
    }

    /// Answers that came from a tape instead of a service.
    public struct Replay: Sendable, Hashable {
        /// How many there were.
        public var count: Int
        /// Which tape, and what is on it: "the tape cora.jsonl (gpt-4.1 of api.openai.com, recorded on 2026-11-22)".
        public let source: String
        /// US dollars that they cost when they were recorded; nil where no price was known.
        public var dollars: Double?

        public init(count: Int, source: String, dollars: Double?) {
            self.count = count
            self.source = source
            self.dollars = dollars
        }

        var sentence: String {
            let cost = dollars.map { "; when recorded \(count == 1 ? "it" : "they") cost \(Dollars.text($0))" } ?? ""
            return "\(Number.integer(Int64(count)).grouped) answer\(count == 1 ? "" : "s") replayed from \(source)"
                + ", nothing was sent\(cost)."
        }
    }

    /// Requests that were answered.
    public var answered = 0
    /// Requests that were given up.
    public var failed = 0
    /// Answers that the service had kept from an earlier sending, and that were fetched instead of asked for anew.
    public var recovered = 0
    /// Requests sent again although an earlier sending may have been answered and paid for: nobody could tell.
    public var uncertain = 0
    /// Sendings after the first, by cause.
    public var retries: [Cause: Int] = [:]
    /// Requests in flight at this moment, and the most there were.
    public var inFlight = 0
    public var mostInFlight = 0
    /// How many the service is given at once at this moment.
    public var limit = 0
    /// Seconds in which nothing was sent because the service asked to wait.
    public var waited = 0.0
    /// Seconds since the first request.
    public var seconds = 0.0
    /// Whole sentences on what else is worth knowing: which parameters the service does not take.
    public var notes: [String] = []

    /// What a tape gave; nil where none is played.
    public var replay: Replay?

    public init() {}

    /// How it goes, for the line of progress: "64 in flight, 12 sent again"; empty where nothing is in flight.
    public var detail: String {
        guard inFlight > 0 else { return "" }
        let again = retries.values.reduce(0, +)
        return "\(inFlight) in flight" + (again > 0 ? ", \(again) sent again" : "")
    }

    /// One sentence for the cell's notes; nil where nothing is worth telling.
    /// - Parameter label: whose requests: "generate cora".
    public func sentence(_ label: String) -> String? {
        if let replay { return replay.count > 0 ? "\(label): \(replay.sentence)" : nil }
        var parts: [String] = []
        let again = retries.values.reduce(0, +)
        if again > 0 {
            let causes = Cause.allCases.compactMap { cause in retries[cause].map { "\($0) × \(cause.words)" } }
            parts.append("\(again) sent again: \(causes.joined(separator: ", "))")
        }
        if recovered > 0 { parts.append("\(recovered) fetched that the service had kept, not paid again") }
        if uncertain > 0 {
            parts.append(
                "\(uncertain) may have been paid twice: an answer was lost on the way, and the service keeps none")
        }
        if waited >= 1 { parts.append("waited \(Number.fixed(waited, decimals: 0)) s where the service asked for it") }
        guard !parts.isEmpty else { return nil }
        return "\(label): at most \(mostInFlight) in flight; " + parts.joined(separator: "; ") + "."
    }
}

public import Tables

/// Who watches over requests that are sent away, and keeps what must survive a kill.
public struct CompletionSupervision {
    /// What came of one request.
    public struct Delivery: Sendable {
        /// Its place among the requests.
        public let index: Int
        public let result: Result<Completion, RowError>
        /// Whether the service may have answered, and been paid, without the answer having arrived.
        public let isUncertain: Bool

        public init(index: Int, result: Result<Completion, RowError>, isUncertain: Bool = false) {
            self.index = index
            self.result = result
            self.isUncertain = isUncertain
        }
    }

    public let cancellation: Cancellation
    /// Tags that a service which stores completions keeps with them.
    public let metadata: [String: String]
    /// Whether a service that stores completions is to store these.
    public let isStored: Bool
    /// Requests, by place, that an earlier run sent and whose answers never arrived: where the service keeps completions
    /// or knows keys of requests, they are looked for before they are asked for again.
    public let unsettled: Set<Int>
    /// Called with places of requests before they leave; what it throws ends the work.
    public let sending: ([Int]) throws -> Void
    /// Called with what arrived; what it throws ends the work.
    public let deliver: ([Delivery]) throws -> Void
    /// Told how it goes, a few times a second at the most, and once at the end.
    public let report: (TrafficReport) -> Void

    public init(
        cancellation: Cancellation = .never, metadata: [String: String] = [:], isStored: Bool = false,
        unsettled: Set<Int> = [], sending: @escaping ([Int]) throws -> Void = { _ in },
        report: @escaping (TrafficReport) -> Void = { _ in }, deliver: @escaping ([Delivery]) throws -> Void
    ) {
        self.cancellation = cancellation
        self.metadata = metadata
        self.isStored = isStored
        self.unsettled = unsettled
        self.sending = sending
        self.deliver = deliver
        self.report = report
    }

    /// Watches over some of the requests, whose places begin at 0.
    /// - Parameter seeing: told what arrived before it is delivered.
    func part(_ places: Range<Int>, seeing: @escaping ([Delivery]) -> Void) -> CompletionSupervision {
        let first = places.lowerBound
        return CompletionSupervision(
            cancellation: cancellation, metadata: metadata, isStored: isStored,
            unsettled: Set(unsettled.lazy.filter(places.contains).map { $0 - first }),
            sending: { [sending] in try sending($0.map { $0 + first }) }, report: report
        ) { [deliver] deliveries in
            seeing(deliveries)
            try deliver(
                deliveries.map {
                    Delivery(index: first + $0.index, result: $0.result, isUncertain: $0.isUncertain)
                })
        }
    }
}

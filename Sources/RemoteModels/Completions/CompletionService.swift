internal import Distillation
internal import OpenAIWire
internal import OrderedCollections

/// Where completions are asked for, and looked for.
struct CompletionService {
    /// What came of looking for a completion that the service may have kept.
    enum Listing {
        case found(ChatCompletion)
        case none
        case again(AnswerReading.Fault)
        /// The service lists none.
        case impossible
    }

    let limits: ServiceProfile.Limits
    let faults: FaultReading
    private let endpoint: ServiceEndpoint
    private let fields: [String: String]
    private let address: String

    /// - Throws: `ProviderError` where the key cannot be had.
    init(_ endpoint: ServiceEndpoint, secrets: ServiceSecret) throws {
        self.endpoint = endpoint
        limits = endpoint.limits
        let authorized = try endpoint.authorized(secrets)
        faults = FaultReading(endpoint, mask: authorized.mask)
        fields = authorized.fields.merging(["Content-Type": "application/json"]) { _, new in new }
        address = endpoint.url(of: ServiceCall(.post, "/chat/completions"))
    }

    /// A request for a completion.
    func send(_ body: [UInt8], key: CompletionKey?, streams: Bool) -> HTTPExchange.Request {
        var fields = fields
        fields["Accept"] = streams ? "text/event-stream" : "application/json"
        if let key { fields["Idempotency-Key"] = key.description }
        return HTTPExchange.Request(
            .post, address, fields: fields, body: body,
            patience: HTTPExchange.Patience(stall: limits.timeout, whole: streams ? nil : limits.timeout))
    }

    /// A request for the completion that a key's request was answered with.
    func lookUp(_ key: CompletionKey) -> HTTPExchange.Request {
        let query = ListQuery(limit: 1, order: .newestFirst, metadata: [CompletionEncoding.keyName: key.description])
        let call = ServiceCall(.get, "/chat/completions", query: query.items)
        var fields = fields
        fields["Content-Type"] = nil
        fields["Accept"] = "application/json"
        let seconds = min(limits.timeout, 30)
        return HTTPExchange.Request(
            .get, endpoint.url(of: call), fields: fields,
            patience: HTTPExchange.Patience(stall: seconds, whole: seconds))
    }

    /// Whether the answer is that of an earlier sending with the same `Idempotency-Key`: the field that Stripe's API
    /// brought up, and others use.
    func isReplay(_ response: HTTPExchange.Response) -> Bool {
        ["idempotent-replayed", "idempotency-replayed"].contains { response.fields[$0]?.lowercased() == "true" }
    }

    /// What came of looking.
    /// - Parameter sentAt: when the request was sent, where that was in this run: what is older answered another one.
    func listing(
        _ result: Result<HTTPExchange.Response, HTTPExchange.Failure>, sentAt: Double?
    ) -> Listing {
        switch result {
        case .failure(let failure):
            let fault = faults.failure(failure, hasAnswered: true)
            return .again(
                AnswerReading.Fault(
                    cause: .connection, words: fault.message, hint: fault.hint, isUnreachable: failure.isUnreachable))
        case .success(let response):
            switch response.status {
            case 200:
                guard let page = try? StoredCompletionsPage(bytes: response.body) else { return .impossible }
                // Clocks differ by minutes.
                let isNew = { (chat: ChatCompletion) in
                    guard let sentAt, let created = chat.created else { return true }
                    return Double(created) >= sentAt - 300
                }
                return page.elements.first(where: isNew).map { .found($0) } ?? .none
            case 408, 409, 425, 429, 500, 502...504, 529:
                let fault = faults.refusal(response)
                return .again(
                    AnswerReading.Fault(
                        cause: response.status == 429 ? .tooMany : .serverError, words: fault.message, hint: fault.hint,
                        wait: fault.retryAfter.map { min($0, AnswerReading.patience) },
                        isCongestion: response.status == 429 || response.status == 503))
            default: return .impossible
            }
        }
    }
}

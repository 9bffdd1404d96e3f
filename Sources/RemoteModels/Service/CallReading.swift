internal import Distillation

/// What a call's answer, or its absence, means.
struct CallReading {
    enum Verdict {
        case answer(ServiceAnswer)
        /// Worth another try, in so many seconds where the service says how many; at most so many tries in all.
        case again(after: Double?, tries: Int, otherwise: any Error)
        case end(any Error)
    }

    /// The longest that a service may ask to wait, in seconds.
    static let patience = 600.0
    /// How often a service that was never heard is called.
    static let knocks = 3

    let call: ServiceCall
    let faults: FaultReading
    /// The most tries of a call.
    let tries: Int

    /// - Parameter hasAnswered: whether the service answered this call before.
    func verdict(
        on result: Result<HTTPExchange.Response, HTTPExchange.Failure>, hasAnswered: Bool
    ) -> Verdict {
        switch result {
        case .success(let response): return verdict(on: response)
        case .failure(let failure):
            let error = faults.failure(failure, hasAnswered: true)
            guard error.kind == .again, call.isRepeatable || !failure.hasLeft else { return .end(error.providerError) }
            return .again(
                after: nil, tries: hasAnswered ? tries : min(tries, Self.knocks), otherwise: error.providerError)
        }
    }

    private func verdict(on response: HTTPExchange.Response) -> Verdict {
        let answer = ServiceAnswer(status: response.status, fields: response.fields, body: response.body)
        guard !(200...299 ~= response.status) else { return .answer(answer) }
        let refusal = ServiceRefusal(
            answer: answer, what: "\(call.method.rawValue) \(call.path)", fault: faults.refusal(response))
        // 429 and 503 say that the call was not taken; after the others it may have been.
        let isNotTaken = response.status == 429 || response.status == 503
        guard refusal.fault.kind == .again, call.isRepeatable || isNotTaken,
            // Something else is in the way, which goes away by itself only for the same call.
            response.status != 409 || call.idempotencyKey != nil
        else { return .end(refusal) }
        let seconds = refusal.fault.retryAfter
        if let seconds, seconds > Self.patience { return .end(faults.askedToWait(seconds)) }
        return .again(after: seconds, tries: tries, otherwise: refusal)
    }
}

internal import Distillation

/// What a call's answer, or its absence, means.
struct CallReading {
    enum Verdict {
        case answer(ServiceAnswer)
        /// Worth another try, in so many seconds where the service says how many.
        case again(after: Double?, otherwise: any Error)
        case end(any Error)
    }

    /// The longest that a service may ask to wait, in seconds.
    static let patience = 600.0

    private let call: ServiceCall
    private let words: ServiceWords
    private let date: Double

    init(_ call: ServiceCall, endpoint: ServiceEndpoint, date: Double) {
        self.call = call
        words = ServiceWords(endpoint)
        self.date = date
    }

    func verdict(on result: Result<HTTPExchange.Response, HTTPExchange.Failure>) -> Verdict {
        switch result {
        case .success(let response): verdict(on: response)
        case .failure(let failure): verdict(on: failure)
        }
    }

    private func verdict(on response: HTTPExchange.Response) -> Verdict {
        let answer = ServiceAnswer(status: response.status, fields: response.fields, body: response.body)
        guard !(200...299 ~= response.status) else { return .answer(answer) }
        let what = "\(call.method.rawValue) \(call.path)"
        let refusal = ServiceRefusal(answer: answer, what: what, words: words.refusal(response, what: what))
        // 429 and 503 say that the call was not taken; after the others it may have been.
        let isNotTaken = response.status == 429 || response.status == 503
        guard [408, 409, 425, 429, 500, 502, 503, 504, 529].contains(response.status), !refusal.isOutOfFunds,
            call.isRepeatable || isNotTaken, response.status != 409 || call.idempotencyKey != nil
        else { return .end(refusal) }
        let seconds = RetryAfter.seconds(response.fields, date: date)
        if let seconds, seconds > Self.patience { return .end(words.askedToWait(seconds)) }
        return .again(after: seconds, otherwise: refusal)
    }

    private func verdict(on failure: HTTPExchange.Failure) -> Verdict {
        let error = words.failure(failure)
        switch failure.kind {
        case .unreachable, .cut, .timeout:
            return call.isRepeatable || !failure.hasLeft ? .again(after: nil, otherwise: error) : .end(error)
        case .untrusted, .tooLarge, .noLibrary, .other: return .end(error)
        }
    }
}

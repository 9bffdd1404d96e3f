internal import Distillation
internal import OpenAIWire
internal import Tables

/// What an answer to a request for a completion means for the request, and for the run.
struct AnswerReading {
    enum Verdict {
        case answered(Completion)
        /// The request itself will never be answered.
        case failed(RowError)
        /// Worth another try.
        case again(Fault)
        /// The service does not take a parameter as it was written, which may be mended.
        case refusedParameter(String, ServiceFault)
        /// No other request will be answered either.
        case end(ProviderError)
    }

    struct Fault {
        let cause: TrafficReport.Cause
        /// In words, for a row that is given up and for causes that are counted.
        let words: String
        var hint: String?
        /// Seconds that the service asks to wait.
        var wait: Double?
        /// Whether the service may have answered, and been paid.
        var isLost = false
        /// Whether the service should be asked, where it keeps completions, if it has the answer: it failed, and nobody
        /// knows at which point.
        var isDoubtful = false
        /// Whether others should be sent more slowly.
        var isCongestion = false
        /// Whether nobody was there.
        var isUnreachable = false
    }

    /// The longest that a service may ask to wait, in seconds.
    static let patience = CallReading.patience

    let faults: FaultReading
    let model: String
    let streams: Bool
    /// How long the exchange took.
    let seconds: Double
    /// Whether the service has answered in this run.
    let hasAnswered: Bool

    func verdict(on result: Result<HTTPExchange.Response, HTTPExchange.Failure>) -> Verdict {
        switch result {
        case .success(let response): return verdict(on: response)
        case .failure(let failure):
            // A stream whose last piece had arrived lacks nothing.
            if streams, let part = failure.part, part.status == 200, let completion = try? completion(part.body) {
                return .answered(completion)
            }
            return verdict(on: failure)
        }
    }

    private func verdict(on failure: HTTPExchange.Failure) -> Verdict {
        let fault = faults.failure(failure, hasAnswered: hasAnswered)
        guard case .network(let kind) = failure.kind else {
            return fault.kind == .ofRow ? .failed(fault.rowError) : .end(fault.providerError)
        }
        // A service that was heard is the right one: a handshake that fails is an accident then.
        let isAccident = kind == .untrusted && hasAnswered
        guard fault.kind == .again || failure.isUnreachable || isAccident else { return .end(fault.providerError) }
        let isLate = kind == .timedOut && failure.hasLeft
        return .again(
            Fault(
                cause: isLate ? .timeout : .connection, words: fault.message, hint: fault.hint, isLost: failure.hasLeft,
                isCongestion: isLate, isUnreachable: failure.isUnreachable))
    }

    private func verdict(on response: HTTPExchange.Response) -> Verdict {
        guard response.status == 200 else {
            if 201...299 ~= response.status {
                return .again(
                    Fault(cause: .garbled, words: "an answer with the status \(response.status)", isLost: true))
            }
            return verdict(
                on: faults.refusal(response, model: model), APIErrorBody(bytes: response.body), isLost: false)
        }
        do {
            return .answered(try completion(response.body))
        } catch let error as RowError {
            return .failed(RowError(faults.words(error.message)))
        } catch let error as ErrorInStream {
            // It began well, so it may have been paid for.
            let told = HTTPExchange.Response(
                response.status, fields: response.fields, body: error.body.json.map { JSON.bytes($0) } ?? response.body)
            return verdict(on: faults.refusal(told, model: model), error.body, isLost: true)
        } catch {
            return .again(
                Fault(cause: .garbled, words: "an unreadable answer: " + faults.words("\(error)"), isLost: true))
        }
    }

    /// An error where a reply was expected.
    private struct ErrorInStream: Error {
        let body: APIErrorBody
    }

    /// - Throws: `RowError` where the model or a filter says no, `WireError` for what is no reply.
    private func completion(_ body: [UInt8]) throws -> Completion {
        try ReplyReading.completion(body, streams: streams, seconds: seconds) { ErrorInStream(body: $0) }
    }

    private func verdict(on fault: ServiceFault, _ body: APIErrorBody, isLost: Bool) -> Verdict {
        if let parameter = Self.parameter(fault, body) { return .refusedParameter(parameter, fault) }
        switch fault.kind {
        case .endsRun: return .end(fault.providerError)
        case .ofRow: return .failed(fault.rowError)
        case .again: break
        }
        if let wait = fault.retryAfter, wait > Self.patience { return .end(faults.askedToWait(wait)) }
        let status = fault.status ?? 500
        return .again(
            Fault(
                cause: status == 429 ? .tooMany : status == 408 ? .timeout : .serverError, words: fault.message,
                hint: fault.hint, wait: fault.retryAfter,
                // A gateway that waited in vain: behind it the answer may have been written.
                isLost: isLost || status == 502 || status == 504,
                // 503 and 529 turn requests away before anything is done.
                isDoubtful: status >= 500 && status != 503 && status != 529,
                isCongestion: [408, 429, 503, 504, 529].contains(status)))
    }

    /// The parameter that the service does not know, or not with this value.
    private static func parameter(_ fault: ServiceFault, _ body: APIErrorBody) -> String? {
        switch fault.rule {
        case "unsupported-value", "unsupported-parameter":
            body.param.flatMap(CompletionDialect.known) ?? CompletionDialect.named(in: body.message)
        case "logprobs": "logprobs"
        default: nil
        }
    }
}

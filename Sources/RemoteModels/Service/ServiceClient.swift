package import Distillation
internal import Tables

/// Sends the calls of a service's API that are not thousands: files, jobs, listings. Each blocks until it is answered.
package struct ServiceClient: Sendable {
    package let endpoint: ServiceEndpoint
    private let surroundings: RemoteSurroundings

    package init(_ endpoint: ServiceEndpoint, surroundings: RemoteSurroundings) {
        self.endpoint = endpoint
        self.surroundings = surroundings
    }

    /// Sends a call and waits for its answer. One that may be repeated is sent again where the service is busy, fails or
    /// cannot be heard; every call is sent again where it is certain that it was not taken.
    /// - Returns: an answer of the statuses 200 to 299.
    /// - Throws: `ServiceRefusal` for any other answer, `ProviderError` where none comes, `Interrupted`.
    package func send(_ call: ServiceCall, cancellation: Cancellation = .never) throws -> ServiceAnswer {
        try cancellation.check()
        let (fields, mask) = try endpoint.authorized(surroundings.secrets)
        let request = request(for: call, fields)
        let reading = CallReading(
            call: call, faults: FaultReading(endpoint, mask: mask), tries: endpoint.limits.tries)
        return try surroundings.network.lend { pool in
            var backoff = Backoff(seed: surroundings.seed)
            var failures = 0
            var hasAnswered = false
            while true {
                let result = try exchange(request, pool, cancellation)
                failures += 1
                if case .success = result { hasAnswered = true }
                switch reading.verdict(on: result, hasAnswered: hasAnswered) {
                case .answer(let answer): return answer
                case .end(let error): throw error
                case .again(let seconds, let tries, let error):
                    guard failures < tries else { throw error }
                    try wait(seconds ?? backoff.pause(after: failures), pool, cancellation)
                }
            }
        }
    }

    private func exchange(
        _ request: HTTPExchange.Request, _ pool: any TransportPool, _ cancellation: Cancellation
    ) throws -> Result<HTTPExchange.Response, HTTPExchange.Failure> {
        pool.start(request, as: 0)
        while true {
            if let event = pool.events(waiting: 0.1).first { return event.result }
            guard !cancellation.isRequested() else {
                pool.cancel(0)
                throw Interrupted()
            }
        }
    }

    private func wait(_ seconds: Double, _ pool: any TransportPool, _ cancellation: Cancellation) throws {
        let end = surroundings.now() + seconds
        while true {
            try cancellation.check()
            let left = end - surroundings.now()
            guard left > 0 else { return }
            _ = pool.events(waiting: min(left, 0.1))
        }
    }

    private func request(for call: ServiceCall, _ authorized: [String: String]) -> HTTPExchange.Request {
        var fields = authorized
        var body: [UInt8]?
        switch call.body {
        case .none: break
        case .json(let value):
            body = JSON.bytes(value)
            fields["Content-Type"] = "application/json"
        case .bytes(let bytes, let type):
            body = bytes
            fields["Content-Type"] = type
        }
        fields["Accept"] = "application/json"
        if let key = call.idempotencyKey { fields["Idempotency-Key"] = key }
        fields.merge(call.fields) { _, new in new }
        let timeout = call.timeout ?? endpoint.limits.timeout
        return HTTPExchange.Request(
            call.method, endpoint.url(of: call), fields: fields, body: body ?? (call.method == .post ? [] : nil),
            // What is large takes its time as long as bytes go.
            patience: HTTPExchange.Patience(stall: timeout, whole: (body?.count ?? 0) > 1 << 20 ? nil : timeout),
            answerLimit: call.answerLimit)
    }
}

internal import CCurl
internal import Foundation

/// Exchanges by libcurl's multi interface: HTTP/1.1 with connections that stay open, HTTP/2 where TLS offers it.
///
/// Redirects are not followed: a key must not travel to where an answer points. Certificates are always checked. Proxies
/// are those of the environment (`https_proxy`, `no_proxy`); this machine is always asked directly.
///
/// `@unchecked Sendable`: libcurl's handles may go from thread to thread as long as one uses them at a time, which
/// `TransportLender` sees to.
package final class CurlPool: TransportPool, @unchecked Sendable {
    private let pool: OpaquePointer?
    private let agent: String
    /// Exchanges that ended before they began.
    private var refused: [TransportEvent] = []

    /// - Parameters:
    ///   - agent: what the program calls itself.
    ///   - connections: how many idle ones are kept open.
    package init(agent: String, connections: Int = 1_024) {
        self.agent = agent
        pool = ccurl_pool_open(connections)
    }

    deinit { pool.map(ccurl_pool_close) }

    package func start(_ request: HTTPExchange.Request, as id: Int) {
        guard let pool else { return refuse(id, .noLibrary) }
        var fields = request.fields
        // A body is sent at once, without asking whether it is welcome.
        fields["Expect"] = ""
        let lines = fields.sorted { $0.key < $1.key }.map {
            strdup("\($0.key):\($0.value.isEmpty ? "" : " \($0.value)")")
        }
        defer { for line in lines { free(line) } }
        let headers = lines.map { UnsafePointer($0) }
        let isStarted = headers.withUnsafeBufferPointer { headers in
            (request.body ?? []).withUnsafeBytes { body in
                request.url.withCString { url in
                    request.method.rawValue.withCString { method in
                        agent.withCString { agent in
                            // An empty body is one too, and has no address of its own.
                            let start = request.body == nil ? nil : body.baseAddress ?? UnsafeRawPointer(url)
                            var exchange = ccurl_exchange(
                                id: Int64(id), method: method, url: url, headers: headers.baseAddress,
                                header_count: headers.count, user_agent: agent, body: start, body_count: body.count,
                                connect_milliseconds: Self.whole(request.patience.connect * 1_000),
                                stall_seconds: Self.whole(request.patience.stall),
                                whole_milliseconds: request.patience.whole.map { Self.whole($0 * 1_000) } ?? 0,
                                answer_limit: request.answerLimit, is_direct: WebAddress(request.url).isLoopback ? 1 : 0
                            )
                            return ccurl_pool_start(pool, &exchange) != 0
                        }
                    }
                }
            }
        }
        if !isStarted { refuse(id, .network(.badAddress)) }
    }

    package func events(waiting seconds: Double) -> [TransportEvent] {
        var events = refused
        refused = []
        guard let pool else {
            if events.isEmpty { Thread.sleep(forTimeInterval: max(0, seconds)) }
            return events
        }
        ccurl_pool_run(pool, events.isEmpty ? Int32(min(max(0, seconds), 1_000) * 1_000) : 0)
        var ended = ccurl_ended()
        while ccurl_pool_next(pool, &ended) != 0 { events.append(Self.event(ended)) }
        return events
    }

    package func cancel(_ id: Int) {
        refused.removeAll { $0.id == id }
        if let pool { ccurl_pool_cancel(pool, Int64(id)) }
    }

    package func cancelAll() {
        refused = []
        if let pool { ccurl_pool_cancel_all(pool) }
    }

    private func refuse(_ id: Int, _ kind: HTTPExchange.Failure.Kind) {
        refused.append(TransportEvent(id: id, result: .failure(HTTPExchange.Failure(kind, hasLeft: false)), seconds: 0))
    }

    /// libcurl takes 0 for "no limit".
    private static func whole(_ number: Double) -> Int { Int(min(max(1, number.rounded(.up)), 1e9)) }

    private static func event(_ ended: ccurl_ended) -> TransportEvent {
        var response: HTTPExchange.Response?
        if ended.status > 0 {
            response = HTTPExchange.Response(
                Int(ended.status), fields: fields(UnsafeRawBufferPointer(start: ended.head, count: ended.head_count)),
                body: Array(UnsafeRawBufferPointer(start: ended.body, count: ended.body_count)))
        }
        if ended.outcome == ccurl_done, let response {
            return TransportEvent(id: Int(ended.id), result: .success(response), seconds: ended.seconds)
        }
        let reason = withUnsafeBytes(of: ended.reason) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let failure = HTTPExchange.Failure(kind(ended), reason: reason, hasLeft: ended.has_left != 0, part: response)
        return TransportEvent(id: Int(ended.id), result: .failure(failure), seconds: ended.seconds)
    }

    private static func kind(_ ended: ccurl_ended) -> HTTPExchange.Failure.Kind {
        if ended.is_too_large != 0 { return .tooLarge }
        // Done without a status: something spoke that was not HTTP.
        return .network(
            ended.outcome == ccurl_done || ended.outcome == ccurl_cut ? .cut : NetworkFailure(curl: ended.code))
    }

    /// The fields of a head, by name, in lower case.
    private static func fields(_ head: UnsafeRawBufferPointer) -> [String: String] {
        var fields: [String: String] = [:]
        for line in String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline).dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return fields
    }
}

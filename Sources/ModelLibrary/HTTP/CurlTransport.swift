internal import CCurl
internal import Distillation
internal import Foundation

/// Requests by libcurl. A call blocks until the response is whole, so that a slow disk slows the network down and
/// nothing gathers in memory.
package struct CurlTransport: HTTPTransport {
    private let connectSeconds: Int
    private let stallSeconds: Int

    /// - Parameters:
    ///   - connectSeconds: how long to wait for a connection.
    ///   - stallSeconds: how long to wait for the next byte.
    package init(connectSeconds: Int = 15, stallSeconds: Int = 30) {
        self.connectSeconds = connectSeconds
        self.stallSeconds = stallSeconds
    }

    package func get(
        _ request: HTTPRequest, isCancelled: @escaping @Sendable () -> Bool, onHead: (HTTPHead) throws -> Void,
        onBody: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try withoutActuallyEscaping(onHead) { onHead in
            try withoutActuallyEscaping(onBody) { onBody in
                let exchange = Exchange(isCancelled: isCancelled, onHead: onHead, onBody: onBody)
                let result = send(request, exchange)
                if let error = exchange.error { throw error }
                let host = request.url.host() ?? request.url.absoluteString
                let reason = withUnsafeBytes(of: result.reason) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                switch result.outcome {
                case ccurl_done: try exchange.finish()
                case ccurl_unreachable: throw HTTPFailure.unreachable(host: host, reason: reason)
                case ccurl_untrusted: throw HTTPFailure.untrusted(host: host, reason: reason)
                case ccurl_cut: throw HTTPFailure.cut(host: host, reason: reason)
                case ccurl_stopped: throw Interrupted()
                case ccurl_missing: throw HTTPFailure.noLibrary
                default: throw HTTPFailure.other(host: host, reason: reason)
                }
            }
        }
    }

    private func send(_ request: HTTPRequest, _ exchange: Exchange) -> ccurl_result {
        let lines = request.headers.sorted { $0.key < $1.key }.map { strdup("\($0.key): \($0.value)") }
        defer { for line in lines { free(line) } }
        let headers = lines.map { UnsafePointer($0) }
        return headers.withUnsafeBufferPointer { headers in
            request.url.absoluteString.withCString { url in
                "distnb".withCString { agent in
                    var call = ccurl_request(
                        url: url, headers: headers.baseAddress, header_count: headers.count, user_agent: agent,
                        connect_seconds: connectSeconds, stall_seconds: stallSeconds,
                        context: Unmanaged.passUnretained(exchange).toOpaque(),
                        on_header: { context, bytes, count in
                            Exchange.from(context) {
                                $0.take(header: UnsafeRawBufferPointer(start: bytes, count: count))
                            }
                        },
                        on_body: { context, bytes, count in
                            Exchange.from(context) { $0.take(body: UnsafeRawBufferPointer(start: bytes, count: count)) }
                        },
                        is_cancelled: { context in Exchange.from(context) { $0.isCancelled() ? 1 : 0 } })
                    return withExtendedLifetime(exchange) { ccurl_get(&call) }
                }
            }
        }
    }
}

/// What comes back for one request, as libcurl hands it over; lives on one thread.
private final class Exchange {
    let isCancelled: () -> Bool
    private let onHead: (HTTPHead) throws -> Void
    private let onBody: (UnsafeRawBufferPointer) throws -> Void
    private var head: HTTPHead?
    private var isHeadTold = false
    private(set) var error: (any Error)?

    init(
        isCancelled: @escaping () -> Bool, onHead: @escaping (HTTPHead) throws -> Void,
        onBody: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) {
        self.isCancelled = isCancelled
        self.onHead = onHead
        self.onBody = onBody
    }

    /// What a callback returns: 0 to go on.
    static func from(_ context: UnsafeMutableRawPointer?, _ body: (Exchange) -> Int32) -> Int32 {
        guard let context else { return 1 }
        return body(Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue())
    }

    func take(header bytes: UnsafeRawBufferPointer) -> Int32 {
        let line = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        if line.hasPrefix("HTTP/") {
            let words = line.split(separator: " ")
            head = HTTPHead(status: words.count > 1 ? Int(words[1]) ?? 0 : 0)
        } else if let colon = line.firstIndex(of: ":") {
            head?.fields[line[..<colon].lowercased()] = line[line.index(after: colon)...]
                .trimmingCharacters(in: .whitespaces)
        } else if line.isEmpty, let head, head.status >= 200 {
            return keeping { try tell(head) }
        }
        return 0
    }

    func take(body bytes: UnsafeRawBufferPointer) -> Int32 { keeping { try onBody(bytes) } }

    /// - Throws: `HTTPFailure` where no head came.
    func finish() throws {
        guard !isHeadTold else { return }
        throw HTTPFailure.cut(host: "the server", reason: "it sent no response")
    }

    private func tell(_ head: HTTPHead) throws {
        guard !isHeadTold else { return }
        isHeadTold = true
        try onHead(head)
    }

    private func keeping(_ work: () throws -> Void) -> Int32 {
        do {
            try work()
            return 0
        } catch {
            self.error = error
            return 1
        }
    }
}

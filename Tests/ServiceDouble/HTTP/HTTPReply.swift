internal import OrderedCollections
internal import Tables

/// What is sent back, and how badly.
struct HTTPReply: Sendable {
    /// What follows the head.
    enum Body: Sendable {
        case whole([UInt8])
        /// In chunks, one write each: `Transfer-Encoding: chunked`.
        case chunks([[UInt8]])
    }

    /// What becomes of the connection.
    enum Ending: Sendable {
        /// The next request may come.
        case open
        /// Closed in order (FIN).
        case closed
        /// Torn down (RST).
        case reset
        /// Silent until the other side goes away, or the server ends.
        case stalled
    }

    var status: Int
    var headers: [(name: String, value: String)]
    var body: Body
    var ending = Ending.open
    /// The body's share that is sent, 0 to 1, before the ending.
    var share = 1.0
    /// What Content-Length says, where it lies.
    var declaredLength: Int?
    /// Whether the body comes a few bytes at a time.
    var trickles = false
    /// Nothing is sent at all, not even a head.
    var isMute = false

    init(_ status: Int, body: [UInt8], type: String = "application/json") {
        self.status = status
        headers = [("Content-Type", type)]
        self.body = .whole(body)
    }

    /// JSON in one piece.
    init(_ value: Value, status: Int = 200) { self.init(status, body: JSON.bytes(value)) }

    /// Server-sent events, a chunk each.
    init(events: [[UInt8]]) {
        status = 200
        headers = [("Content-Type", "text/event-stream; charset=utf-8"), ("Cache-Control", "no-cache")]
        body = .chunks(events)
    }

    /// Nothing, then an ending.
    static func nothing(_ ending: Ending) -> HTTPReply {
        var reply = HTTPReply(0, body: [])
        reply.isMute = true
        reply.ending = ending
        return reply
    }

    /// A refusal that says once more what it was asked with.
    func repeating(_ secret: String?) -> HTTPReply {
        guard let secret, status >= 400, case .whole(let bytes) = body, let json = try? JSON.parse(bytes),
            var record = json.record, var error = record["error"]?.record
        else { return self }
        error["message"] = .string("\(error["message"]?.text ?? "") The request had Authorization: \(secret)")
        record["error"] = .record(error)
        var reply = self
        reply.body = .whole(JSON.bytes(.record(record)))
        return reply.with("X-Request-Authorization", secret)
    }

    /// The same with one header more.
    func with(_ name: String, _ value: String) -> HTTPReply {
        var reply = self
        reply.headers.append((name, value))
        return reply
    }
}

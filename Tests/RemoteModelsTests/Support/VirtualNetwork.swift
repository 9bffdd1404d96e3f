import Distillation
import RemoteModels
import Synchronization
import Tables

/// A network with a clock of its own: nothing is waited for, and every run goes the same way.
final class VirtualNetwork: TransportPool {
    /// What comes of an exchange, after so many seconds.
    struct Reply: Sendable {
        var seconds: Double
        var result: Result<HTTPExchange.Response, HTTPExchange.Failure>

        /// Never ends by itself: the request's own patience does.
        static let silence = Reply(
            seconds: 1e9, result: .failure(HTTPExchange.Failure(.network(.timedOut), hasLeft: true)))
    }

    struct Seen: Sendable {
        let request: HTTPExchange.Request
        let at: Double
        /// Which request it is, from 0.
        let ordinal: Int
        /// How many are under way, this one counted.
        let inFlight: Int
    }

    private struct Pending {
        let id: Int
        let due: Double
        let event: TransportEvent
    }

    private struct State {
        var now = 1_000.0
        var pending: [Pending] = []
        var seen: [Seen] = []
        var cancelled = 0
    }

    private let state = Mutex(State())
    private let answer: @Sendable (Seen) -> Reply

    init(_ answer: @escaping @Sendable (Seen) -> Reply) { self.answer = answer }

    var now: Double { state.withLock { $0.now } }
    var seen: [Seen] { state.withLock { $0.seen } }
    var cancelled: Int { state.withLock { $0.cancelled } }

    func surroundings(_ environment: [String: String] = [:], seed: UInt64 = 7) -> RemoteSurroundings {
        RemoteSurroundings(
            now: { self.now }, date: { self.now + 1_800_000_000 }, seed: seed,
            secrets: ServiceSecret(environment: environment), network: TransportLender { self })
    }

    func start(_ request: HTTPExchange.Request, as id: Int) {
        let seen = state.withLock { state in
            let seen = Seen(
                request: request, at: state.now, ordinal: state.seen.count, inFlight: state.pending.count + 1)
            state.seen.append(seen)
            return seen
        }
        var reply = answer(seen)
        let limit = request.patience.whole ?? request.patience.stall
        if reply.seconds > limit {
            reply = Reply(seconds: limit, result: .failure(HTTPExchange.Failure(.network(.timedOut), hasLeft: true)))
        }
        state.withLock { state in
            state.pending.append(
                Pending(
                    id: id, due: state.now + reply.seconds,
                    event: TransportEvent(id: id, result: reply.result, seconds: reply.seconds)))
        }
    }

    func events(waiting seconds: Double) -> [TransportEvent] {
        state.withLock { state in
            let end = state.now + max(0, seconds)
            let first = state.pending.map(\.due).min() ?? .infinity
            state.now = max(state.now, min(end, first))
            let now = state.now
            let due = state.pending.filter { $0.due <= now }.sorted { $0.due < $1.due }
            state.pending.removeAll { $0.due <= now }
            return due.map(\.event)
        }
    }

    func cancel(_ id: Int) {
        state.withLock { state in
            let before = state.pending.count
            state.pending.removeAll { $0.id == id }
            state.cancelled += before - state.pending.count
        }
    }

    func cancelAll() { state.withLock { $0.pending = [] } }
}

extension VirtualNetwork.Reply {
    static func answer(
        _ status: Int, _ json: Value, after seconds: Double = 0.1, fields: [String: String] = [:]
    ) -> VirtualNetwork.Reply {
        VirtualNetwork.Reply(
            seconds: seconds, result: .success(HTTPExchange.Response(status, fields: fields, body: JSON.bytes(json))))
    }

    static func chat(_ text: String, id: String = "chatcmpl-1", after seconds: Double = 0.1) -> VirtualNetwork.Reply {
        answer(200, chatJSON(text, id: id), after: seconds)
    }

    static func error(
        _ status: Int, code: String? = nil, param: String? = nil, _ message: String = "no",
        after seconds: Double = 0.01, fields: [String: String] = [:]
    ) -> VirtualNetwork.Reply {
        answer(
            status,
            [
                "error": [
                    "message": .string(message), "code": code.map { .string($0) } ?? .null,
                    "param": param.map { .string($0) } ?? .null,
                ]
            ], after: seconds, fields: fields)
    }

    static func failure(
        _ kind: NetworkFailure, hasLeft: Bool, after seconds: Double = 0.05
    ) -> VirtualNetwork.Reply {
        VirtualNetwork.Reply(
            seconds: seconds, result: .failure(HTTPExchange.Failure(.network(kind), hasLeft: hasLeft)))
    }
}

/// A chat completion as a service answers it.
func chatJSON(_ text: String, id: String = "chatcmpl-1", finishReason: String = "stop", created: Int = 2_000_000_000)
    -> Value
{
    [
        "id": .string(id), "object": "chat.completion", "created": .integer(created), "model": "m",
        "choices": [
            [
                "index": 0, "message": ["role": "assistant", "content": .string(text)],
                "finish_reason": .string(finishReason),
            ]
        ],
        "usage": ["prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7],
    ]
}

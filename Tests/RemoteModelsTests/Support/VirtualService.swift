import Distillation
import RemoteModels
import SeededRandom
import Synchronization
import Tables

/// A service on a virtual network that fails at random, and counts what it is paid for.
final class VirtualService: Sendable {
    struct Behaviour: Sendable {
        var keepsCompletions = false
        var knowsKeys = false
        /// Shares of requests that end badly, in this order.
        var tooMany = 0.0
        var tooManyWithWait = 0.0
        var serverError = 0.0
        /// Answered and paid, but the answer is lost.
        var cutAfterwards = 0.0
        var cutBefore = 0.0
        var halfReply = 0.0
        var silence = 0.0
        var wrongJSON = 0.0
        var latency = 0.1
        /// More at once are refused.
        var capacity = Int.max
    }

    private struct State {
        var random: SeededRandom
        /// How often each question was answered and paid.
        var paid: [String: Int] = [:]
        /// Completions by the key that they were stored under.
        var kept: [String: Value] = [:]
        var replies: [String: Value] = [:]
    }

    private let state: Mutex<State>
    private let behaviour: Behaviour

    init(_ behaviour: Behaviour = Behaviour(), seed: UInt64 = 1) {
        self.behaviour = behaviour
        state = Mutex(State(random: SeededRandom(seed: seed)))
    }

    var paid: [String: Int] { state.withLock { $0.paid } }

    func network() -> VirtualNetwork { VirtualNetwork { self.reply(to: $0) } }

    private func reply(to seen: VirtualNetwork.Seen) -> VirtualNetwork.Reply {
        state.withLock { state in
            seen.request.method == .get ? listing(seen, &state) : completion(seen, &state)
        }
    }

    private func listing(_ seen: VirtualNetwork.Seen, _ state: inout State) -> VirtualNetwork.Reply {
        let key = seen.request.url.split(separator: "=").map(String.init).first {
            $0.prefix(64).allSatisfy(\.isHexDigit)
        }
        let found = state.kept[String(key?.prefix(64) ?? "")].map { [$0] } ?? []
        return .answer(200, ["object": "list", "data": .list(found), "has_more": false], after: 0.02)
    }

    private func completion(_ seen: VirtualNetwork.Seen, _ state: inout State) -> VirtualNetwork.Reply {
        let json = (try? JSON.parse(seen.request.body ?? [])) ?? .null
        let question = json[field: "messages"].list?.last?[field: "content"].text ?? ""
        let behaviour = behaviour
        if seen.inFlight > behaviour.capacity { return .error(429, code: "rate_limit_exceeded", after: 0.01) }
        var draw = Double(state.random.next() >> 11) * 0x1p-53
        func happens(_ share: Double) -> Bool {
            defer { draw -= share }
            return draw >= 0 && draw < share
        }
        if happens(behaviour.tooMany) { return .error(429, code: "rate_limit_exceeded") }
        if happens(behaviour.tooManyWithWait) {
            return .error(429, code: "rate_limit_exceeded", fields: ["retry-after": "1"])
        }
        if happens(behaviour.serverError) { return .error(500) }
        if happens(behaviour.cutBefore) { return .failure(.cut, hasLeft: false) }
        let idempotencyKey = seen.request.fields["Idempotency-Key"]
        let known = behaviour.knowsKeys ? idempotencyKey.flatMap { state.replies[$0] } : nil
        let chat = known ?? chatJSON("answer to \(question)", id: "chatcmpl-\(seen.ordinal)")
        if known == nil {
            state.paid[question, default: 0] += 1
            if let idempotencyKey { state.replies[idempotencyKey] = chat }
            if behaviour.keepsCompletions, let key = json[field: "metadata"][field: "distnb_key"].text,
                json[field: "store"].bool == true
            {
                state.kept[key] = chat
            }
        }
        if happens(behaviour.cutAfterwards) { return .failure(.cut, hasLeft: true) }
        if happens(behaviour.halfReply) {
            let half = HTTPExchange.Response(200, body: Array(JSON.bytes(chat).prefix(60)))
            return VirtualNetwork.Reply(
                seconds: behaviour.latency,
                result: .failure(HTTPExchange.Failure(.network(.cut), hasLeft: true, part: half)))
        }
        if happens(behaviour.silence) { return .silence }
        if happens(behaviour.wrongJSON) { return .answer(200, ["surprise": 1]) }
        return .answer(
            200, chat, after: behaviour.latency * (0.5 + Double(state.random.next() >> 11) * 0x1p-53),
            fields: known == nil ? [:] : ["idempotent-replayed": "true"])
    }
}

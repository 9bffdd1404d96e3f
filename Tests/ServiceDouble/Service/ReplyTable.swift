internal import Foundation
internal import Synchronization
internal import Tables

/// Replies by `Idempotency-Key`: the same key gets the same reply, and what comes while it is made waits for it.
///
/// A reply that was given before says so in `Idempotent-Replayed`, as Stripe's API does.
final class ReplyTable: Sendable {
    private enum Entry {
        case inProgress(body: String, waiting: [DispatchSemaphore])
        case done(body: String, HTTPReply)
    }

    private enum Step {
        case make
        case wait(DispatchSemaphore)
        case give(HTTPReply)
        case refuse
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// The reply to a key; made once.
    /// - Returns: the reply; one that refuses is not remembered.
    /// - Throws: what making it throws, which is not remembered either; a refusal where the key came with another body.
    func reply(
        to key: String, body: [UInt8], make: () throws(Refusal) -> HTTPReply
    ) throws(Refusal) -> HTTPReply {
        let body = SHA256Name.of(body)
        while true {
            switch next(key, body) {
            case .give(let reply): return reply.with("Idempotent-Replayed", "true")
            case .refuse:
                throw Refusal(400, "This Idempotency-Key came with another body before.", type: "idempotency_error")
            case .wait(let semaphore): semaphore.wait()
            case .make:
                var made: HTTPReply?
                defer { finish(key, body, made) }
                let reply = try make()
                if reply.status == 200 { made = reply }
                return reply
            }
        }
    }

    private func next(_ key: String, _ body: String) -> Step {
        entries.withLock { entries in
            switch entries[key] {
            case nil:
                entries[key] = .inProgress(body: body, waiting: [])
                return .make
            case .done(let known, let reply): return known == body ? .give(reply) : .refuse
            case .inProgress(let known, let waiting):
                guard known == body else { return .refuse }
                let semaphore = DispatchSemaphore(value: 0)
                entries[key] = .inProgress(body: body, waiting: waiting + [semaphore])
                return .wait(semaphore)
            }
        }
    }

    private func finish(_ key: String, _ body: String, _ reply: HTTPReply?) {
        let waiting = entries.withLock { entries -> [DispatchSemaphore] in
            let before = entries[key]
            entries[key] = reply.map { .done(body: body, $0) }
            if case .inProgress(_, let waiting) = before { return waiting }
            return []
        }
        for semaphore in waiting { semaphore.signal() }
    }
}

internal import Distillation
internal import Foundation
internal import Tables

extension HTTPClient {
    /// Fetches a small document, such as a listing, trying again as a download does.
    /// - Parameter what: what messages call it.
    /// - Throws: `ModelLibraryError`, `HTTPFailure`, `Interrupted`.
    func document(
        _ url: URL, headers: [String: String] = [:], what: String, surroundings: TransferSurroundings
    ) throws -> (bytes: [UInt8], response: Response) {
        var failures = 0
        while true {
            try surroundings.cancellation.check()
            var bytes: [UInt8] = []
            var received: Response?
            var delay: Double?
            do {
                try get(url, headers: headers) {
                    received = $0
                } onBody: { part in
                    guard bytes.count + part.count <= Self.documentLimit else {
                        throw ModelLibraryError.strangeAnswer(
                            host: url.host() ?? "", what: "more than \(ByteText.of(Self.documentLimit))")
                    }
                    bytes += part
                }
                guard let received else { throw HTTPFailure.cut(host: url.host() ?? "", reason: "no response came") }
                switch received.head.status {
                case 200: return (bytes, received)
                case 408, 425, 429, 500...599:
                    failures += 1
                    let host = received.url.host() ?? ""
                    guard failures < surroundings.retries.tries else {
                        throw ModelLibraryError.overloaded(host: host, status: received.head.status, tries: failures)
                    }
                    delay = received.head.retryAfter
                    if let delay, delay > surroundings.retries.patience {
                        throw ModelLibraryError.askedToWait(host: host, seconds: Int(min(delay, 1e9)))
                    }
                    surroundings.notice("\(host) answered \(received.head.status); trying again.")
                default: throw refusal(received, what: what)
                }
            } catch HTTPFailure.cut(let host, let reason) {
                failures += 1
                guard failures < surroundings.retries.tries else { throw HTTPFailure.cut(host: host, reason: reason) }
                surroundings.notice("The connection to \(host) broke; trying again.")
            }
            try surroundings.waiting.seconds(
                delay ?? surroundings.retries.delay(after: failures), surroundings.cancellation)
        }
    }

    /// What a status means that no other try would change.
    func refusal(_ response: Response, what: String) -> ModelLibraryError {
        let host = response.url.host() ?? ""
        return switch response.head.status {
        case 401, 403:
            .refused(
                what: what, host: host, status: response.head.status, tokenSent: hasCredential(for: response.url))
        case 404, 410: .notFound(what: what, host: host)
        default: .strangeAnswer(host: host, what: "the status \(response.head.status)")
        }
    }

    private static var documentLimit: Int { 1 << 26 }
}

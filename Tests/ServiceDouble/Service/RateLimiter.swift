internal import Foundation
internal import Synchronization

/// Requests and tokens per minute as two buckets that fill steadily.
final class RateLimiter: Sendable {
    private struct State {
        var requests: Double
        var tokens: Double
        var at: UInt64
    }

    private let limit: ServiceDouble.RateLimit
    private let state: Mutex<State>

    init(_ limit: ServiceDouble.RateLimit) {
        self.limit = limit
        state = Mutex(
            State(
                requests: Double(limit.requestsPerMinute), tokens: Double(limit.tokensPerMinute),
                at: DispatchTime.now().uptimeNanoseconds))
    }

    /// What a call finds.
    struct Outcome {
        /// The `x-ratelimit-…` headers.
        let headers: [(name: String, value: String)]
        /// Real seconds to wait, and for what (`requests` or `tokens`), where it is refused.
        let wait: (seconds: Double, of: String)?
    }

    /// Takes one request and so many tokens, or says how long to wait for them.
    func take(tokens: Int) -> Outcome {
        state.withLock { state in
            let now = DispatchTime.now().uptimeNanoseconds
            let minutes = Double(now - state.at) / 1e9 / max(limit.secondsPerMinute, 1e-9)
            state.at = now
            let (mostRequests, mostTokens) = (Double(limit.requestsPerMinute), Double(limit.tokensPerMinute))
            state.requests = min(mostRequests, state.requests + minutes * mostRequests)
            state.tokens = min(mostTokens, state.tokens + minutes * mostTokens)
            func seconds(until wanted: Double, from have: Double, of most: Double) -> Double {
                max(0, wanted - have) / max(most, 1) * limit.secondsPerMinute
            }
            let wanted = min(Double(tokens), mostTokens)
            let forRequests = seconds(until: 1, from: state.requests, of: mostRequests)
            let forTokens = seconds(until: wanted, from: state.tokens, of: mostTokens)
            let isRefused = forRequests > 0 || forTokens > 0
            if !isRefused {
                state.requests -= 1
                state.tokens -= wanted
            }
            var headers = [
                ("x-ratelimit-limit-requests", String(limit.requestsPerMinute)),
                ("x-ratelimit-remaining-requests", String(Int(max(0, state.requests)))),
                (
                    "x-ratelimit-reset-requests",
                    RateLimiter.text(seconds(until: mostRequests, from: state.requests, of: mostRequests))
                ),
            ]
            if limit.tokensPerMinute < .max {
                headers += [
                    ("x-ratelimit-limit-tokens", String(limit.tokensPerMinute)),
                    ("x-ratelimit-remaining-tokens", String(Int(max(0, state.tokens)))),
                    (
                        "x-ratelimit-reset-tokens",
                        RateLimiter.text(seconds(until: mostTokens, from: state.tokens, of: mostTokens))
                    ),
                ]
            }
            guard isRefused else { return Outcome(headers: headers, wait: nil) }
            let longest = max(forRequests, forTokens)
            headers += [
                ("retry-after-ms", String(Int((longest * 1000).rounded(.up)))),
                ("retry-after", String(Int(longest.rounded(.up)))),
            ]
            return Outcome(headers: headers, wait: (longest, forTokens > forRequests ? "tokens" : "requests"))
        }
    }

    /// As OpenAI writes durations: `120ms`, `7.66s`, `2m59.56s`.
    static func text(_ seconds: Double) -> String {
        if seconds < 1 { return "\(Int((seconds * 1000).rounded(.up)))ms" }
        let hundredths = Int((seconds * 100).rounded(.up))
        let rest = Double(hundredths % 6000) / 100
        let written = rest == rest.rounded() ? String(Int(rest)) : String(rest)
        return hundredths < 6000 ? "\(written)s" : "\(hundredths / 6000)m\(written)s"
    }
}

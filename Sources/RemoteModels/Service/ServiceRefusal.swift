package import Distillation
internal import Tables

/// A service's answer that says no.
package struct ServiceRefusal: Error, Sendable, CustomStringConvertible {
    package let answer: ServiceAnswer
    /// What was asked for: "GET /files/file-1".
    package let what: String
    /// What it was, and how to mend it, in words.
    package let words: ProviderError

    package var status: Int { answer.status }
    package var description: String { words.description }

    package init(answer: ServiceAnswer, what: String, words: ProviderError) {
        self.answer = answer
        self.what = what
        self.words = words
    }

    /// The service's own name for what is wrong: `rate_limit_exceeded`.
    package var code: String? {
        let error = ((try? JSON.parse(answer.body)) ?? .null)[field: "error"]
        return error[field: "code"].text ?? error[field: "type"].text
    }

    /// Whether there is nothing left to pay with, which no waiting mends.
    var isOutOfFunds: Bool { code == "insufficient_quota" || code == "billing_hard_limit_reached" }
}

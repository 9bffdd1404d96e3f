package import Distillation
package import OpenAIWire

/// A service's answer that says no.
package struct ServiceRefusal: Error, Sendable, CustomStringConvertible {
    package let answer: ServiceAnswer
    /// What was asked for: "GET /files/file-1".
    package let what: String
    /// What it was, and how to mend it.
    package let fault: ServiceFault

    package init(answer: ServiceAnswer, what: String, fault: ServiceFault) {
        self.answer = answer
        self.what = what
        self.fault = fault
    }

    package var status: Int { answer.status }
    package var description: String { fault.description }

    /// In words for people, without any key.
    package var words: ProviderError { fault.providerError }

    /// What the service says, as it says it: keys may be among it.
    package var body: APIErrorBody { APIErrorBody(bytes: answer.body) }

    /// The service's own name for what is wrong: `rate_limit_exceeded`.
    package var code: String? { body.code ?? body.type }
}

package import Distillation
internal import Foundation
internal import OpenAIWire
package import Tables

/// What a service, or the way to it, did not do: in people's words, with what to do about it.
///
/// Keys are in no sentence: what a service says of them is cut out.
package struct ServiceFault: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Every other request would fail the same way.
        case endsRun = "ends the run"
        /// This request will fail whenever it is sent; others may not.
        case ofRow = "the row's own"
        /// It may go well a little later.
        case again = "tried again"
    }

    package let kind: Kind
    /// What happened, in a sentence.
    package let message: String
    /// How to mend it; nil where nobody knows.
    package let hint: String?
    /// Seconds after which the service wants to be asked again; nil where it does not say.
    package let retryAfter: Double?
    /// The HTTP status; nil where no answer came.
    package let status: Int?
    /// The name of the rule that knows it, or `unknown`.
    package let rule: String

    package var description: String { message }

    /// The fault as what a provider throws.
    package var providerError: ProviderError { ProviderError(message, hint: hint) }

    /// The fault as the result of one row.
    package var rowError: RowError { RowError(message) }

    /// Reads a refusal.
    /// - Parameters:
    ///   - status: the HTTP status; 200 for an error that came in a stream which had begun well.
    ///   - headers: the response's fields, their names in lower case.
    ///   - body: the response's body, of whatever form.
    ///   - endpoint: as in the kernel's profile.
    ///   - model: the model that was asked; nil where the request was about none.
    package static func read(
        status: Int, headers: [String: String], body: [UInt8], flavour: ServiceProfile.Flavour, endpoint: String,
        model: String? = nil
    ) -> ServiceFault {
        let error = APIErrorBody(bytes: body)
        let status = 300..<600 ~= status ? status : error.status ?? 500
        let rule = FaultRule.all.first { $0.fits(status, error, flavour) }
        return ServiceFault(
            rule, error, status: status, retryAfter: RequestedWait.seconds(headers, message: error.message),
            endpoint: endpoint, model: model)
    }

    /// Reads why a fine-tuning job failed.
    /// - Parameters:
    ///   - code: the job's `error.code`, such as `invalid_training_file`.
    ///   - words: the job's `error.message`.
    package static func read(jobCode code: String?, message words: String, endpoint: String, model: String?)
        -> ServiceFault
    {
        let error = APIErrorBody(message: words, type: "", code: code)
        let rule = FaultRule.jobs.first { !($0.codes.isEmpty && $0.words.isEmpty) && $0.fits(error) }
        return ServiceFault(rule, error, status: nil, retryAfter: nil, endpoint: endpoint, model: model)
    }

    init(
        kind: Kind, message: String, hint: String?, retryAfter: Double? = nil, status: Int? = nil, rule: String
    ) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.retryAfter = retryAfter
        self.status = status
        self.rule = rule
    }

    private init(
        _ rule: FaultRule?, _ error: APIErrorBody, status: Int?, retryAfter: Double?, endpoint: String, model: String?
    ) {
        let place = FaultPlace(endpoint: endpoint, model: model)
        let words = KeylessWords.shown(error.message)
        guard let rule else {
            let what = status.map { "answered \($0)" } ?? "failed"
            self.init(
                kind: status.map { $0 >= 500 ? .again : .ofRow } ?? .endsRun,
                message: "\(place.host) \(what): \(words)", hint: nil, retryAfter: retryAfter, status: status,
                rule: "unknown")
            return
        }
        var message = place.filled(rule.sentence)
        if rule.quotes, !words.isEmpty { message += " It says: \(words)" }
        self.init(
            kind: rule.kind, message: message, hint: place.filled(rule.hint), retryAfter: retryAfter, status: status,
            rule: rule.name)
    }
}

/// What a sentence is filled with.
struct FaultPlace {
    let host: String
    let endpoint: String
    let model: String

    init(endpoint: String, model: String?) {
        self.endpoint = endpoint
        host =
            URL(string: endpoint).flatMap { url in
                url.host().map { host in url.port.map { "\(host):\($0)" } ?? host }
            } ?? endpoint
        self.model = model.map { "the model \($0)" } ?? "the model"
    }

    func filled(_ text: String) -> String {
        let text = text.replacing("{model}", with: model).replacing("{host}", with: host)
            .replacing("{endpoint}", with: endpoint)
        return text.prefix(1).uppercased() == text.prefix(1) || !text.hasPrefix("the model")
            ? text : "T" + text.dropFirst()
    }
}

internal import Distillation
internal import Tables

/// Reads what one service refuses, and why it is not heard. The key in use is in none of its sentences, whatever it looks
/// like and whoever sends it back.
struct FaultReading: Sendable {
    private let endpoint: ServiceEndpoint
    private let mask: KeyMask

    init(_ endpoint: ServiceEndpoint, mask: KeyMask) {
        self.endpoint = endpoint
        self.mask = mask
    }

    /// - Parameter model: the model that was asked; nil where the request was about none.
    func refusal(_ response: HTTPExchange.Response, model: String? = nil) -> ServiceFault {
        ServiceFault.read(
            status: response.status, headers: response.fields, body: mask.masked(response.body),
            flavour: endpoint.flavour, endpoint: endpoint.address, model: model)
    }

    /// - Parameter hasAnswered: whether the service has answered before: then the way is known to be there.
    func failure(_ failure: HTTPExchange.Failure, hasAnswered: Bool) -> ServiceFault {
        let kind: NetworkFailure
        switch failure.kind {
        case .network(let network): kind = network
        case .tooLarge:
            return ServiceFault(
                kind: .ofRow, message: "\(endpoint.host) sent a larger answer than is read.", hint: nil,
                rule: "large answer")
        case .noLibrary:
            return ServiceFault(
                kind: .endsRun, message: "There is no libcurl of 7.66 or newer on this machine.",
                hint: "install it: apt install libcurl4", rule: "no libcurl")
        }
        return ServiceFault.network(
            kind, reason: mask.masked(failure.reason), endpoint: endpoint.address, hasAnswered: hasAnswered)
    }

    /// Words that may hold what a service sent.
    func words(_ text: String) -> String { KeylessWords.shown(mask.masked(text)) }

    /// Where the service wants a longer pause than anybody has patience for.
    func askedToWait(_ seconds: Double) -> ProviderError {
        ProviderError(
            "\(endpoint.host) asks to wait \(Number.fixed(min(seconds, 1e9), decimals: 0)) s before the next request.",
            hint: "run it again later; what was answered is kept")
    }
}

internal import Distillation
internal import Foundation
internal import Tables

/// A service's refusals and silences in words for people, with what to do about them. No key is ever among the words:
/// some services send it back in theirs.
struct ServiceWords {
    private let endpoint: ServiceEndpoint

    init(_ endpoint: ServiceEndpoint) { self.endpoint = endpoint }

    private var host: String { endpoint.host }

    func failure(_ failure: HTTPExchange.Failure) -> ProviderError {
        let reason = failure.reason.isEmpty ? "" : " (\(failure.reason))"
        switch failure.kind {
        case .unreachable:
            return ProviderError(
                "Nobody answers at \(host)\(reason).",
                hint: endpoint.isLoopback
                    ? "start the server, or set the address that it listens at; the kernel \(endpoint.kernel) asks "
                        + endpoint.address
                    : "check the network and the address \(endpoint.address)")
        case .untrusted:
            return ProviderError(
                "\(host) could not show that it is \(host): its certificate is not to be trusted\(reason).",
                hint: "check the address; a proxy of your network may need its certificate in the system's store")
        case .cut: return ProviderError("The connection to \(host) broke\(reason).", hint: "try again")
        case .timeout:
            return ProviderError(
                "\(host) gave no answer within \(Number.fixed(endpoint.limits.timeout, decimals: 0)) s.",
                hint: "limits.timeout in kernel.json allows more")
        case .tooLarge: return ProviderError("\(host) sent a larger answer than is read\(reason).")
        case .noLibrary:
            return ProviderError("There is no libcurl on this machine.", hint: "install it: apt install libcurl4")
        case .other: return ProviderError("The request to \(host) failed\(reason).")
        }
    }

    func askedToWait(_ seconds: Double) -> ProviderError {
        ProviderError(
            "\(host) asks to wait \(Number.fixed(min(seconds, 1e9), decimals: 0)) s before the next request.",
            hint: "run it again later; what was answered is kept")
    }

    func refusal(_ response: HTTPExchange.Response, what: String) -> ProviderError {
        let json = (try? JSON.parse(response.body)) ?? .null
        let error = json[field: "error"]
        let said = error[field: "message"].text ?? error.text ?? json[field: "message"].text ?? ""
        return ProviderError("\(host) answered \(what) with \(response.status)" + (said.isEmpty ? "." : ": \(said)"))
    }
}

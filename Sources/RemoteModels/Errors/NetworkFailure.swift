internal import Foundation

/// What went wrong on the way to a service, before it answered.
package enum NetworkFailure: String, Sendable, Hashable, CaseIterable {
    case unresolved, proxy, refused, timedOut = "timed out", untrusted, cut, badAddress = "bad address", other

    /// By libcurl's `CURLcode`. Source: https://curl.se/libcurl/c/libcurl-errors.html
    package init(curl code: Int32) {
        self =
            switch code {
            case 1, 3, 4: .badAddress
            case 5, 97: .proxy
            case 6: .unresolved
            case 7: .refused
            case 28: .timedOut
            case 35, 51, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91, 98: .untrusted
            case 16, 18, 52, 55, 56, 92, 95: .cut
            default: .other
            }
    }

    /// The `CURLcode`s, for docs.
    var codes: [Int32] { (0...99).filter { NetworkFailure(curl: $0) == self } }

    /// What people are told; filled as a rule's sentence is.
    var sentence: String {
        switch self {
        case .unresolved: "There is no host {host}, or this machine is offline."
        case .proxy: "The proxy on the way to {host} cannot be reached."
        case .refused: "Nothing takes requests at {host}: is the server running?"
        case .timedOut: "{host} did not answer in time."
        case .untrusted: "There is no safe connection to {host}: its certificate or its TLS is not accepted."
        case .cut: "The connection to {host} broke before the answer was there."
        case .badAddress: "{endpoint} is no address of a service."
        case .other: "The request to {host} failed on the way."
        }
    }

    var hint: String {
        switch self {
        case .unresolved: "look at the kernel's endpoint and at the network; --kernel embedded needs neither"
        case .proxy: "look at HTTPS_PROXY; NO_PROXY=localhost,127.0.0.1 names hosts without proxy"
        case .refused:
            "start it, or set OPENAI_BASE_URL: llama-server listens at :8080/v1, vLLM :8000/v1, Ollama :11434/v1, LM Studio :1234/v1"
        case .timedOut: "limits.timeout in the kernel gives it longer; a smaller max_tokens or limits.in_flight helps"
        case .untrusted:
            "behind a company's proxy its certificate must be among the system's; a local server wants http://"
        case .cut: "it will be tried again; what was answered is kept"
        case .badAddress: "it must begin with https:// or http:// and usually ends in /v1"
        case .other: "distnb doctor tries the way by itself"
        }
    }

    /// What a run does about it.
    /// - Parameter hasAnswered: whether the service has answered in this run: then the way is known to be there.
    func kind(hasAnswered: Bool) -> ServiceFault.Kind {
        switch self {
        case .badAddress, .untrusted: .endsRun
        case .unresolved, .proxy, .refused: hasAnswered ? .again : .endsRun
        case .timedOut, .cut, .other: .again
        }
    }

    static let source = "https://curl.se/libcurl/c/libcurl-errors.html"
}

extension ServiceFault {
    /// A request that no answer came to.
    /// - Parameters:
    ///   - reason: libcurl's words.
    ///   - hasAnswered: whether the service has answered in this run.
    package static func network(
        _ failure: NetworkFailure, reason: String, endpoint: String, hasAnswered: Bool
    ) -> ServiceFault {
        let place = FaultPlace(endpoint: endpoint, model: nil)
        let words = KeylessWords.shown(reason)
        return ServiceFault(
            kind: failure.kind(hasAnswered: hasAnswered),
            message: place.filled(failure.sentence) + (words.isEmpty ? "" : " (\(words))"),
            hint: place.filled(failure.hint), rule: failure.rawValue)
    }
}

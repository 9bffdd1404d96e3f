/// A way in which a service fails.
///
/// The raw values are what `service-double --faults` takes.
public enum Fault: String, Sendable, Hashable, CaseIterable {
    // Too many requests; nothing was generated.
    case tooManyRequests = "429"
    case tooManyRequestsForSeconds = "429-seconds"
    case tooManyRequestsForMilliseconds = "429-ms"
    case tooManyRequestsUntilDate = "429-date"
    /// The account is empty: to ask again is no use.
    case insufficientQuota = "429-quota"

    // The server fails; nothing was generated.
    case internalError = "500"
    case badGateway = "502"
    case unavailable = "503"
    case overloaded = "529"
    /// A proxy's page in HTML, with status 502.
    case proxyPage = "proxy"

    // The connection breaks; nothing was generated.
    case resetWhileReading = "reset-early"
    case resetBeforeGenerating = "reset"
    case stall = "stall"

    // Generated and paid for, but the reply is lost or spoilt.
    case internalErrorAfterGenerating = "500-paid"
    case resetAfterGenerating = "reset-paid"
    case stallAfterGenerating = "stall-paid"
    case halfReply = "half"
    case wrongJSON = "wrong-json"
    case otherJSON = "other-json"
    case emptyReply = "empty"
    case lengthTooLong = "length-long"
    case lengthTooShort = "length-short"
    /// A stream that ends with an error event.
    case errorInStream = "stream-error"

    /// Generated, and the reply is whole, but comes a few bytes at a time.
    case slow = "slow"

    // The request is refused; to ask the same again is no use.
    case contentFilter = "content-filter"
    case contextLength = "context-length"

    /// Whether the answer was generated, and is paid for, although its reply is lost or late.
    public var isPaid: Bool {
        switch self {
        case .internalErrorAfterGenerating, .resetAfterGenerating, .stallAfterGenerating, .halfReply, .wrongJSON,
            .otherJSON, .emptyReply, .lengthTooLong, .lengthTooShort, .errorInStream, .slow:
            true
        default: false
        }
    }

    /// Faults after which the same request may well succeed, without those that wait for a time-out.
    public static let passing: [Fault] = allCases.filter {
        ![.insufficientQuota, .contentFilter, .contextLength, .stall, .stallAfterGenerating, .slow].contains($0)
    }

    /// Faults after which asking again is no use.
    public static let lasting: [Fault] = [.insufficientQuota, .contentFilter, .contextLength]
}

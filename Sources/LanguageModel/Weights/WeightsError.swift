/// What can be wrong with a file of weights, in words for the person who has to put it right.
public enum WeightsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file cannot be opened or read; `reason` is the system's.
    case unreadable(file: String, reason: String)
    /// The first bytes are not the format's.
    case wrongFormat(file: String, expected: String, found: String)
    /// The file ends before something that its own header announces.
    case truncated(file: String, reading: String, needs: UInt64, has: UInt64)
    /// A value is there but impossible.
    case malformed(file: String, place: String, expected: String, found: String)
    /// A metadata key or tensor that the model cannot do without is absent.
    case missing(file: String, name: String)
    /// A well-formed file of a kind that this engine does not run.
    case unsupported(file: String, what: String, found: String, supported: String)

    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "cannot read the weights \(file): \(reason)"
        case .wrongFormat(let file, let expected, let found):
            "\(file) is not a \(expected) file: it begins with \(found). Fetch the weights again (`distnb models add`)."
        case .truncated(let file, let reading, let needs, let has):
            "\(file) is cut short: \(reading) needs \(needs) bytes, \(has) are there. "
                + "Delete the file and fetch it again (`distnb models add`)."
        case .malformed(let file, let place, let expected, let found):
            "\(file) is damaged: \(place) should be \(expected), but is \(found). "
                + "Delete the file and fetch it again (`distnb models add`)."
        case .missing(let file, let name):
            "\(file) lacks `\(name)`, without which the model cannot run. Is the model whole?"
        case .unsupported(let file, let what, let found, let supported):
            "\(file): \(what) is \(found); the embedded engine runs \(supported)."
        }
    }
}

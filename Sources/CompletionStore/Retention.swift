/// For how long completions without tags stay in a store.
public enum Retention: Sendable, Hashable {
    /// So many days after they were kept or last used.
    case days(Int)
    case forever

    /// As long as OpenAI keeps stored completions.
    public static let standard = Retention.days(30)

    /// The variable of the environment that says it.
    public static let variable = "DISTNB_RETENTION"

    /// Reads `30` or `forever`; nil for what is neither.
    public init?(_ text: String) {
        let word = text.lowercased()
        if word == "forever" {
            self = .forever
        } else if let days = Int(word), 1...36_500 ~= days {
            self = .days(days)
        } else {
            return nil
        }
    }

    /// What was last used before this is expired, in seconds since 1970; nil where nothing expires.
    func cutoff(at now: Double) -> Double? {
        switch self {
        case .days(let days): now - Double(days) * Self.day
        case .forever: nil
        }
    }

    static let day = 86_400.0
}

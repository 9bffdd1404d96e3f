/// What tags of completions may be, here and at services. Source: openai/openai-openapi, schema `Metadata`.
public enum CompletionTags {
    /// The most pairs that a completion has.
    public static let most = 16
    /// Characters of a name, and of a value.
    public static let longestName = 64
    public static let longestValue = 512
    /// How names begin that are ours.
    public static let reserved = "distnb_"

    /// Whether a name is not for users.
    public static func isReserved(_ name: String) -> Bool { name.hasPrefix(reserved) }

    /// Whether a pair is short enough, and has a name.
    public static func fits(_ name: String, _ value: String) -> Bool {
        1...longestName ~= name.count && value.count <= longestValue
    }
}

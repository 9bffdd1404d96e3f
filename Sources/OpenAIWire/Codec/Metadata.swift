public import OrderedCollections

/// Pairs of texts on completions, jobs and evals, by which they are found again.
public typealias Metadata = OrderedDictionary<String, String>

/// How much metadata OpenAI takes. Source: openai/openai-openapi, schema `Metadata`.
public enum MetadataBounds {
    public static let pairs = 16
    /// Characters of a key, and of a value.
    public static let keyLength = 64
    public static let valueLength = 512

    /// - Throws: `WireError` that names the pair which goes past the bounds.
    public static func check(_ metadata: Metadata) throws(WireError) {
        guard metadata.count <= pairs else {
            throw WireError("at most \(pairs) pairs in `metadata`, found \(metadata.count)")
        }
        for (key, value) in metadata {
            guard key.count <= keyLength else {
                throw WireError("a key of at most \(keyLength) characters in `metadata`, found \(key.count): \(key)")
            }
            guard value.count <= valueLength else {
                throw WireError(
                    "a value of at most \(valueLength) characters in `metadata.\(key)`, found \(value.count)")
            }
        }
    }
}

internal import OrderedCollections
internal import Tables

/// The hash of all that a cell's outputs depend on. Equal fingerprints mean that running again gives the same.
///
/// It covers the tokens (not comments or blanks), the fingerprints of the cells above that define the names it
/// reads, the parameters it uses, the files it read, and, where it reaches a model, the language's version, the kernel
/// and the models' ids. Prices and limits of money are no part of it.
struct Fingerprint {
    /// Raised when a change of the language or the engine changes what the same cell gives.
    static let engineVersion = 1

    var tokens: String
    /// Name read → fingerprint of the cell that defines it.
    var definitions: [String: String]
    var parameters: [String: Value]
    var files: [String: String]
    /// What the completion store held; nil where it is not read.
    var store: String?
    /// Kernel and models; nil where none is reached.
    var models: (kernel: String, ids: [String: String])?

    /// 64 hexadecimal digits.
    var text: String {
        var fields: Record = [
            "tokens": .string(tokens), "engine": .integer(Self.engineVersion),
            "definitions": Self.record(definitions.mapValues { .string($0) }),
            "parameters": Self.record(parameters), "files": Self.record(files.mapValues { .string($0) }),
        ]
        if let store { fields["store"] = .string(store) }
        if let models {
            fields["kernel"] = .string(models.kernel)
            fields["models"] = Self.record(models.ids.mapValues { .string($0) })
        }
        return SHA256Name.of(JSON.text(.record(fields), .canonical))
    }

    private static func record(_ fields: [String: Value]) -> Value {
        .record(Record(uniqueKeysWithValues: fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }
}

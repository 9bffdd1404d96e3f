public import OrderedCollections
public import Tables

/// The hash of all that a cell's outputs depend on. Equal fingerprints mean that running again gives the same.
///
/// It covers the tokens (not comments or blanks), the fingerprints of the cells above that define the names it
/// reads, the parameters it uses, the files it read, where it reaches a model, the language's version, the kernel
/// and the models' ids, and, where it made embeddings, the id of the model that makes them. Prices and limits of money
/// are no part of it.
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
    /// The model that makes embeddings; nil where none were made.
    var embedding: String?

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
        if let embedding { fields["embedding"] = .string(embedding) }
        return SHA256Name.of(JSON.text(.record(fields), .canonical))
    }

    /// Its parts, each as a short hash.
    var inputs: FingerprintInputs {
        let short = FingerprintInputs.short
        var parts: [String: String] = ["code": short(.string(tokens)), "engine": String(Self.engineVersion)]
        for (name, hash) in definitions { parts["name \(name)"] = String(hash.prefix(8)) }
        for (name, value) in parameters { parts["param \(name)"] = short(value) }
        for (path, hash) in files { parts["file \(path)"] = String(hash.prefix(8)) }
        if let store { parts["store"] = short(.string(store)) }
        if let models {
            parts["kernel"] = models.kernel
            for (alias, id) in models.ids { parts["model \(alias)"] = short(.string(id)) }
        }
        if let embedding { parts["embedding"] = short(.string(embedding)) }
        return FingerprintInputs(parts: parts)
    }

    private static func record(_ fields: [String: Value]) -> Value {
        .record(Record(uniqueKeysWithValues: fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }
}

/// The parts of a fingerprint, kept with a cell's state so that people can be told why it became stale.
public struct FingerprintInputs: Sendable, Equatable {
    /// `code`, `engine`, `store`, `kernel`, `embedding`, `name X`, `param X`, `file X`, `model X` → a short hash.
    let parts: [String: String]

    public init() { parts = [:] }

    init(parts: [String: String]) { self.parts = parts }

    static func short(_ value: Value) -> String { String(SHA256Name.of(JSON.text(value, .canonical)).prefix(8)) }

    /// Whether these were the tokens that ran.
    func isCode(_ tokens: String) -> Bool { parts["code"] == Self.short(.string(tokens)) }

    var value: Value {
        .record(
            Record(uniqueKeysWithValues: parts.sorted { $0.key < $1.key }.map { ($0.key, Value.string($0.value)) }))
    }

    init(_ value: Value) {
        parts = Dictionary(
            (value.record ?? [:]).compactMap { name, part in part.text.map { (name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// Whether a name came from a cell of this fingerprint.
    func isName(_ name: String, of fingerprint: String) -> Bool {
        parts["name \(name)"] == String(fingerprint.prefix(8))
    }

    /// What changed since, in words: "its code", "`lessons`", "the file data/q.csv". Empty where nothing is known.
    func changes(to now: FingerprintInputs) -> [String] {
        guard !parts.isEmpty else { return [] }
        return Set(parts.keys).union(now.parts.keys).filter { parts[$0] != now.parts[$0] }.sorted().map { key in
            let words = key.split(separator: " ", maxSplits: 1).map(String.init)
            switch words[0] {
            case "code": return "its code"
            case "engine": return "distnb itself"
            case "store": return "the completion store"
            case "kernel": return "the kernel"
            case "embedding": return "the model for embeddings"
            case "name": return "`\(words.last ?? "")`"
            case "param": return "the parameter \(words.last ?? "")"
            case "file": return "the file \(words.last ?? "")"
            case "model": return "the model \(words.last ?? "")"
            default: return key
            }
        }
    }
}

internal import OrderedCollections
internal import Tables

/// What is remembered of a model that was added: `NAME.json` beside it.
package struct ModelRecord: Sendable, Hashable {
    /// Where it is from, as people read it: "huggingface.co/owner/name", a path, an address.
    package var origin: String
    /// What to tell `distnb models add` to get it again; nil where it came from a path of one machine.
    package var source: String?
    /// The commit, for a repository.
    package var revision: String?
    /// The hash of the file, or of a folder's list of files with theirs.
    package var sha256: String
    package var bytes: Int
    /// The files of a folder with their hashes.
    package var files: [String: String]
    package var facts: ModelFacts
    /// The licence, as the publisher's page or the file names it.
    package var licence: String?

    var value: Value {
        var record: Record = ["format": 1, "origin": .string(origin)]
        func put(_ name: String, _ text: String?) { if let text { record[name] = .string(text) } }
        func put(_ name: String, _ number: Int?) { if let number { record[name] = .integer(number) } }
        put("source", source)
        put("revision", revision)
        put("sha256", sha256)
        put("bytes", bytes)
        put("architecture", facts.architecture)
        put("parameters", facts.parameters)
        put("quantisation", facts.quantisation)
        put("licence", licence)
        if !files.isEmpty {
            record["files"] = .record(
                Record(uniqueKeysWithValues: files.sorted { $0.key < $1.key }.map { ($0, .string($1)) }))
        }
        return .record(record)
    }

    /// nil where it is none, or one of a later version.
    init?(_ value: Value) {
        guard value[field: "format"].integer == 1, let origin = value[field: "origin"].text,
            let sha256 = value[field: "sha256"].text, let bytes = value[field: "bytes"].integer
        else { return nil }
        self.origin = origin
        source = value[field: "source"].text
        revision = value[field: "revision"].text
        self.sha256 = sha256
        self.bytes = bytes
        files = (value[field: "files"].record ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value.text }
        licence = value[field: "licence"].text
        facts = ModelFacts(
            architecture: value[field: "architecture"].text, parameters: value[field: "parameters"].integer,
            quantisation: value[field: "quantisation"].text)
    }

    package init(
        origin: String, source: String? = nil, revision: String? = nil, sha256: String, bytes: Int,
        files: [String: String] = [:], facts: ModelFacts, licence: String? = nil
    ) {
        self.origin = origin
        self.source = source
        self.revision = revision
        self.sha256 = sha256
        self.bytes = bytes
        self.files = files
        self.facts = facts
        self.licence = licence
    }
}

/// The few facts that a list shows.
package struct ModelFacts: Sendable, Hashable {
    package var architecture: String?
    package var parameters: Int?
    package var quantisation: String?

    package init(architecture: String? = nil, parameters: Int? = nil, quantisation: String? = nil) {
        self.architecture = architecture
        self.parameters = parameters
        self.quantisation = quantisation
    }
}

internal import OrderedCollections
internal import Synchronization
public import Tables

/// Takes secrets and the user's home folder out of what is saved: a notebook is made to be handed on.
public struct Redaction: Sendable {
    /// What stands for a secret in the file.
    public static let mark = "[redacted]"

    private let secrets: [[UInt8]]
    /// Secrets that are learnt only while a session runs, such as keys that a command prints.
    private let ledger: SecretLedger?
    private let home: [UInt8]
    /// By byte, whether anything that is redacted begins with it: all others are passed by.
    private let starts: [Bool]

    /// - Parameters:
    ///   - secrets: values that must not be saved, such as keys; shorter ones than 8 bytes are no secrets.
    ///   - home: the user's home folder, which becomes `~`.
    ///   - ledger: gathers more secrets later.
    public init(secrets: [String] = [], home: String = "", ledger: SecretLedger? = nil) {
        self.secrets = SecretLedger.ordered(secrets)
        self.ledger = ledger
        let trimmed = home.hasSuffix("/") ? String(home.dropLast()) : home
        self.home = trimmed.utf8.count > 1 ? Array(trimmed.utf8) : []
        var starts = [Bool](repeating: false, count: 256)
        for text in self.secrets + [self.home] + Self.shapes.map(\.prefix) {
            if let first = text.first { starts[Int(first)] = true }
        }
        self.starts = starts
    }

    /// Nothing but the common shapes of tokens.
    public static let shapesOnly = Redaction()

    /// A value with all its texts redacted.
    public func apply(to value: Value) -> Value {
        switch value {
        case .string(let text): .string(apply(to: text))
        case .list(let elements): .list(elements.map { apply(to: $0) })
        case .record(let fields): .record(apply(to: fields))
        case .error(let error): .error(RowError(apply(to: error.message)))
        default: value
        }
    }

    /// Names are redacted too: a column may be called by what it must not be.
    func apply(to fields: Record) -> Record {
        var redacted = Record(minimumCapacity: fields.count)
        for (name, field) in fields {
            redacted[apply(to: name)] = apply(to: field)
        }
        return redacted
    }

    /// An output of nbformat, redacted but for the pictures in its bundle: base64 holds no words.
    func apply(toOutput output: Value) -> Value {
        guard var fields = output.record, let data = fields["data"]?.record else { return apply(to: output) }
        var bundle = Record()
        for (type, content) in data { bundle[type] = type.hasPrefix("image/") ? content : apply(to: content) }
        fields["data"] = nil
        var redacted = apply(to: fields)
        redacted["data"] = .record(bundle)
        return .record(redacted)
    }

    /// A text without secrets and home paths.
    public func apply(to text: String) -> String {
        var text = text
        let found = text.withUTF8 { bytes in redacted(bytes) }
        return found.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// The redacted bytes, or nil where there is nothing to redact.
    func redacted(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var result: [UInt8]?
        var copied = 0
        var at = 0
        // As it will stand in the result: what follows a redacted secret is looked at as after its mark.
        var before: UInt8?
        let late = ledger?.secrets ?? []
        var starts = starts
        for secret in late { if let first = secret.first { starts[Int(first)] = true } }
        let secrets = late.isEmpty ? secrets : late + secrets
        while at < bytes.count {
            guard starts[Int(bytes[at])] else {
                before = bytes[at]
                at += 1
                continue
            }
            if let (end, replacement) = match(bytes, at, secrets, after: before) {
                result = (result ?? []) + bytes[copied..<at] + replacement
                at = end
                copied = end
                before = replacement.last
                continue
            }
            before = bytes[at]
            at += 1
        }
        guard var result else { return nil }
        result += bytes[copied...]
        return result
    }

    private func match(
        _ bytes: UnsafeBufferPointer<UInt8>, _ at: Int, _ secrets: [[UInt8]], after before: UInt8?
    ) -> (end: Int, replacement: [UInt8])? {
        for secret in secrets where bytes[at] == secret[0] && Self.has(secret, in: bytes, at: at) {
            return (at + secret.count, Array(Self.mark.utf8))
        }
        if let before, Self.isWord(before) { return nil }
        if !home.isEmpty, bytes[at] == home[0], Self.has(home, in: bytes, at: at),
            before.map({ !Self.isPath($0) }) ?? true || Self.isAddress(bytes, before: at)
        {
            let end = at + home.count
            if end == bytes.count || !Self.isPath(bytes[end]) || bytes[end] == UInt8(ascii: "/") {
                return (end, [0x7E])
            }
        }
        for shape in Self.shapes where bytes[at] == shape.prefix[0] && Self.has(shape.prefix, in: bytes, at: at) {
            var end = at + shape.prefix.count
            while end < bytes.count, shape.continues(bytes[end]) { end += 1 }
            if end - at - shape.prefix.count >= shape.least { return (end, Array(Self.mark.utf8)) }
        }
        return nil
    }

    // MARK: Shapes

    /// How the tokens of common services look: a beginning and so many characters after it.
    private struct Shape: Sendable {
        let prefix: [UInt8]
        let least: Int
        let takesDots: Bool

        init(_ prefix: String, _ least: Int, takesDots: Bool = false) {
            self.prefix = Array(prefix.utf8)
            self.least = least
            self.takesDots = takesDots
        }

        func continues(_ byte: UInt8) -> Bool {
            Redaction.isWord(byte) || byte == UInt8(ascii: "-") || takesDots && byte == UInt8(ascii: ".")
        }
    }

    private static let shapes = [
        Shape("sk-", 20), Shape("ghp_", 30), Shape("gho_", 30), Shape("ghs_", 30), Shape("github_pat_", 30),
        Shape("glpat-", 16), Shape("hf_", 30), Shape("AKIA", 16), Shape("ASIA", 16), Shape("AIza", 30),
        Shape("xoxb-", 20), Shape("xoxp-", 20), Shape("pypi-", 40), Shape("npm_", 30),
        // JSON Web Tokens: base64 of {" and two more parts.
        Shape("eyJ", 40, takesDots: true),
    ]

    private static func isWord(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5F || byte >= 0x80
    }

    /// Whether a path follows the `://` of an address, such as `file:///home/ann`.
    private static func isAddress(_ bytes: UnsafeBufferPointer<UInt8>, before at: Int) -> Bool {
        at >= 3 && has(Array("://".utf8), in: bytes, at: at - 3)
    }

    private static func isPath(_ byte: UInt8) -> Bool {
        isWord(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")
            || byte == UInt8(ascii: "~")
    }

    private static func has(_ text: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, at: Int) -> Bool {
        at + text.count <= bytes.count && text.indices.allSatisfy { bytes[at + $0] == text[$0] }
    }
}

/// Redacts texts on their way into blobs; what is no JSON, such as weights, passes as it is.
final class RedactedBlobs: BlobStoring {
    private let blobs: any BlobStoring
    private let redaction: Redaction
    private let changed = Atomic<Bool>(false)

    init(blobs: any BlobStoring, redaction: Redaction) {
        self.blobs = blobs
        self.redaction = redaction
    }

    /// Whether a blob was kept otherwise than it came.
    var hasRedacted: Bool { changed.load(ordering: .relaxed) }

    func put(_ bytes: [UInt8]) throws -> String {
        // State is JSON: an object, a list or a text.
        guard let first = bytes.first, "{[\"".utf8.contains(first), String(validating: bytes, as: UTF8.self) != nil,
            let redacted = bytes.withUnsafeBufferPointer({ redaction.redacted($0) })
        else { return try blobs.put(bytes) }
        changed.store(true, ordering: .relaxed)
        return try blobs.put(redacted)
    }

    func get(_ name: String) throws -> [UInt8] { try blobs.get(name) }

    func contains(_ name: String) -> Bool { blobs.contains(name) }
}

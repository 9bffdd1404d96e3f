internal import OrderedCollections

/// Turns values into JSON-like state. Domain values become `{"$type": tag, "value": …}`.
public struct ValueEncoder {
    /// Where parts over the limit go.
    public let blobs: any BlobStoring

    /// JSON texts longer than this many bytes become blobs.
    public let blobLimit: Int

    /// The names of the blobs that the encoded state refers to.
    public private(set) var references: [String] = []
    /// Texts that could name a blob, and whether one is there.
    private var names: [String: Bool] = [:]

    public init(blobs: any BlobStoring, blobLimit: Int = 64 * 1024) {
        self.blobs = blobs
        self.blobLimit = blobLimit
    }

    /// The state of a value.
    /// - Throws: What the blob store throws, for instance when the disk is full.
    public mutating func encode(_ value: Value) throws -> Value {
        switch value {
        case .null, .bool: return value
        case .string(let text):
            noteName(text)
            return value
        case .number(.double(let number)) where !number.isFinite:
            return ["$type": "number", "value": .string(number.isNaN ? "nan" : number < 0 ? "-inf" : "inf")]
        case .number: return value
        case .list(let elements): return .list(try elements.map { try encode($0) })
        case .record(let fields):
            var encoded = Record(minimumCapacity: fields.count)
            for (name, field) in fields { encoded[name] = try encode(field) }
            return encoded["$type"] == nil ? .record(encoded) : ["$type": "record", "value": .record(encoded)]
        case .error(let error): return ["$type": "error", "value": .string(error.message)]
        case .opaque(let domain):
            let state = try domain.encoded(with: &self)
            let text = JSON.text(state)
            guard text.utf8.count > blobLimit else {
                return ["$type": .string(type(of: domain).tag), "value": state]
            }
            let name = try store(Array(text.utf8))
            return ["$type": .string(type(of: domain).tag), "blob": .string(name)]
        }
    }

    /// The state of a value that stands on its own, such as what a name is bound to: over the limit it becomes a blob
    /// of any kind of value.
    public mutating func encodeWhole(_ value: Value) throws -> Value {
        let state = try encode(value)
        let text = JSON.text(state)
        guard text.utf8.count > blobLimit else { return state }
        return ["$type": "value", "blob": .string(try store(Array(text.utf8)))]
    }

    /// Stores bytes as a blob and notes the reference.
    public mutating func store(_ bytes: [UInt8]) throws -> String {
        let name = try blobs.put(bytes)
        references.append(name)
        return name
    }

    /// Notes that the state refers to a blob which is already there.
    public mutating func refer(to name: String) { references.append(name) }

    /// Notes the blobs that texts within a value name, such as the lineage of a reply: they are needed as long as it is.
    mutating func noteNames(in value: Value) {
        switch value {
        case .string(let text): noteName(text)
        case .list(let elements): for element in elements { noteNames(in: element) }
        case .record(let fields): for field in fields.values { noteNames(in: field) }
        case .null, .bool, .number, .error, .opaque: break
        }
    }

    private mutating func noteName(_ text: String) {
        guard SHA256Name.isName(text), names[text] == nil else { return }
        let isThere = blobs.contains(text)
        names[text] = isThere
        if isThere { references.append(text) }
    }
}

/// Brings values back from their state; the counterpart of `ValueEncoder`.
public struct ValueCodec: Sendable {
    /// Rebuilds one kind of domain value from its state.
    public typealias Decode = @Sendable (_ state: Value, _ codec: ValueCodec, _ blobs: any BlobStoring) throws -> Value

    private var decoders: [String: Decode] = [DataSet.tag: DataSet.decode]

    public init() {}

    /// Registers a kind of domain value by its tag.
    public mutating func register(_ tag: String, _ decode: @escaping Decode) { decoders[tag] = decode }

    /// The value of a state.
    /// - Throws: `BlobError` where a part is missing, `StateError` where the state is not ours.
    public func decode(_ state: Value, blobs: any BlobStoring) throws -> Value {
        switch state {
        case .list(let elements): return .list(try elements.map { try decode($0, blobs: blobs) })
        case .record(let fields):
            guard let tag = fields["$type"]?.text else {
                var decoded = Record(minimumCapacity: fields.count)
                for (name, field) in fields { decoded[name] = try decode(field, blobs: blobs) }
                return .record(decoded)
            }
            let inner: Value
            if let name = fields["blob"]?.text {
                inner = try JSON.parse(try blobs.get(name))
            } else {
                inner = fields["value"] ?? .null
            }
            return try decode(tag: tag, inner, blobs: blobs)
        default: return state
        }
    }

    private func decode(tag: String, _ inner: Value, blobs: any BlobStoring) throws -> Value {
        switch tag {
        case "number":
            switch inner.text {
            case "nan": return .double(.nan)
            case "inf": return .double(.infinity)
            case "-inf": return .double(-.infinity)
            default: throw StateError("a number that is neither nan nor inf")
            }
        case "record":
            var decoded = Record()
            for (name, field) in inner.record ?? [:] { decoded[name] = try decode(field, blobs: blobs) }
            return .record(decoded)
        case "value": return try decode(inner, blobs: blobs)
        case "error": return .error(RowError(inner.text ?? "unknown"))
        default:
            guard let decoder = decoders[tag] else {
                throw StateError("a kind of value this version does not know: \(tag)")
            }
            return try decoder(inner, self, blobs)
        }
    }
}

/// A saved state that cannot be read back.
public struct StateError: Error, Sendable, CustomStringConvertible {
    /// What was found.
    public let found: String

    public init(_ found: String) { self.found = found }

    public var description: String { "The saved state holds \(found)." }
}

internal import OrderedCollections
public import Tables

/// A model as the language knows it: an alias of the kernel, perhaps with a system prompt, perhaps fine-tuned.
///
/// It is a description only; the provider makes it run. So it can be saved, shared and compared.
public struct Model: Sendable {
    /// The first name that `let` gave it.
    public var name: String?
    /// The kernel's alias it stands on.
    public let alias: String
    public let specification: ModelSpecification
    public let identity: ModelIdentity
    /// The system prompt that goes before every conversation.
    public let system: String?
    /// The blob with the weights that fine-tuning added.
    public let adapter: String?
    public let lineage: Lineage
    /// Losses by step, where it was fine-tuned.
    public let losses: DataSet?

    public init(
        name: String? = nil, alias: String, specification: ModelSpecification, identity: ModelIdentity,
        system: String? = nil, adapter: String? = nil, lineage: Lineage = Lineage(), losses: DataSet? = nil
    ) {
        self.name = name
        self.alias = alias
        self.specification = specification
        self.identity = identity
        self.system = system
        self.adapter = adapter
        self.lineage = lineage
        self.losses = losses
    }

    /// What tables and messages call it.
    public var displayName: String { name ?? alias }
}

/// The rows that a model was trained on, its teacher's included.
public struct Lineage: Sendable, Hashable {
    /// Hashes of the rows' inputs; see `RowHash`.
    public var rows: Set<RowHash>
    /// Where it was trained: "cell 6".
    public var trainedIn: String?

    public init(rows: Set<RowHash> = [], trainedIn: String? = nil) {
        self.rows = rows
        self.trainedIn = trainedIn
    }
}

/// The hash of what a model sees of a row: its messages without system prompt and reply.
///
/// Two rows with the same input are the same row as far as leaks go, whatever other columns they have.
public struct RowHash: Sendable, Hashable {
    /// 32 hexadecimal digits, the first half of a SHA-256.
    public let text: String

    public init(text: String) { self.text = text }

    public init(messages: [ChatMessage]) {
        var asked = messages.filter { $0.role != "system" }
        if asked.last?.role == "assistant" { asked.removeLast() }
        text = String(SHA256Name.of(JSON.text(.list(asked.map(\.value)), .canonical)).prefix(32))
    }
}

extension Model: DomainValue {
    public static let tag = "model"

    public var kindName: String { "a model" }

    public var summary: String {
        var words = ["model `\(alias)`"]
        if !specification.summary.isEmpty { words.append(specification.summary) }
        if let adapter { words.append("fine-tuned (adapter \(adapter.prefix(8))), \(lineage.rows.count) rows seen") }
        if let system { words.append("system prompt of \(system.count) characters") }
        return words.joined(separator: " · ")
    }

    public var presentation: [PresentationBlock] {
        var blocks: [PresentationBlock] = [.line(summary)]
        if let losses { blocks.append(.table(TablePresentation(losses, limit: 20))) }
        return blocks
    }

    public var memberNames: [String] { ["alias", "losses", "name", "system"] }

    public func member(_ name: String) -> Value? {
        switch name {
        case "alias": .string(alias)
        case "name": .string(displayName)
        case "system": system.map { .string($0) } ?? .null
        case "losses": losses.map { .domain($0) } ?? .null
        default: nil
        }
    }

    public func named(_ name: String) -> any DomainValue {
        guard self.name == nil else { return self }
        var copy = self
        copy.name = name
        return copy
    }

    public func encoded(with encoder: inout ValueEncoder) throws -> Value {
        if let adapter { encoder.refer(to: adapter) }
        return [
            "name": name.map { .string($0) } ?? .null, "alias": .string(alias),
            "specification": specification.value, "endpoint": .string(identity.endpoint), "id": .string(identity.id),
            "system": system.map { .string($0) } ?? .null, "adapter": adapter.map { .string($0) } ?? .null,
            "trained_on": .list(lineage.rows.map(\.text).sorted().map { .string($0) }),
            "trained_in": lineage.trainedIn.map { .string($0) } ?? .null,
            "losses": try losses.map { try encoder.encode(.domain($0)) } ?? .null,
        ]
    }

    /// Reads the saved state.
    /// - Throws: `BlobError.missing` where the adapter's blob is not there.
    public static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        guard let alias = state[field: "alias"].text,
            let specification = ModelSpecification(state[field: "specification"]),
            let endpoint = state[field: "endpoint"].text, let id = state[field: "id"].text
        else { throw StateError("a model without alias or identity") }
        let adapter = state[field: "adapter"].text
        if let adapter, !blobs.contains(adapter) { throw BlobError.missing(adapter) }
        let rows = (state[field: "trained_on"].list ?? []).compactMap(\.text).map(RowHash.init(text:))
        return .domain(
            Model(
                name: state[field: "name"].text, alias: alias, specification: specification,
                identity: ModelIdentity(endpoint: endpoint, id: id), system: state[field: "system"].text,
                adapter: adapter, lineage: Lineage(rows: Set(rows), trainedIn: state[field: "trained_in"].text),
                losses: try codec.decode(state[field: "losses"], blobs: blobs).rows))
    }
}

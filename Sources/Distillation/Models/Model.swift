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
    /// What `finetune` was told to put into the name.
    public let suffix: String?
    public let specification: ModelSpecification
    public let identity: ModelIdentity
    /// The system prompt that goes before every conversation.
    public let system: String?
    /// The blob with what fine-tuning made: an adapter, or all weights.
    public let trainedWeights: String?
    public let lineage: Lineage
    /// Where its training was stopped before the end: "step 120 of 384".
    public let stoppedAfter: String?
    /// Losses by step, where it was fine-tuned.
    public let losses: DataSet?
    /// What else it remembers of its training, where it was fine-tuned.
    public let training: TrainingRecord?
    /// What was measured of each layer, where some were chosen to stay.
    public let layers: DataSet?

    public init(
        name: String? = nil, alias: String, suffix: String? = nil, specification: ModelSpecification,
        identity: ModelIdentity,
        system: String? = nil, trainedWeights: String? = nil, lineage: Lineage = Lineage(),
        stoppedAfter: String? = nil, losses: DataSet? = nil, training: TrainingRecord? = nil, layers: DataSet? = nil
    ) {
        self.name = name
        self.alias = alias
        self.suffix = suffix
        self.specification = specification
        self.identity = identity
        self.system = system
        self.trainedWeights = trainedWeights
        self.lineage = lineage
        self.stoppedAfter = stoppedAfter
        self.losses = losses
        self.training = training
        self.layers = layers
    }

    /// What tables and messages call it.
    public var displayName: String { name ?? suffix.map { "\(alias):\($0)" } ?? alias }
}

/// The rows that a model was trained on, its teacher's included.
public struct Lineage: Sendable, Hashable {
    /// Hashes of the rows' inputs; see `RowHash`.
    public var rows: Set<RowHash>
    /// Where it was trained: "cell 6".
    public var trainedIn: String?
    /// The ids of the models that wrote its lessons; empty where it learnt from gold.
    public var teachers: Set<String>

    public init(rows: Set<RowHash> = [], trainedIn: String? = nil, teachers: Set<String> = []) {
        self.rows = rows
        self.trainedIn = trainedIn
        self.teachers = teachers
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
        if let trainedWeights {
            words.append("fine-tuned (\(trainedWeights.prefix(8))), \(lineage.rows.count) rows seen")
            if let stoppedAfter { words.append("stopped after \(stoppedAfter)") }
        }
        if let system { words.append("system prompt of \(system.count) characters") }
        return words.joined(separator: " · ")
    }

    public var presentation: [PresentationBlock] {
        var blocks: [PresentationBlock] = [.line(summary)]
        if let losses { blocks.append(.table(TablePresentation(losses, limit: 20))) }
        if let watched = training?.watched { blocks += [.line("")] + watched.presentation }
        if let layers, losses == nil { blocks.append(.table(TablePresentation(layers, limit: 40))) }
        return blocks
    }

    public var memberNames: [String] {
        ["alias", "layers", "losses", "name", "options", "rows", "system", "watched"]
    }

    public func member(_ name: String) -> Value? {
        switch name {
        case "alias": .string(alias)
        case "name": .string(displayName)
        case "system": system.map { .string($0) } ?? .null
        case "layers": layers.map { .domain($0) } ?? .null
        case "losses": losses.map { .domain($0) } ?? .null
        case "options": training?.options ?? .null
        case "rows": (training?.rows).map { .domain($0) } ?? .null
        case "watched": (training?.watched).map { .domain($0) } ?? .null
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
        if let trainedWeights { encoder.refer(to: trainedWeights) }
        return [
            "name": name.map { .string($0) } ?? .null, "alias": .string(alias),
            "suffix": suffix.map { .string($0) } ?? .null,
            "specification": specification.value, "endpoint": .string(identity.endpoint), "id": .string(identity.id),
            "system": system.map { .string($0) } ?? .null,
            "trained_weights": trainedWeights.map { .string($0) } ?? .null,
            "trained_on": .list(lineage.rows.map(\.text).sorted().map { .string($0) }),
            "trained_in": lineage.trainedIn.map { .string($0) } ?? .null,
            "stopped_after": stoppedAfter.map { .string($0) } ?? .null,
            "teachers": .list(lineage.teachers.sorted().map { .string($0) }),
            "losses": try losses.map { try encoder.encode(.domain($0)) } ?? .null,
            "training": try training.map { try $0.encoded(with: &encoder) } ?? .null,
            "layers": try layers.map { try encoder.encode(.domain($0)) } ?? .null,
        ]
    }

    /// Reads the saved state.
    /// - Throws: `BlobError.missing` where the blob of its weights is not there.
    public static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        guard let alias = state[field: "alias"].text,
            let specification = ModelSpecification(state[field: "specification"]),
            let endpoint = state[field: "endpoint"].text, let id = state[field: "id"].text
        else { throw StateError("a model without alias or identity") }
        // "adapter" is what version 0.1 called it before whole weights could be trained.
        let weights = state[field: "trained_weights"].text ?? state[field: "adapter"].text
        if let weights, !blobs.contains(weights) { throw BlobError.missing(weights) }
        let rows = (state[field: "trained_on"].list ?? []).compactMap(\.text).map(RowHash.init(text:))
        return .domain(
            Model(
                name: state[field: "name"].text, alias: alias, suffix: state[field: "suffix"].text,
                specification: specification,
                identity: ModelIdentity(endpoint: endpoint, id: id), system: state[field: "system"].text,
                trainedWeights: weights,
                lineage: Lineage(
                    rows: Set(rows), trainedIn: state[field: "trained_in"].text,
                    teachers: Set((state[field: "teachers"].list ?? []).compactMap(\.text))),
                stoppedAfter: state[field: "stopped_after"].text,
                losses: try codec.decode(state[field: "losses"], blobs: blobs).rows,
                training: try TrainingRecord.decode(state[field: "training"], codec: codec, blobs: blobs),
                layers: try codec.decode(state[field: "layers"], blobs: blobs).rows))
    }
}

public import Distillation
internal import OrderedCollections
internal import Tables

/// What a tape says of itself, in its first line.
public struct TapeHeader: Sendable, Equatable {
    /// A model whose answers were recorded.
    public struct RecordedModel: Sendable, Equatable {
        public let alias: String
        /// What it was then: replayed answers count as answers of just this model.
        public let identity: ModelIdentity
        /// The model's own name for people, `gpt-4.1`; of an embedded model the identity says no name.
        public let name: String
        public let price: TokenPrice?

        public init(alias: String, identity: ModelIdentity, name: String, price: TokenPrice? = nil) {
            self.alias = alias
            self.identity = identity
            self.name = name
            self.price = price
        }

        /// `gpt-4.1 of api.openai.com`; `SmolLM2-135M-Instruct.Q4_1.gguf of this engine`.
        public var words: String {
            guard identity.endpoint != KernelProfile.embedded else { return "\(name) of the embedded engine" }
            return "\(name) of \(identity.endpoint)"
        }
    }

    /// The name of the first field, by which a tape is known, and its value: the format's version.
    static let mark = "distnb_tape"
    static let version = 1

    /// When it was recorded, as ISO 8601 writes it: `2026-11-22T07:00:00Z`.
    public let recorded: String
    /// The kernel that was recorded, and how many tokens its replies may have unless a cell says otherwise.
    public let kernel: String
    public let maxTokens: Int
    public let models: [RecordedModel]
    public let count: Int

    public init(recorded: String, kernel: String, maxTokens: Int, models: [RecordedModel], count: Int) {
        self.recorded = recorded
        self.kernel = kernel
        self.maxTokens = maxTokens
        self.models = models
        self.count = count
    }

    /// The day of the recording.
    public var day: String { String(recorded.prefix(10)) }

    /// The header without the digest.
    var record: Record {
        [
            Self.mark: .integer(Self.version), "recorded": .string(recorded), "kernel": .string(kernel),
            "max_tokens": .integer(maxTokens),
            "models": .list(
                models.map { model in
                    var fields: Record = [
                        "alias": .string(model.alias), "endpoint": .string(model.identity.endpoint),
                        "id": .string(model.identity.id), "name": .string(model.name),
                    ]
                    if let price = model.price { fields["price"] = price.value }
                    return .record(fields)
                }), "count": .integer(count),
        ]
    }

    /// Reads the first line; nil where something is missing.
    init?(_ json: Value) {
        guard let recorded = json[field: "recorded"].text, let kernel = json[field: "kernel"].text,
            let maxTokens = json[field: "max_tokens"].integer, maxTokens > 0,
            let count = json[field: "count"].integer, let list = json[field: "models"].list
        else { return nil }
        var models: [RecordedModel] = []
        for element in list {
            guard let alias = element[field: "alias"].text, let endpoint = element[field: "endpoint"].text,
                let id = element[field: "id"].text
            else { return nil }
            models.append(
                RecordedModel(
                    alias: alias, identity: ModelIdentity(endpoint: endpoint, id: id),
                    name: element[field: "name"].text ?? id, price: TokenPrice(element[field: "price"])))
        }
        self.init(recorded: recorded, kernel: kernel, maxTokens: maxTokens, models: models, count: count)
    }
}

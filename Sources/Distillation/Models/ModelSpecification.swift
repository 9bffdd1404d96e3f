internal import OrderedCollections
internal import Tables

/// What a kernel says about a model behind an alias.
public struct ModelSpecification: Sendable, Hashable {
    /// The model's own name, as its provider knows it.
    public let id: String
    /// Which provider runs it, where it is not the kernel's: `embedded` for a student beside a teacher on a server.
    public let provider: String?
    /// For the embedded engine: which layers of the base are used, in this order; nil for all.
    public let layers: [Int]?
    /// The SHA-256 that the weights' file must have, where the kernel names one.
    public let sha256: String?
    /// A file in the kernel's folder with what the model learnt on top of the weights (LoRA, safetensors).
    public let adapter: String?
    /// Where the weights can be had, as `distnb models add` takes it; nil where the id says enough. Not saved: it is the
    /// kernel's word of the moment.
    public let source: String?
    /// What its tokens cost, where the kernel says so.
    public let price: TokenPrice?
    /// For people: what the alias stands for.
    public let summary: String

    public init(
        id: String, provider: String? = nil, layers: [Int]? = nil, sha256: String? = nil, adapter: String? = nil,
        source: String? = nil, price: TokenPrice? = nil, summary: String = ""
    ) {
        self.id = id
        self.provider = provider
        self.layers = layers
        self.sha256 = sha256
        self.adapter = adapter
        self.source = source
        self.price = price
        self.summary = summary
    }

    /// The same model, run by a provider that is named, unless it names its own.
    public func run(by provider: String) -> ModelSpecification {
        ModelSpecification(
            id: id, provider: self.provider ?? provider, layers: layers, sha256: sha256, adapter: adapter,
            source: source,
            price: price, summary: summary)
    }

    /// The same model at another price.
    func withPrice(_ price: TokenPrice?) -> ModelSpecification {
        ModelSpecification(
            id: id, provider: provider, layers: layers, sha256: sha256, adapter: adapter, source: source, price: price,
            summary: summary)
    }

    /// The model that fine-tuning on a service made of this one.
    public func trained(as id: String) -> ModelSpecification {
        ModelSpecification(id: id, provider: provider, price: price?.tuned, summary: summary)
    }

    /// Whether both are the same weights; what a kernel says of them besides, such as prices, does not matter.
    public func isSameModel(as other: ModelSpecification) -> Bool {
        (id, provider, layers) == (other.id, other.provider, other.layers)
            && (sha256, adapter) == (other.sha256, other.adapter)
    }

    /// As a record for the saved state; prices are the kernel's of the moment and are not saved.
    var value: Value {
        [
            "id": .string(id), "provider": provider.map { .string($0) } ?? .null,
            "layers": layers.map { .list($0.map { .integer($0) }) } ?? .null,
            "sha256": sha256.map { .string($0) } ?? .null, "adapter": adapter.map { .string($0) } ?? .null,
            "summary": .string(summary),
        ]
    }

    init?(_ value: Value) {
        guard let id = value[field: "id"].text else { return nil }
        self.init(
            id: id, provider: value[field: "provider"].text, layers: value[field: "layers"].list?.compactMap(\.integer),
            sha256: value[field: "sha256"].text,
            adapter: value[field: "adapter"].text, source: value[field: "source"].text,
            price: TokenPrice(value[field: "price"]),
            summary: value[field: "summary"].text ?? "")
    }
}

internal import OrderedCollections
public import Tables

/// By what measure layers are chosen to stay.
public enum PruningCriterion: String, Sendable, Hashable, CaseIterable {
    /// Block influence (Men et al. 2024, ShortGPT, https://arxiv.org/abs/2403.03853): 1 − the cosine of the angle between
    /// a layer's input and its output, the mean over all tokens. Those with the least go, all at once.
    case influence
    /// The loss on the replies without the layer: again and again that one goes without which the loss is least.
    case loss
}

/// A model whose layers are to be measured, so that only some stay.
public struct PruningJob: Sendable {
    public let model: Model
    /// What is measured on; `loss` needs conversations that end with a reply.
    public let conversations: [[ChatMessage]]
    /// How many layers stay.
    public let count: Int
    public let criterion: PruningCriterion

    public init(model: Model, conversations: [[ChatMessage]], count: Int, criterion: PruningCriterion) {
        self.model = model
        self.conversations = conversations
        self.count = count
        self.criterion = criterion
    }
}

/// What was found of a layer.
public struct LayerMeasure: Sendable, Hashable {
    /// The layer's number in the weights' file, from 0.
    public let layer: Int
    /// Its influence; or the loss in nats without it, and without those that went before it. Nil for a layer that was
    /// never the one to go.
    public let measure: Double?
    /// When it went, from 1; nil where it stays.
    public let removed: Int?

    public init(layer: Int, measure: Double?, removed: Int?) {
        self.layer = layer
        self.measure = measure
        self.removed = removed
    }
}

/// What pruning gives.
public struct PruningResult: Sendable {
    /// The layers that stay, by their numbers in the weights' file, in order.
    public let layers: [Int]
    /// Of all layers, in order.
    public let measures: [LayerMeasure]
    /// The loss with all layers, where the criterion is the loss.
    public let loss: Double?

    public init(layers: [Int], measures: [LayerMeasure], loss: Double? = nil) {
        self.layers = layers
        self.measures = measures
        self.loss = loss
    }

    /// The measures as rows.
    public func table(_ criterion: PruningCriterion) -> DataSet {
        DataSet(
            rows: measures.map { measure in
                [
                    "layer": .integer(measure.layer), criterion.rawValue: measure.measure.map { .double($0) } ?? .null,
                    "kept": .bool(measure.removed == nil), "removed": measure.removed.map { .integer($0) } ?? .null,
                ]
            })
    }
}

extension ModelProvider {
    /// Providers that cannot look into their models' layers.
    public func prune(
        _ job: PruningJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> PruningResult {
        throw ProviderError(
            "The layers of `\(job.model.displayName)` are not to be had: it runs elsewhere.",
            hint: "prune a model of the embedded kernel: run --kernel embedded")
    }
}

/// A matrix of a transformer block. Projections that read the same input lie in one, so that one product does them.
enum LayerPart: Sendable, Hashable, CaseIterable {
    case attentionNorm
    /// Queries, keys and values.
    case qkv
    case qkvBias
    /// RMSNorm of each head's query, of length `headWidth`.
    case queryNorm
    case keyNorm
    case output
    /// RMSNorm of what attention adds to the residual stream.
    case postAttentionNorm
    case feedForwardNorm
    /// Gate and up.
    case gateUp
    case down
    /// RMSNorm of what the feed-forward network adds to the residual stream.
    case postFeedForwardNorm

    /// Outputs of a projection; 1 for vectors.
    func rows(_ shape: ModelConfiguration) -> Int {
        switch self {
        case .attentionNorm, .qkvBias, .queryNorm, .keyNorm, .postAttentionNorm, .feedForwardNorm, .postFeedForwardNorm:
            1
        case .qkv: shape.qkvWidth
        case .output, .down: shape.width
        case .gateUp: 2 * shape.ffnWidth
        }
    }

    /// Inputs of a projection; the length of vectors.
    func columns(_ shape: ModelConfiguration) -> Int {
        switch self {
        case .attentionNorm, .postAttentionNorm, .feedForwardNorm, .postFeedForwardNorm, .qkv, .gateUp: shape.width
        case .qkvBias: shape.qkvWidth
        case .queryNorm, .keyNorm: shape.headWidth
        case .output: shape.queryWidth
        case .down: shape.ffnWidth
        }
    }

    /// The projections whose matrices, or biases, lie in this one, in order; none for norms.
    var projections: [Projection] {
        switch self {
        case .qkv, .qkvBias: [.query, .key, .value]
        case .output: [.output]
        case .gateUp: [.gate, .up]
        case .down: [.down]
        case .attentionNorm, .queryNorm, .keyNorm, .postAttentionNorm, .feedForwardNorm, .postFeedForwardNorm: []
        }
    }
}

/// One value for each matrix of a transformer block: the matrix itself, or how it is trained. nil where the
/// architecture has no such part.
struct LayerParts<Value> {
    var attentionNorm: Value
    var qkv: Value
    var qkvBias: Value?
    var queryNorm: Value?
    var keyNorm: Value?
    var output: Value
    var postAttentionNorm: Value?
    var feedForwardNorm: Value
    var gateUp: Value
    var down: Value
    var postFeedForwardNorm: Value?

    init(_ shape: ModelConfiguration, _ make: (LayerPart) throws -> Value) rethrows {
        attentionNorm = try make(.attentionNorm)
        qkv = try make(.qkv)
        qkvBias = shape.architecture.has(.qkvBias) ? try make(.qkvBias) : nil
        queryNorm = shape.architecture.has(.queryNorm) ? try make(.queryNorm) : nil
        keyNorm = shape.architecture.has(.keyNorm) ? try make(.keyNorm) : nil
        output = try make(.output)
        postAttentionNorm = shape.architecture.has(.postAttentionNorm) ? try make(.postAttentionNorm) : nil
        feedForwardNorm = try make(.feedForwardNorm)
        gateUp = try make(.gateUp)
        down = try make(.down)
        postFeedForwardNorm = shape.architecture.has(.postFeedForwardNorm) ? try make(.postFeedForwardNorm) : nil
    }

    subscript(part: LayerPart) -> Value? {
        switch part {
        case .attentionNorm: attentionNorm
        case .qkv: qkv
        case .qkvBias: qkvBias
        case .queryNorm: queryNorm
        case .keyNorm: keyNorm
        case .output: output
        case .postAttentionNorm: postAttentionNorm
        case .feedForwardNorm: feedForwardNorm
        case .gateUp: gateUp
        case .down: down
        case .postFeedForwardNorm: postFeedForwardNorm
        }
    }

    /// The values of the same parts, changed.
    func map<Other>(_ change: (Value) -> Other) -> LayerParts<Other> {
        LayerParts<Other>(self, change)
    }

    private init<Other>(_ parts: LayerParts<Other>, _ change: (Other) -> Value) {
        attentionNorm = change(parts.attentionNorm)
        qkv = change(parts.qkv)
        qkvBias = parts.qkvBias.map(change)
        queryNorm = parts.queryNorm.map(change)
        keyNorm = parts.keyNorm.map(change)
        output = change(parts.output)
        postAttentionNorm = parts.postAttentionNorm.map(change)
        feedForwardNorm = change(parts.feedForwardNorm)
        gateUp = change(parts.gateUp)
        down = change(parts.down)
        postFeedForwardNorm = parts.postFeedForwardNorm.map(change)
    }
}

extension LayerParts: Sendable where Value: Sendable {}

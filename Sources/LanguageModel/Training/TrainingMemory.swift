internal import Distillation

extension TrainingMemory {
    /// How long rows are, as far as memory goes.
    struct RowLengths {
        /// Tokens of the longest row.
        var longest: Int
        /// Tokens of the rows of the largest batch there can be.
        var batch: Int
        /// Target tokens of all rows.
        var targets: Int

        init(_ rows: [TrainingExample], batchSize: Int) {
            let lengths = rows.map(\.tokens.count).sorted(by: >)
            longest = lengths.first ?? 0
            batch = lengths.prefix(batchSize).reduce(0, +)
            targets = rows.reduce(0) { $0 + PackedRows.targetCount($1) }
        }
    }

    /// What training takes at its peak: a function of the model's shape, the options and the rows' lengths alone.
    ///
    /// - Parameters:
    ///   - weights: bytes of the weights that are in memory already.
    ///   - floats: bytes that frozen weights take besides, once gradients go through them.
    init(
        _ shape: ModelConfiguration, _ options: FineTuneOptions, lengths: RowLengths, weights: Int, floats: Int = 0
    ) {
        let isFull = options.update == .full
        let rank = isFull ? 0 : options.rank
        let trained = isFull ? WeightsLayout(shape).count : LoRALayout(shape, rank: options.rank).count
        let float = MemoryLayout<Float>.stride
        // Tokens that go through the layers together.
        let tokens = max(lengths.longest, min(lengths.batch, BatchGradient.tokensAPass))
        let low = 7 * rank
        // With norms after attention and feed-forward what they are given is kept; of heads' norms all layers share the
        // results.
        let (hasPostNorms, hasHeadNorms) = (
            shape.architecture.has(.postAttentionNorm), shape.architecture.has(.queryNorm)
        )
        let norms = hasPostNorms ? 2 * (shape.width + 1) : 0
        let heads = hasHeadNorms ? shape.qkvWidth + shape.heads + shape.kvHeads : 0
        // Where everything is trained the gates are computed again, in memory that all layers share.
        let gates = 2 * shape.ffnWidth
        let kept = 2 * shape.width + 2 + shape.qkvWidth + shape.queryWidth + (isFull ? 0 : gates) + low + norms
        let shared =
            (hasPostNorms ? 5 : 4) * shape.width + 2 * shape.ffnWidth + shape.qkvWidth + 3 * rank + heads
            + (isFull ? gates : 0)
        let logits = shape.vocabulary * (shape.logitSoftcap == nil ? 1 : 2)
        let targets = min(tokens, TargetLoss.chunk)
        var parts = [
            Part("weights", bytes: weights, isHeld: true),
            Part("trained values", bytes: trained * float),
            Part("gradients", bytes: trained * float),
            Part("optimiser", bytes: 2 * trained * float),
            Part("activations", bytes: tokens * (shape.layers * kept + shared) * float),
            Part("logits", bytes: targets * (logits + 4 * shape.width + 2) * float),
        ]
        if !isFull, floats > 0 { parts.append(Part("weights as floats", bytes: floats)) }
        if options.patience != nil { parts.append(Part("best values", bytes: trained * float)) }
        switch options.method {
        case .sft: break
        case .soft(let soft):
            // A token and a probability for each that is kept, and what is left over.
            let kept = min(soft.topK, shape.vocabulary)
            parts.append(Part("the teacher's probabilities", bytes: lengths.targets * (2 * kept + 1) * float))
        case .onPolicy:
            parts.append(Part("the teacher's logits", bytes: targets * shape.vocabulary * float))
        }
        // While the student answers along the way, a whole model stands beside all that. (At the end gradients and
        // optimiser are gone when one is made.)
        if !options.watch.isEmpty && isFull {
            parts.append(Part("the student that answers", bytes: trained * float))
        } else if !options.watch.isEmpty || options.method.generates {
            let projections = WeightsLayout(shape).layersCount
            parts.append(Part("the student that answers", bytes: projections * float))
        }
        self.init(parts)
    }
}

extension TrainingMethod {
    /// Whether the student answers while it is trained.
    fileprivate var generates: Bool { if case .onPolicy = self { true } else { false } }
}

extension LanguageModelWeights {
    /// Bytes that the weights take in memory: floats, or what is mapped of a file. What was done with them before does not
    /// count, so that the same training always says the same.
    var byteCount: Int { configuration.parts.reduce(0) { $0 + (self[$1]?.byteCount ?? 0) } }

    /// Bytes that stored weights take besides as floats once a gradient goes through them; none where the processor's
    /// tiles read them as they are stored.
    var floatBytes: Int {
        let parts = configuration.parts.filter {
            $0.rows(configuration) > 1 && ($0 != .embedding || configuration.tiedEmbeddings)
        }
        return parts.reduce(0) { $0 + (self[$1]?.floatBytes ?? 0) }
    }
}

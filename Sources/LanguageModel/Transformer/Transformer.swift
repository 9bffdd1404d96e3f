/// A model ready to run: weights, with an adapter merged into them where one is given.
public struct Transformer: Sendable {
    /// The model's shape.
    public var configuration: ModelConfiguration { weights.configuration }

    let weights: LanguageModelWeights
    let rotary: RotaryTables

    /// - Parameter adapter: merged into copies of the projections, W + α/r · B A; the weights given stay as they are.
    /// - Throws: `EngineError.adapterMismatch`.
    public init(_ weights: LanguageModelWeights, adapter: LoRAAdapter? = nil) throws {
        self.weights = try adapter.map(weights.merging) ?? weights
        rotary = RotaryTables(weights.configuration)
    }

    /// The logits after each token of a sequence: [tokens, vocabulary].
    /// - Throws: `EngineError` when the tokens are none, too many or unknown.
    public func logits(_ tokens: [Int32]) throws -> [Float] {
        try logits(batch: [tokens])[0]
    }

    /// The logits of several sequences, run in one pass: for each [tokens, vocabulary].
    ///
    /// For tests and measurements: this much memory is for short sequences only.
    /// - Throws: `EngineError` when a sequence is empty, too long, or has unknown tokens.
    public func logits(batch: [[Int32]]) throws -> [[Float]] {
        for tokens in batch { try check(tokens, what: "the sequence") }
        let pass = InferencePass(self)
        let spans = batch.map { tokens in
            InferencePass.Span(cache: KeyValueCache(configuration, capacity: tokens.count), tokens: tokens)
        }
        pass.run(spans, prefix: nil)
        var row = 0
        return batch.map { tokens in
            defer { row += tokens.count }
            let logits = pass.logits(rows: Array(row..<row + tokens.count))
            return Array(UnsafeBufferPointer(start: logits, count: tokens.count * configuration.vocabulary))
        }
    }

    /// - Throws: `EngineError` unless the model can read these tokens.
    func check(_ tokens: [Int32], what: String) throws {
        guard !tokens.isEmpty else { throw EngineError.empty(what: what) }
        guard tokens.count <= configuration.contextLength else {
            throw EngineError.tooLong(what: what, tokens: tokens.count, limit: configuration.contextLength)
        }
        if let unknown = tokens.first(where: { $0 < 0 || Int($0) >= configuration.vocabulary }) {
            throw EngineError.unknownToken(id: unknown, vocabulary: configuration.vocabulary)
        }
    }
}

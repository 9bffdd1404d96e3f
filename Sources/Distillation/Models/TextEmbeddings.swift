/// Texts as vectors, of which two are the nearer the more their texts mean the same.
public struct TextEmbeddings: Sendable, Hashable {
    /// A vector of length 1 for each text, in their order, all of one dimension.
    public let vectors: [[Float]]
    /// The texts that are longer than the model reads, by their places: only their beginnings count.
    public let cut: [Int]

    public init(vectors: [[Float]], cut: [Int] = []) {
        self.vectors = vectors
        self.cut = cut
    }

    /// The cosine of the angle between two vectors, −1 … 1: 1 for the same direction. Nil where they are not of one
    /// dimension, or one of them is of length 0 or not finite.
    public static func cosine(_ one: [Float], _ other: [Float]) -> Double? {
        cosine(one.map(Double.init), other.map(Double.init))
    }

    /// The same for numbers of twice the length.
    public static func cosine(_ one: [Double], _ other: [Double]) -> Double? {
        guard one.count == other.count else { return nil }
        var (product, left, right) = (0.0, 0.0, 0.0)
        for (x, y) in zip(one, other) {
            product += x * y
            left += x * x
            right += y * y
        }
        let cosine = product / (left.squareRoot() * right.squareRoot())
        return cosine.isFinite ? max(-1, min(1, cosine)) : nil
    }
}

extension ModelProvider {
    /// Providers without such a model.
    public func embeddingIdentity() throws -> ModelIdentity { throw ProviderError.noEmbeddings }

    /// Providers without such a model.
    public func embeddings(
        of texts: [String], cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> TextEmbeddings {
        throw ProviderError.noEmbeddings
    }

    /// The same without telling how far it is.
    public func embeddings(of texts: [String], cancellation: Cancellation) throws -> TextEmbeddings {
        try embeddings(of: texts, cancellation: cancellation) { _, _ in }
    }
}

extension ProviderError {
    /// The kernel has no model that turns texts into vectors.
    public static let noEmbeddings = ProviderError(
        "The kernel has no model that turns texts into vectors, which `cosine` compares.",
        hint: "the embedded kernel has one (run --kernel embedded); or compare by another metric, such as \"rouge_l\"")
}

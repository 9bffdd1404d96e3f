public import Distillation

extension EmbeddedProvider {
    /// Raised when the encoder gives other vectors for the same texts.
    private static let encoderVersion = 1

    public func embeddingIdentity() throws -> ModelIdentity {
        let hash = try folder.hash(of: try embeddingSpecification())
        return ModelIdentity(endpoint: "embedded", id: "sha256:\(hash) encoder:\(Self.encoderVersion)")
    }

    public func embeddings(
        of texts: [String], cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> TextEmbeddings {
        try translating {
            let encoder = try encoder(of: try embeddingSpecification())
            return try encoder.embeddings(of: texts, isCancelled: cancellation.isRequested, progress: progress)
        }
    }

    private func embeddingSpecification() throws -> ModelSpecification {
        guard let embedding else { throw ProviderError.noEmbeddings }
        return embedding
    }
}

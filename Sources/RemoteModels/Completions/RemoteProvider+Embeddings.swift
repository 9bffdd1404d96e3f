package import Distillation
internal import OpenAIWire

extension RemoteProvider {
    /// Texts of one request: few enough, and short enough, for every server.
    private static let batch = (texts: 256, bytes: 400_000)

    package func embeddingIdentity() throws -> ModelIdentity {
        ModelIdentity(endpoint: endpoint.host, id: try name(of: try embeddingModel()))
    }

    private func embeddingModel() throws -> ModelSpecification {
        guard profile.features.contains(.embeddings), let embedding = kernel.embedding else {
            throw ProviderError.noEmbeddings
        }
        return embedding
    }

    package func embeddings(
        of texts: [String], cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> TextEmbeddings {
        let model = try name(of: try embeddingModel())
        var vectors: [[Float]] = []
        vectors.reserveCapacity(texts.count)
        while vectors.count < texts.count {
            try cancellation.check()
            let part = Self.part(of: texts[vectors.count...])
            let request = EmbeddingRequest(
                model: model,
                // Services refuse an empty text, of which nothing is to be said.
                inputs: part.map { $0.isEmpty ? " " : $0 }, isBase64: profile.flavour != .compatible)
            // Asking twice gives the same and costs next to nothing.
            let call = ServiceCall(.post, "/embeddings", body: .json(request.json), isRepeatable: true)
            let answer = try answer(to: call, cancellation: cancellation)
            let found: [[Float]]
            do throws(WireError) {
                found = try EmbeddingResponse(bytes: answer.body).vectors(count: part.count)
            } catch {
                throw ProviderError("\(endpoint.host) answered /embeddings with something else. \(error)")
            }
            vectors += try found.map(unit)
            guard vectors.last?.count == vectors.first?.count else {
                throw ProviderError("\(endpoint.host) gave vectors of different dimensions for one model, \(model).")
            }
            progress(vectors.count, texts.count)
        }
        return TextEmbeddings(vectors: vectors)
    }

    private static func part(of texts: ArraySlice<String>) -> ArraySlice<String> {
        var bytes = 0
        var end = texts.startIndex
        while end < texts.endIndex, end - texts.startIndex < batch.texts {
            bytes += texts[end].utf8.count
            if bytes > batch.bytes, end > texts.startIndex { break }
            end += 1
        }
        return texts[texts.startIndex..<end]
    }

    /// The vector at length 1.
    private func unit(_ vector: [Float]) throws -> [Float] {
        let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard length > 0, length.isFinite else {
            throw ProviderError("\(endpoint.host) gave a vector of no length for a text.")
        }
        return vector.map { Float(Double($0) / length) }
    }
}

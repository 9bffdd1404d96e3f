import Crypto
import Foundation
import Synchronization

/// The weights of a Llama-family model: immutable, loaded once and shared by all that use them.
///
/// Matrices stay as the file stores them; what needs floats makes them (`Matrix`).
/// Queries and keys are in Hugging Face's order of rows ("rotate half"), whatever the file's order was.
public final class LanguageModelWeights: Sendable {
    /// One transformer block. Projections that read the same input lie together, so that one product does them.
    struct Layer: Sendable {
        /// [width]
        var attentionNorm: Matrix
        /// Queries, keys and values: [queryWidth + 2 keyWidth, width]
        var qkv: Matrix
        /// [width, queryWidth]
        var output: Matrix
        /// [width]
        var feedForwardNorm: Matrix
        /// Gate and up: [2 ffnWidth, width]
        var gateUp: Matrix
        /// [width, ffnWidth]
        var down: Matrix
    }

    /// The model's shape; `layers` is the number of layers selected.
    public let configuration: ModelConfiguration
    /// Which of the file's layers these are, in order: all of them, or those given to `selecting(layers:)`.
    public let sourceLayers: [Int]
    /// The file that the weights were loaded from, for messages.
    public let name: String

    let layers: [Layer]
    /// [vocabulary, width]
    let embedding: Matrix
    /// [width]
    let finalNorm: Matrix
    /// The output projection [vocabulary, width]; the embedding itself when they are tied.
    let head: Matrix
    let digest: FileDigest

    init(
        configuration: ModelConfiguration, sourceLayers: [Int], name: String, layers: [Layer], embedding: Matrix,
        finalNorm: Matrix, head: Matrix, digest: FileDigest
    ) {
        self.configuration = configuration
        self.sourceLayers = sourceLayers
        self.name = name
        self.layers = layers
        self.embedding = embedding
        self.finalNorm = finalNorm
        self.head = head
        self.digest = digest
    }

    /// SHA-256 of the file's bytes, in lower-case hexadecimal. Hashed on first use (0.1 s for 100 MB), then kept.
    public var sha256: String { digest.hexadecimal }

    /// The same model with only some of its layers, in the order given; shares memory with this one.
    ///
    /// DistilBERT's initialisation (Sanh et al. 2019): a student made of every third layer.
    /// - Throws: `EngineError.invalidOption` when the list is empty or names a layer that does not exist.
    public func selecting(layers chosen: [Int]) throws -> LanguageModelWeights {
        guard !chosen.isEmpty, chosen.allSatisfy(layers.indices.contains) else {
            throw EngineError.invalidOption(
                name: "layers", expected: "layers from 0 to \(layers.count - 1), at least one", found: "\(chosen)")
        }
        return replacing(layers: chosen.map { layers[$0] }, sourceLayers: chosen.map { sourceLayers[$0] })
    }

    /// The same model with other layers.
    func replacing(layers: [Layer], sourceLayers: [Int]) -> LanguageModelWeights {
        var configuration = configuration
        configuration.layers = layers.count
        return LanguageModelWeights(
            configuration: configuration, sourceLayers: sourceLayers, name: name, layers: layers, embedding: embedding,
            finalNorm: finalNorm, head: head, digest: digest)
    }
}

/// The SHA-256 of a mapped file, computed when first asked for.
final class FileDigest: Sendable {
    private let file: MappedFile
    private let known = Mutex<String?>(nil)

    init(_ file: MappedFile) {
        self.file = file
    }

    var hexadecimal: String {
        known.withLock { known in
            if let known { return known }
            var hash = SHA256()
            hash.update(bufferPointer: file.mapping.bytes)
            let digest = hash.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
            known = digest
            return digest
        }
    }
}

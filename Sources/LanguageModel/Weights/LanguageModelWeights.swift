import Crypto
import Foundation
import Synchronization

/// The weights of a model: immutable, loaded once and shared by all that use them.
///
/// Matrices stay as the file stores them; what needs floats makes them (`Matrix`).
/// Queries and keys are in Hugging Face's order of rows ("rotate half"), whatever the file's order was.
public final class LanguageModelWeights: Sendable {
    /// One transformer block.
    typealias Layer = LayerParts<Matrix>

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

    /// A model whose matrices `matrix` makes, part by part.
    convenience init(
        configuration: ModelConfiguration, sourceLayers: [Int], name: String, digest: FileDigest,
        _ matrix: (ModelPart) throws -> Matrix
    ) rethrows {
        let embedding = try matrix(.embedding)
        self.init(
            configuration: configuration, sourceLayers: sourceLayers, name: name,
            layers: try (0..<configuration.layers).map { index in
                try Layer(configuration) { try matrix(.layer(index, $0)) }
            }, embedding: embedding, finalNorm: try matrix(.finalNorm),
            head: configuration.tiedEmbeddings ? embedding : try matrix(.head), digest: digest)
    }

    /// A matrix of the model; nil where it has none of that kind.
    subscript(part: ModelPart) -> Matrix? {
        switch part {
        case .embedding: embedding
        case .layer(let index, let layerPart): layers.indices.contains(index) ? layers[index][layerPart] : nil
        case .finalNorm: finalNorm
        case .head: head
        }
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
        return LanguageModelWeights(
            configuration: configuration.selecting(layers: chosen), sourceLayers: chosen.map { sourceLayers[$0] },
            name: name, layers: chosen.map { layers[$0] }, embedding: embedding, finalNorm: finalNorm, head: head,
            digest: digest)
    }

    /// Gives back the memory of the mapped files, which are read again when a weight is wanted.
    func letGo() {
        for part in configuration.parts {
            if case .stored(let stored, _)? = self[part]?.backing { stored.letGo() }
        }
    }

    /// The same model with as many layers of other weights.
    func replacing(layers: [Layer]) -> LanguageModelWeights {
        LanguageModelWeights(
            configuration: configuration, sourceLayers: sourceLayers, name: name, layers: layers, embedding: embedding,
            finalNorm: finalNorm, head: head, digest: digest)
    }
}

/// The SHA-256 of a model's files, computed when first asked for.
final class FileDigest: Sendable {
    private let compute: @Sendable () throws -> String
    private let known = Mutex<String?>(nil)

    init(_ compute: @escaping @Sendable () throws -> String) { self.compute = compute }

    convenience init(_ file: MappedFile) { self.init { Self.of(file) } }

    /// Empty where the files cannot be read any more.
    var hexadecimal: String {
        known.withLock { known in
            if let known { return known }
            let digest = (try? compute()) ?? ""
            known = digest
            return digest
        }
    }

    /// The SHA-256 of a file's bytes, in lower-case hexadecimal.
    static func of(_ file: MappedFile) -> String {
        var hash = SHA256()
        withExtendedLifetime(file.mapping) { hash.update(bufferPointer: file.mapping.bytes) }
        return hash.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

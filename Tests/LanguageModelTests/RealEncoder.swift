import Foundation
import Testing

@testable import LanguageModel

/// The real embedding model, loaded once for all tests.
enum RealEncoder {
    static let url = RealModel.url.deletingLastPathComponent().appending(path: "all-MiniLM-L6-v2")

    /// False where it is missing; says so once, aloud.
    static let isThere: Bool = {
        let isThere = FileManager.default.fileExists(atPath: url.appending(path: "model.safetensors").path)
        if !isThere {
            FileHandle.standardError.write(
                Data(
                    "SKIPPED: all tests that need the embedding model, which is not at \(url.path); run `make minilm`\n"
                        .utf8))
        }
        return isThere
    }()

    private static let loaded = Result { try TextEncoder(folder: url.path) }

    static var encoder: TextEncoder { get throws { try loaded.get() } }
}

extension Trait where Self == ConditionTrait {
    static var needsEncoder: Self { .enabled(if: RealEncoder.isThere, "the embedding model is not there") }
}

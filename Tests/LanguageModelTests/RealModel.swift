import Foundation
import LanguageModel
import Testing

/// The real weights, loaded once for all tests.
enum RealModel {
    static let url: URL = {
        let environment = ProcessInfo.processInfo.environment
        let home =
            environment["DISTNB_HOME"].map { URL(fileURLWithPath: $0) }
            ?? environment["XDG_CACHE_HOME"].map { URL(fileURLWithPath: $0).appending(path: "distnb") }
            ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache/distnb")
        return home.appending(path: "weights/SmolLM2-135M-Instruct.Q4_1.gguf")
    }()

    /// False where the weights are missing; says so once, aloud.
    static let isThere: Bool = {
        let isThere = FileManager.default.fileExists(atPath: url.path)
        if !isThere {
            FileHandle.standardError.write(
                Data(
                    "SKIPPED: all tests that need the real weights, which are not at \(url.path); run `make weights`\n"
                        .utf8))
        }
        return isThere
    }()

    private static let loadedFile = Result { try GGUFFile(url) }
    private static let loadedBase = Result { try LanguageModelWeights.load(loadedFile.get()) }
    private static let loadedTokenizer = Result { try Tokenizer(loadedFile.get()) }

    static var file: GGUFFile { get throws { try loadedFile.get() } }
    static var base: LanguageModelWeights { get throws { try loadedBase.get() } }
    static var tokenizer: Tokenizer { get throws { try loadedTokenizer.get() } }
    static var student: LanguageModelWeights {
        get throws { try base.selecting(layers: Array(stride(from: 0, to: 30, by: 3))) }
    }
}

extension Trait where Self == ConditionTrait {
    static var needsWeights: Self { .enabled(if: RealModel.isThere, "the weights are not there") }
}

/// Reads a fixture made by a script in Tests/References.
func fixture<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json"))
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
}

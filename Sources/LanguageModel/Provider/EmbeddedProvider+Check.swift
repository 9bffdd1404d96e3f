internal import Foundation

extension EmbeddedProvider {
    /// The architectures that the engine runs, by the names that GGUF files and `config.json` have for them.
    public static let architectures = ["llama"]

    /// Whether the engine can run what lies at a path, without loading its weights.
    /// - Throws: `WeightsError`, `EngineError`: why it cannot.
    public static func check(_ path: String) throws {
        let file = try GGUFFile(URL(fileURLWithPath: path).resolvingSymlinksInPath())
        _ = try ModelConfiguration(file)
        _ = try ChatTemplate(file, tokenizer: try Tokenizer(file))
    }
}

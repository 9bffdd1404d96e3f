internal import Foundation

extension EmbeddedProvider {
    /// Whether the engine can run what lies at a path, without loading its weights.
    /// - Throws: `WeightsError`, `EngineError`: why it cannot.
    public static func check(_ path: String) throws {
        let file = try GGUFFile(URL(fileURLWithPath: path).resolvingSymlinksInPath())
        _ = try ModelConfiguration(file)
        _ = try ChatTemplate(file, tokenizer: try Tokenizer(file))
    }
}

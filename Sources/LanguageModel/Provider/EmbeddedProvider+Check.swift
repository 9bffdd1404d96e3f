internal import Foundation

extension EmbeddedProvider {
    /// The architectures that the engine runs, by the names that GGUF files and `config.json` have for them.
    public static var architectures: [String] { Architecture.allCases.map(\.rawValue) + ["gemma3_text"] }

    /// Whether what lies at a path turns texts into vectors instead of answering.
    public static func isEncoder(_ path: String) -> Bool { TextEncoder.isOne(path) }

    /// Whether the engine can run what lies at a path, a GGUF file or a folder, without loading its weights.
    /// - Throws: `WeightsError`, `EngineError`: why it cannot.
    public static func check(_ path: String) throws {
        guard !isEncoder(path) else {
            _ = try TextEncoder(folder: path)
            return
        }
        let source = try WeightsSource(URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
        if case .gguf(let file) = source { _ = try ModelConfiguration(file) }
        _ = try source.template(try source.tokenizer())
    }
}

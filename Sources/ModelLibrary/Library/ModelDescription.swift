internal import Foundation
internal import LanguageModel
internal import Tables

/// What the files of a model tell of it; read from their headers, without its weights.
package struct ModelDescription: Sendable, Hashable {
    package var facts = ModelFacts()
    /// What its makers call it.
    package var title: String?
    package var layers: Int?
    /// Length of the residual stream's vectors.
    package var width: Int?
    package var heads: Int?
    package var keyValueHeads: Int?
    package var headWidth: Int?
    /// Length of the feed-forward network's inner vectors.
    package var inner: Int?
    package var vocabulary: Int?
    /// The longest sequence, in tokens.
    package var context: Int?
    package var tokenizer: String?
    package var template: String?
    package var licence: String?
    /// Why the embedded engine does not run it; nil where it does.
    package var problem: String?
    package var bytes = 0

    init() {}

    /// Reads what lies at a path: a GGUF file, or a folder as Hugging Face has it.
    /// - Throws: `ModelLibraryError` where it is neither.
    package init(path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ModelLibraryError.noSuchPath(path: path)
        }
        if isFolder.boolValue {
            try self.init(folder: path)
        } else {
            try self.init(gguf: path)
        }
        do {
            try EmbeddedProvider.check(path)
        } catch let error as any CustomStringConvertible & Error {
            problem = error.description
        }
    }

    /// What kind of chat template a text is: those that most models have by name, others by their language.
    static func templateKind(_ template: String) -> String {
        let marks = [
            ("<|im_start|>", "ChatML"), ("<|start_header_id|>", "Llama 3"), ("<start_of_turn>", "Gemma"),
            ("[INST]", "Mistral"), ("<|user|>", "Zephyr"),
        ]
        return marks.first { template.contains($0.0) }?.1 ?? "its own (Jinja)"
    }
}

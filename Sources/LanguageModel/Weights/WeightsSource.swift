internal import Distillation
internal import Foundation

/// What a model is read from, with all that belongs to it.
enum WeightsSource: Sendable {
    case gguf(GGUFFile)
    case folder(SafetensorsFolder)

    /// Opens a GGUF file, or a folder in Hugging Face's layout.
    /// - Throws: `WeightsError`.
    init(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            self = .folder(try SafetensorsFolder(url))
        } else {
            self = .gguf(try GGUFFile(url))
        }
    }

    /// The path, for messages.
    var name: String {
        switch self {
        case .gguf(let file): file.name
        case .folder(let folder): folder.name
        }
    }

    /// - Throws: `WeightsError`.
    func weights() throws -> LanguageModelWeights {
        switch self {
        case .gguf(let file): try LanguageModelWeights.load(file)
        case .folder(let folder): try LanguageModelWeights.load(folder)
        }
    }

    /// - Throws: `WeightsError`.
    func tokenizer() throws -> Tokenizer {
        switch self {
        case .gguf(let file): try Tokenizer(file)
        case .folder(let folder): try folder.tokenizer()
        }
    }

    /// - Throws: `WeightsError`, `EngineError.unsupportedTemplate`.
    func template(_ tokenizer: Tokenizer) throws -> ChatTemplate {
        switch self {
        case .gguf(let file): try ChatTemplate(file, tokenizer: tokenizer)
        case .folder(let folder): try folder.template(tokenizer)
        }
    }

    /// The hashes of the rows that the model was trained on, where it is an export of ours.
    var trainedOn: String? {
        switch self {
        case .gguf(let file): try? file.string(Lineage.metadataKey)
        case .folder(let folder): folder.metadata[Lineage.metadataKey]
        }
    }
}

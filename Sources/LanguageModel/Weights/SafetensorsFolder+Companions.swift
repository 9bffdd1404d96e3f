internal import Foundation
internal import OrderedCollections
internal import Tables

extension SafetensorsFolder {
    /// A JSON file of the folder; nil where it is not there.
    /// - Throws: `WeightsError`.
    func json(_ file: String) throws -> Value? {
        guard let bytes = try contents(file) else { return nil }
        do throws(JSONError) {
            return try JSON.parse(bytes)
        } catch {
            throw WeightsError.malformed(
                file: "\(name)/\(file)", place: "the file", expected: "JSON", found: "\(error)")
        }
    }

    /// The ids of the tokens that end answers, as `generation_config.json` or else `config.json` lists them.
    /// - Throws: `WeightsError`.
    func endTokens() throws -> [Int] {
        for file in ["generation_config.json", Self.configurationName] {
            guard let value = try json(file)?[field: "eos_token_id"], !value.isNull else { continue }
            return (value.list ?? [value]).compactMap(\.integer)
        }
        return []
    }

    /// The chat template, Jinja; nil where the model has none.
    /// - Throws: `WeightsError`.
    func chatTemplate() throws -> String? {
        if let bytes = try contents("chat_template.jinja") { return String(decoding: bytes, as: UTF8.self) }
        let separate = try json("chat_template.json")?[field: "chat_template"]
        let template = try separate ?? json("tokenizer_config.json")?[field: "chat_template"] ?? .null
        if let text = template.text { return text }
        // Several by name, as models with tools have them.
        let templates = template.list ?? []
        let usual = templates.first { $0[field: "name"].text == "default" } ?? templates.first
        return usual?[field: "template"].text
    }

    /// - Throws: `WeightsError`.
    func tokenizer() throws -> Tokenizer {
        guard let json = try contents("tokenizer.json") else {
            throw WeightsError.missing(file: name, name: "tokenizer.json")
        }
        return try Tokenizer(
            json: Data(json), configuration: try contents("tokenizer_config.json").map { Data($0) },
            endTokens: try endTokens(), name: "\(name)/tokenizer.json")
    }

    /// - Throws: `WeightsError`, `EngineError.unsupportedTemplate`.
    func template(_ tokenizer: Tokenizer) throws -> ChatTemplate {
        guard let source = try chatTemplate() else { throw WeightsError.missing(file: name, name: "chat_template") }
        return try ChatTemplate(source: source, tokenizer: tokenizer, name: name)
    }
}

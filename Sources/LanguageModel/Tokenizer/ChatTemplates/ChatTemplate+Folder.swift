public import Foundation
internal import Tables

extension ChatTemplate {
    /// Finds and parses the template of a Hugging Face folder.
    /// - Parameters:
    ///   - jinja: the contents of chat_template.jinja, which comes first where a folder has it.
    ///   - configuration: the contents of tokenizer_config.json, whose `chat_template` is one template or a list of
    ///     named ones, of which `default` is taken.
    ///   - name: the folder's name, for messages.
    /// - Throws: `WeightsError.missing` where there is none, `WeightsError.malformed` where tokenizer_config.json is
    ///   damaged, `EngineError.unsupportedTemplate` as `init(source:tokenizer:name:date:)`.
    public init(jinja: Data?, configuration: Data?, tokenizer: Tokenizer, name: String) throws {
        if let jinja {
            try self.init(source: String(decoding: jinja, as: UTF8.self), tokenizer: tokenizer, name: name)
            return
        }
        guard let source = try configuration.flatMap(Self.source) else {
            throw WeightsError.missing(file: name, name: "chat_template")
        }
        try self.init(source: source, tokenizer: tokenizer, name: name)
    }

    private static func source(_ configuration: Data) throws -> String? {
        let template = try TokenizerConfiguration.parse(configuration)[field: "chat_template"]
        if let text = template.text { return text }
        return template.list?.first { $0[field: "name"].text == "default" }?[field: "template"].text
    }
}

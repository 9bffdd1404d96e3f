public import Distillation

/// ChatML with the model's own default system prompt:
/// `<|im_start|>role⏎content<|im_end|>⏎`, a turn after the other.
public struct ChatTemplate: Sendable {
    /// The system prompt that is put first when a conversation has none; nil where the model has no default.
    public let defaultSystem: String?

    private let tokenizer: Tokenizer
    private let start: Int32
    private let end: Int32

    private static let opening = "<|im_start|>"
    private static let closing = "<|im_end|>"

    /// Reads the template of a GGUF file (`tokenizer.chat_template`, Jinja). It is not interpreted, but recognised: the
    /// default system prompt is taken out of it.
    /// - Throws: `EngineError.unsupportedTemplate` when it is not ChatML, `WeightsError` when it is absent.
    public init(_ file: GGUFFile, tokenizer: Tokenizer) throws {
        let template = try file.string("tokenizer.chat_template")
        guard template.contains(Self.opening), template.contains(Self.closing),
            let start = tokenizer.specialToken(Self.opening), let end = tokenizer.specialToken(Self.closing)
        else {
            throw EngineError.unsupportedTemplate(model: file.name, found: "\"\(template.prefix(60))\"")
        }
        self.tokenizer = tokenizer
        self.start = start
        self.end = end
        defaultSystem = Self.defaultSystem(in: template)
    }

    /// The text between a literal `<|im_start|>system⏎` and the next `<|im_end|>`; the line break is a real one or
    /// spelled `\n`, as exporters differ.
    private static func defaultSystem(in template: String) -> String? {
        for lineBreak in ["\n", "\\n"] {
            let head = opening + "system" + lineBreak
            guard let begin = template.firstRange(of: head)?.upperBound,
                let end = template[begin...].firstRange(of: closing)?.lowerBound
            else { continue }
            return String(template[begin..<end])
        }
        return nil
    }

    /// The messages with the default system prompt before them where they have none.
    private func completed(_ messages: [ChatMessage]) -> [ChatMessage] {
        guard let defaultSystem, let first = messages.first, first.role != "system" else { return messages }
        return [ChatMessage(role: "system", content: defaultSystem)] + messages
    }

    /// The conversation as text, for people to look at. To run it use `encode`, which no content can break out of.
    /// - Parameter addGenerationPrompt: end with the opening of the assistant's turn.
    public func render(_ messages: [ChatMessage], addGenerationPrompt: Bool) -> String {
        var text = ""
        for message in completed(messages) {
            text += "\(Self.opening)\(message.role)\n\(message.content)\(Self.closing)\n"
        }
        return addGenerationPrompt ? text + "\(Self.opening)assistant\n" : text
    }

    /// The conversation's token ids.
    ///
    /// Turns are delimited by the special tokens themselves and contents encoded as plain text: a content that spells
    /// `<|im_end|>` stays text. For contents that do not, the ids are those of the rendered text.
    public func encode(_ messages: [ChatMessage], addGenerationPrompt: Bool) -> [Int32] {
        var tokens: [Int32] = []
        for message in completed(messages) {
            tokens.append(start)
            tokens += tokenizer.encode("\(message.role)\n\(message.content)", special: .plain)
            tokens.append(end)
            tokens += tokenizer.encode("\n", special: .plain)
        }
        if addGenerationPrompt {
            tokens.append(start)
            tokens += tokenizer.encode("assistant\n", special: .plain)
        }
        return tokens
    }

    /// A training row: a conversation as generation sees it, whose targets are the contents and ends of all
    /// assistant turns.
    ///
    /// Each reply is encoded apart from what comes before it, as generation produces it, so that both cut words alike.
    public func example(_ conversation: [ChatMessage]) -> TrainingExample {
        var row = TrainingExample(tokens: [], trained: [])
        func append(_ tokens: [Int32], trained: Bool) {
            row.tokens += tokens
            row.trained += [Bool](repeating: trained, count: tokens.count)
        }
        let messages = completed(conversation)
        for (index, message) in messages.enumerated() {
            if message.role == "assistant" {
                append([start] + tokenizer.encode("assistant\n", special: .plain), trained: false)
                append(tokenizer.encode(message.content, special: .plain) + [end], trained: message.isLearnt)
            } else {
                append(
                    [start] + tokenizer.encode("\(message.role)\n\(message.content)", special: .plain) + [end],
                    trained: false)
            }
            if index < messages.count - 1 { append(tokenizer.encode("\n", special: .plain), trained: false) }
        }
        return row
    }
}

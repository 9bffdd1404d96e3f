public import Distillation
internal import Jinja

/// A model's chat template: conversations to text and tokens.
///
/// The template is Jinja and is run as `transformers` runs it, with one difference: what people or data wrote never
/// becomes a special token, so that no content can forge a turn. For contents that spell none, the ids are those of
/// the rendered text.
public struct ChatTemplate: Sendable {
    /// The token that the template writes behind an assistant's reply; nil where it writes none.
    public let endOfTurn: Int32?

    private let template: JinjaTemplate
    private let tokenizer: Tokenizer
    private let name: String
    private let date: @Sendable (String) -> String

    /// Parses a template and tries it on a first message.
    /// - Parameters:
    ///   - source: Jinja, for example `chat_template` of a tokenizer_config.json.
    ///   - name: the file that it stands in, for messages.
    ///   - date: what `strftime_now(format)` tells. The fixed day that stands in by default keeps prompts, and all that
    ///     is stored under them, the same tomorrow.
    /// - Throws: `EngineError.unsupportedTemplate` where it is no Jinja, uses a part of it that is not supported, or
    ///   leaves out what the user says.
    public init(
        source: String, tokenizer: Tokenizer, name: String,
        date: @escaping @Sendable (String) -> String = { FixedDate.format($0) }
    ) throws {
        self.tokenizer = tokenizer
        self.name = name
        self.date = date
        let probe = [ChatMessage(role: "user", content: "x"), ChatMessage(role: "assistant", content: "y")]
        let first: Rendering?
        do throws(JinjaError) {
            let template = try JinjaTemplate(source)
            self.template = template
            first = try Self.attempt(template, [probe[0]], true, tokenizer, date)
            endOfTurn = try Self.attempt(template, probe, false, tokenizer, date).flatMap {
                Self.endOfTurn($0, tokenizer)
            }
        } catch {
            throw EngineError.unsupportedTemplate(model: name, problem: Self.problem(error))
        }
        if let first, first.text.runs.allSatisfy({ !$0.isForeign }) {
            throw EngineError.unsupportedTemplate(model: name, problem: "it leaves out what the user says")
        }
    }

    /// What a template makes of messages that it may refuse: that is said when somebody sends such ones.
    private static func attempt(
        _ template: JinjaTemplate, _ messages: [ChatMessage], _ addGenerationPrompt: Bool, _ tokenizer: Tokenizer,
        _ date: @escaping @Sendable (String) -> String
    ) throws(JinjaError) -> Rendering? {
        do throws(JinjaError) {
            return try run(template, messages, addGenerationPrompt, tokenizer, date)
        } catch {
            if error.kind == .raised { return nil }
            throw error
        }
    }

    /// Reads the template of a GGUF file (`tokenizer.chat_template`).
    /// - Throws: `EngineError.unsupportedTemplate`, and `WeightsError` when it is absent.
    public init(_ file: GGUFFile, tokenizer: Tokenizer) throws {
        try self.init(source: try file.string("tokenizer.chat_template"), tokenizer: tokenizer, name: file.name)
    }

    /// The conversation as text, for people to look at. To run it use `encode`, which no content can break out of.
    /// - Parameter addGenerationPrompt: end with the opening of the assistant's turn.
    /// - Throws: `EngineError.templateFailed`, for example where the template wants user and assistant in turn.
    public func render(_ messages: [ChatMessage], addGenerationPrompt: Bool) throws -> String {
        try rendering(messages, addGenerationPrompt).text.string
    }

    /// The conversation's token ids, special tokens included where the template writes them.
    /// - Throws: `EngineError.templateFailed`.
    public func encode(_ messages: [ChatMessage], addGenerationPrompt: Bool) throws -> [Int32] {
        let text = RenderedText(try rendering(messages, addGenerationPrompt).text)
        return text.parts(tokenizer).flatMap { text.tokens(of: $0, tokenizer) }
    }

    /// A training row: a conversation as generation sees it, whose targets are the contents and ends of all
    /// assistant turns.
    ///
    /// What is trained on is what the template marks with `{% generation %}`; where it marks nothing, what comes after
    /// the prompt that generation would get at that turn, up to the token that ends the turn. Each reply is encoded
    /// apart from what comes before it, as generation produces it, so that both cut words alike. Text after the last
    /// turn's end, such as a line break, is left out.
    /// - Throws: `EngineError.templateFailed`, also where which tokens are a reply's cannot be told.
    public func example(_ conversation: [ChatMessage]) throws -> TrainingExample {
        let whole = try rendering(conversation, false)
        let text = RenderedText(whole.text)
        let parts = text.parts(tokenizer)
        let replies =
            whole.generated.isEmpty
            ? try replies(of: conversation, in: whole.text, text, parts) : whole.generated.map(text.bytes)
        let learnt = try learnt(of: replies, in: conversation)

        var row = TrainingExample(tokens: [], trained: [])
        for (index, part) in parts.enumerated() {
            if part.token == nil, index == parts.count - 1, index > 0,
                !replies.contains(where: { $0.overlaps(part.range) })
            {
                break
            }
            for piece in text.pieces(of: part, cutAt: replies) {
                let tokens = text.tokens(of: piece, tokenizer)
                let isTrained = learnt.contains { $0.contains(piece.part.range.lowerBound) }
                row.tokens += tokens
                row.trained += [Bool](repeating: isTrained, count: tokens.count)
            }
        }
        return row
    }

    /// Those of the replies whose messages are to be learnt.
    private func learnt(of replies: [Range<Int>], in conversation: [ChatMessage]) throws -> [Range<Int>] {
        let turns = conversation.filter { $0.role == "assistant" }
        if turns.allSatisfy(\.isLearnt) { return replies }
        guard turns.count == replies.count else {
            throw EngineError.templateFailed(
                model: name, problem: "which reply is which turn's cannot be told, so none can be left out")
        }
        return zip(replies, turns).filter { $1.isLearnt }.map { $0.0 }
    }

    // MARK: Rendering

    /// What went wrong, without the full stop that a template's own words may end with.
    private static func problem(_ error: JinjaError) -> String {
        error.description.hasSuffix(".") ? String(error.description.dropLast()) : error.description
    }

    private func rendering(_ messages: [ChatMessage], _ addGenerationPrompt: Bool) throws -> Rendering {
        do throws(JinjaError) {
            return try Self.run(template, messages, addGenerationPrompt, tokenizer, date)
        } catch {
            throw EngineError.templateFailed(model: name, problem: Self.problem(error))
        }
    }

    /// Roles that templates know. Any other is foreign text, which could spell half of a special token.
    private static let roles: Set<String> = ["system", "user", "assistant", "tool", "developer", "function"]

    private static func run(
        _ template: JinjaTemplate, _ messages: [ChatMessage], _ addGenerationPrompt: Bool, _ tokenizer: Tokenizer,
        _ date: @escaping @Sendable (String) -> String
    ) throws(JinjaError) -> Rendering {
        let list: [TemplateInput] = messages.map { message in
            .mapping([
                ("role", roles.contains(message.role) ? .text(message.role) : .foreign(message.role)),
                ("content", .foreign(message.content)),
            ])
        }
        var variables: [(name: String, value: TemplateInput)] = [
            ("messages", .list(list)), ("tools", .none), ("documents", .none),
            ("add_generation_prompt", .bool(addGenerationPrompt)),
        ]
        for (name, spelling) in tokenizer.namedTokens { variables.append((name: name, value: .text(spelling))) }
        return try template.render(variables, date: date)
    }

    /// The first special token behind the last foreign text, which is the reply.
    private static func endOfTurn(_ rendering: Rendering, _ tokenizer: Tokenizer) -> Int32? {
        guard let reply = rendering.text.runs.last(where: \.isForeign) else { return nil }
        let text = RenderedText(rendering.text)
        let end = text.bytes(reply.range).upperBound
        return text.parts(tokenizer).first { part in
            part.range.lowerBound >= end && part.token.map { tokenizer.special.contains($0) } ?? false
        }?.token
    }

    // MARK: Replies

    /// Where the replies stand in a rendered conversation, in bytes.
    private func replies(
        of conversation: [ChatMessage], in whole: TemplateText, _ text: RenderedText, _ parts: [AddedTokens.Part]
    ) throws -> [Range<Int>] {
        var replies: [Range<Int>] = []
        for (index, message) in conversation.enumerated() where message.role == "assistant" {
            guard let endOfTurn else {
                throw EngineError.templateFailed(
                    model: name,
                    problem: "no special token ends the assistant's reply, so a model trained on it would not stop")
            }
            guard let count = try promptCount(conversation, upTo: index, in: whole) else {
                throw EngineError.templateFailed(
                    model: name,
                    problem: "message \(index + 1) does not follow the prompt that the model would be given for it, so "
                        + "which tokens are its reply cannot be told. Train on conversations with one reply, or "
                        + "without a system prompt")
            }
            let start = text.bytes(0..<count).upperBound
            guard let end = parts.first(where: { $0.range.lowerBound >= start && $0.token == endOfTurn }) else {
                throw EngineError.templateFailed(
                    model: name, problem: "the reply in message \(index + 1) is left out, or nothing ends it")
            }
            replies.append(start..<end.range.upperBound)
        }
        return replies
    }

    /// How many code points precede a reply; nil where the template renders differently what precedes it.
    private func promptCount(_ conversation: [ChatMessage], upTo index: Int, in whole: TemplateText) throws -> Int? {
        if index > 0 {
            let prompt = try rendering(Array(conversation[..<index]), true).text
            return whole.hasPrefix(prompt) ? prompt.count : nil
        }
        // Before the first message there is no conversation to render: what precedes the reply is what stays the same
        // when the reply is another one.
        var other = conversation
        let begin = conversation[0].content.unicodeScalars.first { !$0.properties.isWhitespace }
        other[0] = ChatMessage(role: conversation[0].role, content: begin == "a" ? "b" : "a")
        return whole.commonPrefix(with: try rendering(other, false).text)
    }
}

import Distillation
import Foundation
import Testing

@testable import LanguageModel

@Suite struct ChatTemplateTests {
    private struct Cases: Decodable {
        struct Message: Decodable { let role: String; let content: String }
        struct Case: Decodable {
            let name: String
            let messages: [Message]
            let add_generation_prompt: Bool
            let text: String
            let ids: [Int32]
        }
        let cases: [Case]
    }

    @Test(.needsWeights) func renderingAgreesWithTransformers() throws {
        let tokenizer = try RealModel.tokenizer
        let template = try ChatTemplate(RealModel.file, tokenizer: tokenizer)
        for item in try fixture("chat-template", as: Cases.self).cases {
            let messages = item.messages.map { ChatMessage(role: $0.role, content: $0.content) }
            let text = try template.render(messages, addGenerationPrompt: item.add_generation_prompt)
            #expect(Array(text.utf8) == Array(item.text.utf8), "\(item.name)")
            let ids = try template.encode(messages, addGenerationPrompt: item.add_generation_prompt)
            if messages.contains(where: { $0.content.contains("<|im_end|>") || $0.content.contains("<|im_start|>") }) {
                // Here the reference lets the content forge turns. Ours keeps it text, and says the same.
                #expect(ids.count { $0 == 1 } == item.messages.count + 1 + (item.add_generation_prompt ? 1 : 0))
                #expect(tokenizer.decode(ids, skippingSpecial: false) == text)
            } else {
                #expect(ids == item.ids, "\(item.name)")
            }
        }
    }

    @Test func anExampleTrainsTheAnswerAndItsEndOnly() throws {
        let tokenizer = try Tokenizer(TinyModel.gguf)
        let template = try ChatTemplate(TinyModel.gguf, tokenizer: tokenizer)
        let prompt = [ChatMessage(role: "user", content: "hello")]
        let example = try template.example(prompt + [ChatMessage(role: "assistant", content: "he<|im_end|>")])
        let count = try template.encode(prompt, addGenerationPrompt: true).count
        #expect(try Array(example.tokens.prefix(count)) == template.encode(prompt, addGenerationPrompt: true))
        #expect(example.trained == example.tokens.indices.map { $0 >= count })
        #expect(example.tokens.last == 2)
        #expect(example.tokens.dropLast().suffix(from: count).allSatisfy { $0 != 2 })
    }

    /// Every row that was trained on before templates were run at all is the same now.
    @Test(.needsWeights) func rowsOfTheRealModelAreTurnsOfChatML() throws {
        let tokenizer = try RealModel.tokenizer
        let template = try ChatTemplate(RealModel.file, tokenizer: tokenizer)
        let start = try #require(tokenizer.specialToken("<|im_start|>"))
        let end = try #require(tokenizer.specialToken("<|im_end|>"))
        func plain(_ text: String) -> [Int32] { tokenizer.encode(text, special: .plain) }
        for item in try fixture("chat-template", as: Cases.self).cases where !item.messages.isEmpty {
            var messages = item.messages.map { ChatMessage(role: $0.role, content: $0.content) }
            let row = try template.example(messages)
            if messages[0].role != "system" {
                let system = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
                messages.insert(ChatMessage(role: "system", content: system), at: 0)
            }
            var (tokens, trained): ([Int32], [Bool]) = ([], [])
            func append(_ more: [Int32], _ flag: Bool) {
                tokens += more
                trained += more.map { _ in flag }
            }
            for (index, message) in messages.enumerated() {
                if message.role == "assistant" {
                    append([start] + plain("assistant\n"), false)
                    append(plain(message.content) + [end], true)
                } else {
                    append([start] + plain("\(message.role)\n\(message.content)") + [end], false)
                }
                if index < messages.count - 1 { append(plain("\n"), false) }
            }
            #expect(row.tokens == tokens, "\(item.name)")
            #expect(row.trained == trained, "\(item.name)")
        }
        #expect(template.endOfTurn == end)
    }

    @Test(arguments: [
        (String(repeating: "x", count: 20), "leaves out what the user says"),
        ("{% if %}", "line 1, column 7"), ("{{ messages | nonsense }}", "the filter `nonsense` is not supported"),
        ("{% include 'a' %}", "the block `include` is not supported"), ("{{ messages.x.y }}", "has no `y`"),
    ])
    func aTemplateThatCannotBeRunIsRefusedWithItsPlace(_ source: String, _ message: String) throws {
        let tokenizer = try Tokenizer(TinyModel.gguf)
        let error = #expect(throws: EngineError.self) {
            try ChatTemplate(source: source, tokenizer: tokenizer, name: "m.gguf")
        }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("m.gguf: the chat template cannot be run") == true)
    }
}

/// Other models' ways to write conversations, with the small tokenizers.
@Suite struct ChatTemplateFamilyTests {
    private struct Chats: Decodable {
        struct Message: Decodable { let role: String; let content: String }
        struct Chat: Decodable {
            let tokenizer: String
            let template: String
            let messages: [Message]
            let prompt: Bool
            let ids: [Int32]
            let mask: [Int]?
        }
        let templates: [String: String]
        let chats: [Chat]
    }

    private func template(_ name: String, _ tokenizer: Tokenizer) throws -> ChatTemplate {
        let chats = try fixture("Tokenizers/chats", as: Chats.self)
        return try ChatTemplate(source: try #require(chats.templates[name]), tokenizer: tokenizer, name: name)
    }

    private func messages(_ turns: (String, String)...) -> [ChatMessage] {
        turns.map { ChatMessage(role: $0.0, content: $0.1) }
    }

    /// The trained part of a row as text, for each stretch.
    private func trained(_ row: TrainingExample, _ tokenizer: Tokenizer) -> [String] {
        var texts: [String] = []
        var stretch: [Int32] = []
        for (token, flag) in zip(row.tokens + [0], row.trained + [false]) {
            if flag {
                stretch.append(token)
            } else if !stretch.isEmpty {
                texts.append(stretch.map { String(decoding: tokenizer.bytes($0), as: UTF8.self) }.joined())
                stretch = []
            }
        }
        return texts
    }

    @Test func idsOfConversationsAgreeWithTransformers() throws {
        let chats = try fixture("Tokenizers/chats", as: Chats.self)
        #expect(chats.chats.count > 80)
        for chat in chats.chats {
            let tokenizer = try SmallTokenizers.tokenizer(chat.tokenizer)
            let template = try template(chat.template, tokenizer)
            let messages = chat.messages.map { ChatMessage(role: $0.role, content: $0.content) }
            let ids = try template.encode(messages, addGenerationPrompt: chat.prompt)
            #expect(ids == chat.ids, "\(chat.tokenizer), \(chat.template): \(messages.map(\.content))")
        }
    }

    @Test func whatATemplateMarksAsGeneratedIsTrained() throws {
        for chat in try fixture("Tokenizers/chats", as: Chats.self).chats where !chat.prompt {
            guard let mask = chat.mask, mask.contains(1) else { continue }
            let tokenizer = try SmallTokenizers.tokenizer(chat.tokenizer)
            let row = try template(chat.template, tokenizer).example(
                chat.messages.map { ChatMessage(role: $0.role, content: $0.content) })
            // Here a reply begins where it is marked; there with the token in which its first character stands.
            let kept = zip(chat.ids, mask).filter { $0.1 == 1 }.map(\.0)
            let text = kept.map { String(decoding: tokenizer.bytes($0), as: UTF8.self) }.joined()
            let own = trained(row, tokenizer).joined()
            #expect(own == text || text == "\n" + own)
        }
    }

    @Test(arguments: [
        ("smollm", "chatml", ["Blue<|im_end|>", "Green<|im_end|>"]),
        ("llama2", "brackets", [" Blue </s>", " Green </s>"]),
        ("gemma", "angles", ["Blue</s>", "Green</s>"]),
        ("qwen2", "thinking", ["Blue<|im_end|>", "<think>\n\n</think>\n\nGreen<|im_end|>"]),
        ("qwen2", "generation", ["Blue<|im_end|>", "Green<|im_end|>"]),
        ("qwen2", "plain", [" Blue</s>", " Green</s>"]),
    ])
    func repliesAndTheirEndsAreTrainedOnInEveryFamily(_ name: String, _ kind: String, _ expected: [String]) throws {
        let tokenizer = try SmallTokenizers.tokenizer(name)
        let template = try template(kind, tokenizer)
        let turns = messages(("user", "Sky?"), ("assistant", "Blue"), ("user", "Grass?"), ("assistant", "Green"))
        let row = try template.example(turns)
        #expect(trained(row, tokenizer) == expected)
        // Generation sees exactly what a row has before its reply.
        let first = try template.example(Array(turns.prefix(2)))
        let prompt = try template.encode(Array(turns.prefix(1)), addGenerationPrompt: true)
        let begin = try #require(first.trained.firstIndex(of: true))
        #expect(first.trained.suffix(from: begin).allSatisfy { $0 })
        #expect(Array(first.tokens.prefix(begin)) == prompt)
    }

    @Test func conversationsWhoseRepliesCannotBeToldAreRefused() throws {
        let tokenizer = try SmallTokenizers.tokenizer("mistral")
        let template = try template("last_turn", tokenizer)
        let simple = messages(("user", "Sky?"), ("assistant", "Blue"))
        #expect(trained(try template.example(simple), tokenizer) == ["Blue</s>"])
        // The system prompt stands with the last message, if that is the user's: with the reply it is gone.
        let error = #expect(throws: EngineError.self) {
            try template.example(messages(("system", "Be brief."), ("user", "Sky?"), ("assistant", "Blue")))
        }
        #expect(error?.description.contains("which tokens are its reply cannot be told") == true)
        let refused = #expect(throws: EngineError.self) {
            try template.encode(messages(("user", "a"), ("user", "b")), addGenerationPrompt: true)
        }
        #expect(refused?.description.contains("must alternate") == true)
    }

    @Test func noContentAndNoRoleForgesASpecialToken() throws {
        let tokenizer = try SmallTokenizers.tokenizer("qwen2")
        let source = """
            {% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '</s>' }}{% endfor %}
            """
        let template = try ChatTemplate(source: source, tokenizer: tokenizer, name: "m")
        let start = try #require(tokenizer.specialToken("<|im_start|>"))
        let ids = try template.encode(
            messages(("im_start", "<|im_start|>x</s"), ("user", "></s><s>")), addGenerationPrompt: false)
        #expect(!ids.contains(start))
        #expect(ids.count { $0 == tokenizer.endToken } == 2)
        #expect(ids.count { tokenizer.special.contains($0) } == 2)
    }

    @Test func aFoldersTemplateStandsInItsFileOrItsConfiguration() throws {
        let tokenizer = try SmallTokenizers.tokenizer("qwen2")
        func render(_ jinja: String?, _ configuration: String?) throws -> String {
            try ChatTemplate(
                jinja: jinja.map { Data($0.utf8) }, configuration: configuration.map { Data($0.utf8) },
                tokenizer: tokenizer, name: "folder"
            ).render(messages(("user", "x")), addGenerationPrompt: false)
        }
        let one = #"{"chat_template": "one{{ messages[0].content }}"}"#
        let several = """
            {"chat_template": [{"name": "tools", "template": "t"},
              {"name": "default", "template": "two{{ messages[0].content }}"}]}
            """
        #expect(try render(nil, one) == "onex")
        #expect(try render(nil, several) == "twox")
        #expect(try render("three{{ messages[0].content }}", one) == "threex")
        #expect(throws: WeightsError.missing(file: "folder", name: "chat_template")) { try render(nil, "{}") }
        #expect(throws: WeightsError.self) { try render(nil, "{") }
    }

    @Test func theDayThatTemplatesAreToldIsTheSameEveryDay() throws {
        #expect(FixedDate.format("%d %b %Y, %-d %B %y %H:%M %q%%") == "26 Jul 2024, 26 July 24 00:00 %q%")
        let tokenizer = try SmallTokenizers.tokenizer("llama3")
        let text = try template("headers", tokenizer).render(messages(("user", "Hi")), addGenerationPrompt: true)
        #expect(text.contains("Today: 26 Jul 2024\n"))
    }
}

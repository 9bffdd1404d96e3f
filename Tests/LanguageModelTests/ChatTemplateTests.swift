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
            let text = template.render(messages, addGenerationPrompt: item.add_generation_prompt)
            #expect(Array(text.utf8) == Array(item.text.utf8), "\(item.name)")
            let ids = template.encode(messages, addGenerationPrompt: item.add_generation_prompt)
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
        let example = template.example(prompt + [ChatMessage(role: "assistant", content: "he<|im_end|>")])
        let count = template.encode(prompt, addGenerationPrompt: true).count
        #expect(Array(example.tokens.prefix(count)) == template.encode(prompt, addGenerationPrompt: true))
        #expect(example.trained == example.tokens.indices.map { $0 >= count })
        #expect(example.tokens.last == 2)
        #expect(example.tokens.dropLast().suffix(from: count).allSatisfy { $0 != 2 })
    }

    @Test func aTemplateThatIsNotChatMLIsRefused() throws {
        let tokenizer = try Tokenizer(TinyModel.gguf)
        // The same length, so that nothing else in the file moves.
        var bytes = TinyModel.file
        let place = try #require(bytes.range(of: Data(TinyModel.template.utf8)))
        bytes.replaceSubrange(place, with: Data(repeating: UInt8(ascii: "x"), count: place.count))
        #expect(throws: EngineError.self) { try ChatTemplate(TinyModel.open(bytes), tokenizer: tokenizer) }
    }
}

import OpenAIWire
import OrderedCollections
import Tables
import Testing

/// Chat requests and replies, as OpenAI and compatible servers write them.
@Suite struct ChatTests {
    @Test func whatIsNotSaidIsLeftOut() {
        let plain = ChatCompletionRequest(model: "m", messages: [.user("Hi")])
        #expect(JSON.text(plain.json) == #"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#)
        let stream = ChatCompletionRequest(model: "m", messages: [], stream: true, topLogprobs: 2)
        #expect(
            JSON.text(stream.json)
                == #"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true},"logprobs":true,"top_logprobs":2}"#
        )
        #expect(
            JSON.text(ChatMessage.assistant("Hi", weight: 0).json) == #"{"role":"assistant","content":"Hi","weight":0}"#
        )
    }

    @Test func aRequestIsReadAsItWasBuilt() throws {
        let request = ChatCompletionRequest(
            model: "m", messages: [.system("Be kind."), .user("Hi")], temperature: 0, topP: 0.5,
            limit: .maxCompletionTokens(9), seed: 3, stop: ["a", "b"], n: 2, store: true, metadata: ["k": "v"],
            stream: true, logprobs: true, responseFormat: .jsonSchema(name: "x", schema: ["type": "object"]),
            reasoningEffort: .minimal)
        let read = try ChatCompletionRequest(bytes: request.bytes)
        #expect(read == request)
        #expect(read.model == "m" && read.temperature == 0 && read.topP == 0.5 && read.limit?.tokens == 9)
        #expect(read.messages.map(\.role) == [.system, .user] && read.messages.map(\.text) == ["Be kind.", "Hi"])
        #expect(read.seed == 3 && read.stop == ["a", "b"] && read.count == 2 && read.isStored && read.isStreaming)
        #expect(read.metadata == ["k": "v"] && read.logprobs && read.topLogprobs == nil && read.includesUsage)
        #expect(read.responseFormat?.schema == ["type": "object"] && ResponseFormat.text.schema == nil)
        #expect(read.reasoningEffort == .minimal)
        #expect(try ChatCompletionRequest(["model": "m", "messages": [], "stop": "END"]).stop == ["END"])
        #expect(try ChatCompletionRequest(["model": "m", "messages": [], "stop": nil]).stop.isEmpty)
    }

    @Test(arguments: [
        ("o1", true), ("o3-mini", true), ("o4-mini-2025-04-16", true), ("gpt-5-nano", true), ("gpt-5.1", true),
        ("ft:o4-mini:org::x", true), ("openai/o3", true), ("gpt-5-chat-latest", false), ("gpt-4o", false),
        ("gpt-4.1-nano", false), ("ft:gpt-4.1-nano:org::x", false), ("olmo-2", false), ("orca", false), ("", false),
        ("o", false), ("o1x", false),
    ])
    func reasoningModelsTakeTheirOwnLimit(model: String, isReasoning: Bool) {
        let limit = ChatCompletionRequest.TokenLimit(5, model: model)
        #expect(limit == (isReasoning ? .maxCompletionTokens(5) : .maxTokens(5)))
    }

    @Test func contentMayBePartsOrTexts() throws {
        let message = try ChatMessage([
            "role": "user",
            "content": [["type": "text", "text": "Look: "], ["type": "image_url", "image_url": [:]], "!"],
        ])
        #expect(message.text == "Look: !")
        #expect(message.content?.isText == false)
        let reply = try ReplyMessage([
            "content": [["type": "thinking", "thinking": []], ["type": "text", "text": "4"]], "reasoning": "Hm.",
        ])
        #expect(reply.content == "4" && reply.reasoning == "Hm.")
        #expect(throws: WireError.self) { try ChatMessage(["role": "user", "content": [4]]) }
    }

    /// llama.cpp, Ollama and vLLM leave out or add fields; what counts is read.
    @Test(arguments: [
        #"{"choices":[{"finish_reason":"stop","index":0,"message":{"role":"assistant","content":"Hi"}}],"created":1,"model":"q.gguf","system_fingerprint":"b6000","object":"chat.completion","usage":{"completion_tokens":2,"prompt_tokens":9,"total_tokens":11},"id":"chatcmpl-x","timings":{"prompt_n":9}}"#,
        #"{"id":"chatcmpl-12","object":"chat.completion","created":1,"model":"llama3.2","system_fingerprint":"fp_ollama","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}"#,
        #"{"id":"chatcmpl-3","object":"chat.completion","created":1,"model":"x","choices":[{"index":0,"message":{"role":"assistant","reasoning_content":null,"content":"Hi","tool_calls":[]},"logprobs":null,"finish_reason":"stop","stop_reason":null}],"usage":{"prompt_tokens":9,"total_tokens":11,"completion_tokens":2,"prompt_tokens_details":null},"prompt_logprobs":null}"#,
    ])
    func repliesOfCompatibleServersAreRead(text: String) throws {
        let completion = try ChatCompletion(bytes: Array(text.utf8))
        let choice = try #require(completion.choices.first)
        #expect(choice.message.content == "Hi" && choice.finishReason == .stop && choice.message.role == .assistant)
        #expect(choice.message.toolCalls.isEmpty && choice.logprobs == nil)
        #expect(completion.usage?.promptTokens == 9 && completion.usage?.completionTokens == 2)
        #expect(completion.usage?.cachedTokens == 0 && completion.usage?.reasoningTokens == 0)
        #expect(JSON.text(completion.json) == text)
    }

    @Test func argumentsThatAreAnObjectAreRead() throws {
        let call = try ToolCall(["function": ["name": "f", "arguments": ["a": 1]]])
        #expect(call.arguments == #"{"a":1}"# && call.id == nil)
    }

    @Test func logprobsHaveTheirBytes() throws {
        let token = try TokenLogprob(["token": "\u{FFFD}", "logprob": -0.5, "bytes": [240, 159], "top_logprobs": []])
        #expect(token.tokenBytes == [240, 159] && token.logprob == -0.5)
        #expect(try TokenLogprob(["token": "", "logprob": -1, "bytes": [256]]).tokenBytes == nil)
        #expect(TokenLogprob(token: "a", logprob: -.infinity, bytes: nil).logprob == TokenLogprob.unlikely)
    }

    @Test func storedMessagesAreSentAgainAsTheyWere() throws {
        let messages: [ChatMessage] = [
            .system("Be kind."),
            ChatMessage(role: .user, content: .parts([.text("a"), .image(url: "data:,")]), name: "ann"),
            .assistant(nil, toolCalls: [ToolCall(id: "1", name: "f", arguments: "{}")]), .tool("4", callID: "1"),
        ]
        for message in messages {
            let stored = StoredMessage(id: "chatcmpl-1-0", message: message)
            let read = try StoredMessage(bytes: stored.bytes)
            #expect(read.message == message && read.id == "chatcmpl-1-0" && read.role == message.role)
        }
    }

    @Test func listQueriesAreWrittenAndRead() throws {
        let query = ListQuery(
            after: "chatcmpl-1", limit: 50, order: .newestFirst, model: "gpt 4/ü", metadata: ["lab": "a&b=c", "x": ""],
            others: ["purpose": "fine-tune"])
        #expect(
            query.text
                == "after=chatcmpl-1&limit=50&metadata%5Blab%5D=a%26b%3Dc&metadata%5Bx%5D=&model=gpt%204%2F%C3%BC"
                + "&order=desc&purpose=fine-tune")
        #expect(try ListQuery(items: query.items) == query)
        #expect(ListQuery().text.isEmpty)
        #expect(throws: WireError.self) { try ListQuery(items: [("limit", "0")]) }
        #expect(throws: WireError.self) { try ListQuery(items: [("order", "up")]) }
    }
}

import OpenAIWire
import OrderedCollections
import Tables
import Testing

/// A stream's pieces give the completion that would have come whole.
@Suite struct ChunkAssemblyTests {
    private static func assembly(_ pieces: [String], choices: Int = 1) throws -> ChunkAssembly {
        var assembly = ChunkAssembly(choices: choices)
        for piece in pieces { try assembly.add(ServerSentEvent(data: piece)) }
        return assembly
    }

    private static func piece(_ choice: String) -> String {
        #"{"id":"c1","object":"chat.completion.chunk","created":5,"model":"m","choices":[\#(choice)]}"#
    }

    private static let text = [
        piece(#"{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}"#),
        piece(#"{"index":0,"delta":{"content":"Good "},"finish_reason":null}"#),
        piece(#"{"index":0,"delta":{"content":"morning."},"finish_reason":null}"#),
        piece(#"{"index":0,"delta":{},"finish_reason":"stop"}"#),
        #"{"id":"c1","object":"chat.completion.chunk","created":5,"model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}"#,
        "[DONE]",
    ]

    @Test func aStreamIsPutTogether() throws {
        let assembly = try Self.assembly(Self.text)
        let completion = try #require(assembly.completion)
        #expect(assembly.ending == .finished && assembly.isOver)
        #expect(completion.id == "c1" && completion.model == "m" && completion.created == 5)
        #expect(completion.choices.map(\.message.content) == ["Good morning."])
        #expect(completion.choices.map(\.finishReason) == [.stop])
        #expect(completion.usage?.promptTokens == 9 && completion.usage?.completionTokens == 3)
        #expect(try OpenAISchema.load().mismatch(completion.json, "CreateChatCompletionResponse") == nil)
    }

    /// However a completion is cut into pieces, the pieces give it back.
    @Test(arguments: [1, 3, 1000]) func splittingAndAssemblingAreInverse(length: Int) throws {
        let call = ToolCall(id: "call_1", name: "f", arguments: #"{"a": "é🦊"}"#)
        let tokens = ["Hé", "llo 🦊"].map { TokenLogprob(token: $0, logprob: -0.5, bytes: Array($0.utf8)) }
        let whole = ChatCompletion(
            id: "c", created: 7, model: "m",
            choices: [
                .init(message: ReplyMessage(content: "Hello 🦊, how are you?\nFine.")),
                .init(
                    index: 1, message: ReplyMessage(content: nil, toolCalls: [call, call]), finishReason: .toolCalls),
                .init(index: 2, message: ReplyMessage(content: nil, refusal: "No, never."), finishReason: .stop),
                .init(
                    index: 3, message: ReplyMessage(content: "Héllo 🦊"), finishReason: .length,
                    logprobs: ChoiceLogprobs(content: tokens)),
                .init(index: 4, message: ReplyMessage(content: "")),
            ],
            usage: TokenUsage(promptTokens: 3, completionTokens: 9), systemFingerprint: "fp")
        let pieces = whole.chunks(length: length, includesUsage: true).map { JSON.text($0.json) }
        let assembly = try Self.assembly(pieces, choices: 5)
        #expect(assembly.ending == .finished)
        #expect(assembly.completion == whole)
        #expect(try Self.assembly(pieces, choices: 6).ending == .cut)
    }

    @Test func aStreamThatEndsEarlyIsToldApart() throws {
        for count in 0..<4 {
            let assembly = try Self.assembly(Array(Self.text.prefix(count)))
            #expect(assembly.ending == .cut && !assembly.isOver)
            #expect((assembly.completion == nil) == (count == 0))
        }
        #expect(try Self.assembly(Array(Self.text.prefix(3))).completion?.choices[0].finishReason == nil)
        #expect(try Self.assembly(Array(Self.text.prefix(4))).ending == .finished)
        #expect(try Self.assembly(Array(Self.text.prefix(3)) + ["[DONE]"]).ending == .done)
        #expect(try Self.assembly(["[DONE]"]).completion == nil)
    }

    @Test func anErrorInTheMiddleEndsIt() throws {
        let error = #"{"error":{"message":"Overloaded.","type":"server_error","code":503}}"#
        let assembly = try Self.assembly(Array(Self.text.prefix(2)) + [error] + Self.text.suffix(4))
        guard case .failed(let body) = assembly.ending else {
            Issue.record("\(assembly.ending)")
            return
        }
        #expect(body.message == "Overloaded." && body.status == 503)
        #expect(assembly.completion?.choices[0].message.content == "Good ")
        var typed = ChunkAssembly()
        #expect(try typed.add(ServerSentEvent(data: "out of memory", type: "error")) == nil)
        #expect(typed.ending == .failed(APIErrorBody(bytes: Array("out of memory".utf8))))
    }

    @Test func whatIsNoPieceIsNamed() throws {
        var assembly = ChunkAssembly()
        do throws(WireError) {
            try assembly.add(ServerSentEvent(data: #"{"choices": [{"delta": {"content": 4}}]}"#))
            Issue.record("it was read")
        } catch {
            #expect(
                error.description == "Expected text or a list of content parts in `choices[0].delta.content` of "
                    + "a piece of a chat completion, found 4.")
        }
        #expect(throws: WireError.self) { try assembly.add(ServerSentEvent(data: "{")) }
    }

    /// What took the place of a piece would leave a hole in the reply that nobody sees.
    @Test func anEventOfAnotherShapeIsNotPassedOver() throws {
        var pieces = Self.text
        pieces[2] = #"{"status":"ok","result":{"text":5}}"#
        #expect(throws: WireError.self) { try Self.assembly(pieces) }
    }

    @Test func toolCallsGrowByTheirIndex() throws {
        let assembly = try Self.assembly([
            Self.piece(
                #"{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}}"#
            ),
            Self.piece(
                #"{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\""}},{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]}}"#
            ),
            Self.piece(
                #"{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":": 1}"}}]},"finish_reason":"tool_calls"}"#
            ),
        ])
        let calls = try #require(assembly.completion?.choices.first?.message.toolCalls)
        #expect(
            calls == [
                ToolCall(id: "a", name: "f", arguments: #"{"x": 1}"#), ToolCall(id: "b", name: "g", arguments: "{}"),
            ])
    }

    @Test func whatCompatibleServersAddIsKept() throws {
        let assembly = try Self.assembly([
            #"{"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]}"#,
            Self.piece(#"{"delta":{"role":"assistant","reasoning_content":"Let me "},"content_filter_results":{}}"#),
            Self.piece(#"{"delta":{"reasoning_content":"see."}}"#),
            Self.piece(#"{"delta":{"content":"4"},"finish_reason":"eos","stop_reason":2}"#),
            #"{"choices":[],"timings":{"predicted_n":1},"usage":null}"#,
        ])
        let completion = try #require(assembly.completion)
        #expect(assembly.ending == .finished)
        #expect(completion.id == "c1" && completion.model == "m" && completion.created == 5)
        #expect(completion.choices[0].finishReason == "eos")
        #expect(completion.choices[0].message.reasoning == "Let me see.")
        #expect(completion.choices[0].message.content == "4")
        #expect(completion.choices[0][field: "stop_reason"] == 2)
        #expect(completion[field: "timings"] == ["predicted_n": 1])
        #expect(completion[field: "prompt_filter_results"].list?.count == 1)
    }
}

import Distillation
import OrderedCollections
import Tables
import Testing

@testable import RemoteModels

private let service = "api.openai.com"

private func stored(
    _ text: String, finishReason: String = "stop", system: String? = nil, topLogprobs: Int? = nil,
    logprobs: Value? = nil
) -> StoredCompletion {
    StoredCompletion(
        request: CompletionRequest(
            model: ModelIdentity(endpoint: service, id: "gpt-4.1-nano"),
            messages: (system.map { [ChatMessage(role: "system", content: $0)] } ?? [])
                + [ChatMessage(role: "user", content: "Where is it?")],
            sampling: Sampling(
                temperature: 0.2, topP: 0.9, maxTokens: 32, seed: 5, stop: ["\n"], topLogprobs: topLogprobs),
            ordinal: 2),
        completion: Completion(
            text: text, finishReason: finishReason, usage: Usage(promptTokens: 7, completionTokens: 3), seconds: 0.5,
            logprobs: logprobs), modelName: "cora", metadata: ["lab": "3.3"], createdAt: 1_763_794_800.25)
}

private func imported(_ files: String..., endpoint: String? = nil) throws -> CompletionImport {
    var found = CompletionImport(endpoint: endpoint, now: 99)
    for (index, text) in files.enumerated() { try found.add(Array(text.utf8), name: "file\(index + 1).jsonl") }
    found.finish()
    return found
}

/// A page as OpenAI's reference shows it for `GET /chat/completions`.
private let page = """
    {"object": "list", "data": [
      {"object": "chat.completion", "id": "chatcmpl-AyPNinnUqUDYo9SAdA52NobMflmj2", "model": "gpt-4o-2024-08-06",
       "created": 1738960610, "request_id": "req_ded8ab984ec4bf840f37566c1011c417", "tool_choice": null,
       "usage": {"total_tokens": 31, "completion_tokens": 18, "prompt_tokens": 13}, "seed": 4944116822809979520,
       "top_p": 1.0, "temperature": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0,
       "system_fingerprint": "fp_50cad350e4", "input_user": null, "service_tier": "default", "tools": null,
       "metadata": {"lab": "3.3", "distnb_key": "abc"},
       "choices": [{"index": 0, "message": {"content": "Circuits hum.", "role": "assistant", "tool_calls": null,
                    "function_call": null}, "finish_reason": "stop", "logprobs": null}],
       "response_format": null}],
     "first_id": "chatcmpl-AyPNinnUqUDYo9SAdA52NobMflmj2", "last_id": "chatcmpl-AyPNinnUqUDYo9SAdA52NobMflmj2",
     "has_more": false}
    """

private let pageMessages = """
    {"object": "list", "data": [{"id": "chatcmpl-AyPNinnUqUDYo9SAdA52NobMflmj2-0", "role": "user",
      "content": "write a haiku about ai", "name": null, "content_parts": null}], "has_more": false}
    """

private func batch(_ id: String, body: String = "", model: String = "gpt-4.1-nano") -> String {
    #"{"custom_id":"\#(id)","method":"POST","url":"/v1/chat/completions","body":{"model":"\#(model)","#
        + #""messages":[{"role":"user","content":"\#(id)?"}],"temperature":0,"max_tokens":16\#(body)}}"#
}

private func result(_ id: String, _ text: String, status: Int = 200) -> String {
    #"{"id":"batch_req_1","custom_id":"\#(id)","response":{"status_code":\#(status),"request_id":"r","body":"#
        + #"{"id":"chatcmpl-\#(id)","object":"chat.completion","created":100,"model":"gpt-4.1-nano-2025-04-14","choices":["#
        + #"{"index":0,"message":{"role":"assistant","content":"\#(text)"},"finish_reason":"stop"}],"#
        + #""usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}},"error":null}"#
}

@Suite struct CompletionArchiveTests {
    @Test func ownExportsComeBackWhole() throws {
        let logprobs: Value = [["token": "a", "logprob": -0.5, "top_logprobs": [["token": "b", "logprob": -1.5]]]]
        let all = [stored("It is here."), stored("a", topLogprobs: 1, logprobs: logprobs)]
        let text = all.map { JSON.text(CompletionJSON.json($0)) }.joined(separator: "\n")
        let found = try imported(text)
        #expect(found.skipped.isEmpty)
        #expect(found.completions.map(\.key) == all.map(\.key))
        #expect(found.completions.map(\.completion) == all.map(\.completion))
        #expect(found.completions.map(\.metadata) == all.map(\.metadata))
        #expect(found.completions.map(\.modelName) == ["cora", "cora"])
        #expect(found.completions.map(\.createdAt) == all.map(\.createdAt))
        #expect(found.answering == 2)
    }

    @Test func anExportIsWhatOpenAIListsWithTheRequestBeside() throws {
        let json = CompletionJSON.json(stored("It is here."))
        #expect(json[field: "object"].text == "chat.completion")
        #expect(json[field: "choices"].list?.first?[field: "message"][field: "content"].text == "It is here.")
        #expect(json[field: "created"].integer == 1_763_794_800)
        #expect(json[field: "usage"][field: "total_tokens"].integer == 10)
        #expect(json[field: "metadata"][field: "lab"].text == "3.3")
        #expect(json[field: "max_completion_tokens"].integer == 32)
        #expect(json[field: "messages"].list?.count == 1)
    }

    @Test func storedCompletionsOfOpenAIComeWithTheirMessages() throws {
        let found = try imported(page, pageMessages, endpoint: service)
        let completion = try #require(found.completions.first)
        #expect(completion.request.messages == [ChatMessage(role: "user", content: "write a haiku about ai")])
        #expect(completion.completion.text == "Circuits hum.")
        #expect(completion.completion.id == "chatcmpl-AyPNinnUqUDYo9SAdA52NobMflmj2")
        #expect(completion.metadata == ["lab": "3.3"], "our own pair is none of the user's tags")
        #expect(completion.createdAt == 1_738_960_610)
        // max_tokens is not in what OpenAI lists, so no request is known to be the same.
        #expect(found.answering == 0)
        #expect(try imported(page, pageMessages, endpoint: service).completions.map(\.key) == [completion.key])
    }

    @Test func withoutMessagesNothingCanBeLearnt() throws {
        let found = try imported(page)
        #expect(found.completions.isEmpty)
        #expect(found.skipped.map(\.count) == [1])
        #expect(found.skipped.first?.reason.hasPrefix("without the messages that were sent") == true)
        #expect(found.skipped.first?.first == "file1.jsonl, element 1")
    }

    @Test func requestsAndResultsOfABatchBelongTogether() throws {
        let requests = [batch("a"), batch("b"), batch("c"), batch("d")].joined(separator: "\n")
        let results = [result("b", "B"), result("a", "A"), result("c", "", status: 429)].joined(separator: "\n")
        let found = try imported(requests, results, endpoint: service)
        #expect(found.completions.map(\.completion.text).sorted() == ["A", "B"])
        #expect(found.answering == 2)
        let wanted = CompletionRequest(
            model: ModelIdentity(endpoint: service, id: "gpt-4.1-nano"),
            messages: [ChatMessage(role: "user", content: "a?")], sampling: Sampling(maxTokens: 16))
        #expect(found.completions.contains { $0.key == wanted.key }, "the model is that of the request")
        #expect(
            found.skipped == [
                CompletionImport.Skipped(
                    reason: "requests that the service answered with an error", count: 1, first: "file2.jsonl, line 3"),
                CompletionImport.Skipped(
                    reason: "requests of a batch without a result", count: 1, first: "file1.jsonl, line 4"),
            ])
    }

    @Test func resultsWithoutTheirRequestsAreSkipped() throws {
        let found = try imported(result("a", "A"), endpoint: service)
        #expect(found.completions.isEmpty)
        #expect(found.skipped.first?.reason == "of a batch whose requests are in none of the files")
    }

    @Test(arguments: [
        #","response_format":{"type":"json_object"}"#, #","reasoning_effort":"high""#, #","presence_penalty":1"#,
        #","tools":[{"type":"function","function":{"name":"f"}}]"#, #","logit_bias":{"5":1}"#,
    ])
    func whatWasAskedInAnotherWayAnswersNoRequest(_ body: String) throws {
        let found = try imported(batch("a", body: body), result("a", "A"), endpoint: service)
        #expect(found.completions.count == 1)
        #expect(found.answering == 0)
    }

    @Test func withoutAServiceNothingAnswers() throws {
        let found = try imported(batch("a"), result("a", "A"))
        #expect(found.answering == 0)
        #expect(found.completions.first?.request.model.endpoint == "imported")
    }

    @Test func severalChoicesAreSamplesAndTheirTokensCountOnce() throws {
        let two = #"""
            {"request":{"model":"m","messages":[{"role":"user","content":"q"}],"max_completion_tokens":5,"n":2},
             "response":{"id":"x","model":"m","choices":[
              {"index":0,"message":{"role":"assistant","content":"one"}},
              {"index":1,"message":{"role":"assistant","content":"two"}}],
              "usage":{"prompt_tokens":4,"completion_tokens":6}}}
            """#
        let found = try imported(two, endpoint: service)
        #expect(found.completions.map(\.request.ordinal) == [0, 1])
        #expect(
            found.completions.map(\.completion.usage).reduce(Usage(), +) == Usage(promptTokens: 4, completionTokens: 6))
        #expect(found.completions.first?.request.sampling.temperature == 1, "what OpenAI takes where nothing is said")
    }

    @Test func whatIsOfNoUseIsCountedByReason() throws {
        let file = """
            {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}
            not json
            {"object":"response","id":"resp_1"}
            7
            {"choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":"No."}}],"model":"m","messages":[{"role":"user","content":"q"}]}
            {"choices":[],"model":"m","messages":[{"role":"user","content":"q"}]}
            {"choices":[{"message":{"content":"a"}}],"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}}]}]}
            {"choices":[{"message":{"content":"a"}}],"model":"m","messages":[{"role":"user","content":"q"}]}
            {"choices":[{"message":{"content":"a"}}],"model":"m","messages":[{"role":"user","content":"q"}]}
            """
        let found = try imported(file)
        #expect(found.completions.count == 1)
        #expect(found.skipped.map(\.count).reduce(0, +) == 8)
        #expect(found.skipped.contains { $0.reason == "that are no JSON" && $0.first == "file1.jsonl, line 2" })
        #expect(found.skipped.contains { $0.reason == "whose model refused to answer" })
        #expect(found.skipped.contains { $0.reason == "that came twice" })
        #expect(found.skipped.contains { $0.reason.hasPrefix("with images") })
    }

    @Test func aFileWithoutJSONIsRefused() throws {
        var found = CompletionImport(endpoint: nil, now: 0)
        let error = #expect(throws: ProviderError.self) { try found.add(Array("a,b\n1,2\n".utf8), name: "x.csv") }
        #expect(
            error?.description.hasPrefix("x.csv holds no JSON: line 1, column 1") == true, "\(error?.description ?? "")"
        )
        #expect(throws: ProviderError.self) { try found.add([], name: "empty") }
    }

    @Test func aTapeCanBeImported() throws {
        let found = try imported(TapeFixture.text)
        #expect(found.completions.count == 3 && found.answering == 3)
        var changed = CompletionImport(endpoint: nil, now: 0)
        let text = TapeFixture.text.replacing("Yes.", with: "No.")
        #expect(throws: ProviderError.self) { try changed.add(Array(text.utf8), name: "tape") }
    }

    @Test func trainingRowsTeachTheAnswerAlone() throws {
        let asked = Reasoning.chainOfThought(.free).asked([ChatMessage(role: "user", content: "How many?")])
        func reasoned(_ text: String) -> StoredCompletion {
            StoredCompletion(
                request: CompletionRequest(
                    model: ModelIdentity(endpoint: "e", id: "m"), messages: asked, sampling: Sampling(maxTokens: 9)),
                completion: Completion(text: text, finishReason: "stop", usage: Usage(), seconds: 0), modelName: "m",
                metadata: [:], createdAt: 0)
        }
        let rows = TrainingRows([
            stored("Here.", system: "You are Cora."), stored("It is h", finishReason: "length"),
            reasoned(#"{"reason": "3 and 4", "answer_choice": "7"}"#), reasoned("I don't know"),
        ])
        #expect(
            rows.lines == [
                #"{"messages":[{"role":"system","content":"You are Cora."},{"role":"user","content":"Where is it?"},{"role":"assistant","content":"Here."}]}"#,
                #"{"messages":[{"role":"user","content":"How many?"},{"role":"assistant","content":"7"}]}"#,
            ])
        #expect(rows.cut == 1)
        #expect(rows.unreadable == 1)
    }
}

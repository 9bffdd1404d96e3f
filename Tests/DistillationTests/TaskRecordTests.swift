import OrderedCollections
import Tables
import Testing

@testable import Distillation

/// What a task's records must be, and how conversations are written anew.
@Suite struct TaskRecordTests {
    private func messages(_ turns: String) -> Value {
        .list(
            turns.split(separator: " ").map { turn in
                let role = ["s": "system", "u": "user", "a": "assistant"][String(turn.prefix(1))] ?? String(turn)
                return ["role": .string(role), "content": .string(String(turn))]
            })
    }

    private func fault(
        _ task: TaskPreset, _ messages: Value = .null, prompt: Value = .null, system: String? = nil
    ) -> String? {
        do throws(RowError) {
            _ = try TaskRecord(prompt: prompt, messages: messages, system: system, task: task)
            return nil
        } catch { return error.message }
    }

    @Test func aQuestionHasTheSystemsMessageAndTheUsers() {
        #expect(fault(.math, messages("s u")) == nil)
        #expect(fault(.math, prompt: "2 + 2?", system: "Sums.") == nil)
        #expect(fault(.math, messages("s u a")) == "3 messages, more than the system's and the user's")
        #expect(fault(.math, messages("u")) == "the first message is of the user, not the system's")
        #expect(fault(.math, prompt: "2 + 2?") == "the first message is of the user, not the system's")
        #expect(fault(.math, messages("s")) == "there is no message of the user")
        #expect(fault(.math, messages("s a")) == "message 2 is of the assistant, not the user")
    }

    @Test func rolesAndContentsMustBeThere() {
        #expect(fault(.inference, [["role": "system"]]) == "message 1 has no `content`")
        #expect(
            fault(.inference, [["role": "system", "content": "x"], ["content": "y"]]) == "message 2 has no `role`")
        #expect(
            fault(.inference, [["role": "system", "content": "x"], ["role": "user", "content": " \n"]])
                == "message 2, of the user, is empty")
        #expect(fault(.inference, []) == "`messages` is empty")
        #expect(fault(.inference, prompt: " ", system: "x") == "message 2, of the user, is empty")
        #expect(fault(.inference, system: "x") == "the row has no prompt")
        #expect(fault(.inference, messages("s tool")) == "message 2 is of the tool, not the user")
    }

    @Test func aConversationIsInTurns() throws {
        #expect(fault(.conversation, messages("s u a u a")) == nil)
        #expect(fault(.conversation, messages("s u a u")) == nil)
        #expect(fault(.conversation, messages("s u u a")) == "message 3 is of the user, not the assistant")
        #expect(fault(.conversation, messages("s a u")) == "message 2 is of the assistant, not the user")
        // The last reply is the teacher's to write.
        let record = try TaskRecord(
            prompt: .null, messages: messages("s u1 a1 u2 a2"), system: nil, task: .conversation)
        #expect(record.messages.map(\.content) == ["s", "u1", "a1", "u2"])
    }

    @Test func aDialogueIsWrittenTurnByTurn() throws {
        func said(_ text: String) -> [ChatMessage] {
            text.split(separator: " ").compactMap {
                ChatMessage([
                    "role": .string($0.hasPrefix("u") ? "user" : $0.hasPrefix("a") ? "assistant" : "system"),
                    "content": .string(String($0)),
                ])
            }
        }
        let model = ModelIdentity(endpoint: "e", id: "m")
        var rounds: [[String]] = []
        let answers = Dialogue.answers(
            [said("s u1 a1 u2"), said("u1 a1 u2 a2 u3"), said("s u9")],
            request: { index, messages in
                CompletionRequest(model: model, messages: messages, sampling: Sampling(maxTokens: 9), ordinal: index)
            },
            complete: { requests in
                rounds.append(requests.map { $0.messages.map(\.content).joined(separator: " ") })
                return requests.map { request in
                    guard request.ordinal != 1 || request.messages.count < 3 else { return .failure(RowError("tired")) }
                    return .success(
                        Completion(
                            text: "t\(request.messages.count)", finishReason: "stop",
                            usage: Usage(promptTokens: 5, completionTokens: 2), seconds: 1))
                }
            })
        #expect(rounds == [["s u1", "u1", "s u9"], ["s u1 t2 u2", "u1 t1 u2"]])
        let first = try answers[0].get()
        #expect(first.messages.map(\.content) == ["s", "u1", "t2", "u2"] && first.completion.text == "t4")
        #expect(first.completion.usage == Usage(promptTokens: 10, completionTokens: 4) && first.completion.seconds == 2)
        #expect(throws: RowError("tired")) { try answers[1].get() }
        #expect(try answers[2].get().completion.text == "t2")
    }
}

import OpenAIWire
import OrderedCollections
import Tables
import Testing

/// What reading insists on, what it lets pass, and how it says what is wrong.
@Suite struct WireObjectTests {
    private static func message<Object: WireObject>(_ text: String, as type: Object.Type) throws -> String {
        let json = try JSON.parse(text)
        do throws(WireError) {
            _ = try Object(json)
            return "read"
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("{}", "Expected a list of objects in `choices` of a chat completion, found nothing."),
        (#"{"choices": null}"#, "Expected a list of objects in `choices` of a chat completion, found null."),
        (#"{"choices": [{}]}"#, "Expected an object in `choices[0].message` of a chat completion, found nothing."),
        (
            #"{"choices": [{"message": {}}, {"message": {"content": 4}}]}"#,
            "Expected text or a list of content parts in `choices[1].message.content` of a chat completion, found 4."
        ),
        (
            #"{"choices": [{"message": {"tool_calls": [{}, "f"]}}]}"#,
            "Expected an object in `choices[0].message.tool_calls[1]` of a chat completion, found \"f\"."
        ),
        (#"{"choices": {}}"#, "Expected a list of objects in `choices` of a chat completion, found a record."),
        ("[]", "Expected an object for a chat completion, found a list."),
    ])
    func whatIsMissingOrOfAnotherTypeIsNamedByItsPath(text: String, wanted: String) throws {
        #expect(try Self.message(text, as: ChatCompletion.self) == wanted)
    }

    @Test func textThatIsNoJSONIsSaidToBeNone() throws {
        do throws(WireError) {
            _ = try ChatCompletion(bytes: Array("<html>".utf8))
            Issue.record("it was read")
        } catch {
            #expect(error.description.contains("in the JSON of a chat completion, found"))
        }
        #expect(try ModelList(bytes: Array(#"{"data": [{"id": "m"}]}"#.utf8)).elements.map(\.id) == ["m"])
    }

    @Test func longValuesAreCutInMessages() throws {
        let text = #"{"choices": "\#(String(repeating: "x", count: 5000))"}"#
        #expect(try Self.message(text, as: ChatCompletion.self).count < 200)
    }

    /// What is optional is nil where it cannot be used, and stays as it is.
    @Test func oddOptionalFieldsAreNilAndKept() throws {
        let text =
            #"{"id": 4, "created": "now", "choices": [{"index": 0.0, "message": {"content": null}, "finish_reason": 7, "logprobs": {"content": [{"token": "a"}]}}], "usage": {"prompt_tokens": -1, "completion_tokens": 2}}"#
        let completion = try ChatCompletion(JSON.parse(text))
        #expect(completion.id == "" && completion.created == nil && completion.usage == nil)
        let choice = try #require(completion.choices.first)
        #expect(choice.index == 0 && choice.finishReason == nil && choice.message.content == nil)
        #expect(choice.logprobs?.content == nil)
        #expect(JSON.text(completion.json) == JSON.text(try JSON.parse(text)))
    }

    @Test func numbersAreWholeWhereTheirValueIs() throws {
        let usage = try TokenUsage(["prompt_tokens": 12.0, "completion_tokens": 3])
        #expect(usage.promptTokens == 12 && usage.completionTokens == 3)
        #expect(throws: WireError.self) { try TokenUsage(["prompt_tokens": 12.5, "completion_tokens": 3]) }
    }

    @Test func wordsThatAreUnknownAreKept() throws {
        let job = try FineTuningJob(["id": "j", "status": "warming_up"])
        #expect(job.status == "warming_up" && !job.status.isFinal)
        #expect(job.json == ["id": "j", "status": "warming_up"])
        let finals: [JobStatus] = [.succeeded, .failed, .cancelled, "canceled"]
        let open: [JobStatus] = [.validatingFiles, .queued, .running, .paused, .pending]
        #expect(finals.allSatisfy(\.isFinal) && !open.contains(where: \.isFinal))
    }

    @Test func fieldsCanBeSetAndTakenAway() throws {
        let request = ChatCompletionRequest(model: "m", messages: [.user("?")], limit: .maxTokens(9))
        let changed = try request.setting(["max_tokens": nil, "top_k": 4])
        #expect(changed.limit == nil && changed[field: "top_k"] == 4)
        #expect(throws: WireError.self) { try request.setting(["messages": nil]) }
    }

    @Test func equalityIsThatOfJSON() throws {
        #expect(try ModelObject(["id": "m", "created": 1]) == ModelObject(["created": 1.0, "id": "m"]))
        #expect(try ModelObject(["id": "m"]) != ModelObject(["id": "m", "created": nil]))
    }

    @Test func pagesSayWhereTheNextBegins() throws {
        let model = { ModelObject(id: $0, created: 0, ownedBy: "me") }
        let file = { FileObject(id: $0, size: 1, created: 0, name: "a", purpose: .batch) }
        #expect(FileList([file("a"), file("b")], hasMore: true).next == "b")
        #expect(FileList([file("a")]).next == nil && FileList([], hasMore: true).next == nil)
        #expect(ModelList([model("a")], hasMore: true).next == nil)
        #expect(try FileList(["data": [["id": "z"]], "has_more": true]).next == "z")
        #expect(try FileList(["data": [], "last_id": nil, "has_more": nil]).next == nil)
    }

    @Test func metadataHasBounds() throws {
        let pairs = (0..<16).map {
            (String(repeating: "k", count: 62) + "\($0)".suffix(2), String(repeating: "v", count: 512))
        }
        try MetadataBounds.check(Metadata(uniqueKeysWithValues: pairs))
        let wrong: [(Metadata, String)] = [
            (Metadata(uniqueKeysWithValues: (0..<17).map { ("\($0)", "") }), "at most 16 pairs"),
            ([String(repeating: "k", count: 65): ""], "a key of at most 64"),
            (["k": String(repeating: "v", count: 513)], "at most 512 characters in `metadata.k`, found 513"),
        ]
        for (metadata, part) in wrong {
            do throws(WireError) {
                try MetadataBounds.check(metadata)
                Issue.record("\(part) was let pass")
            } catch {
                #expect(error.description.contains(part))
            }
        }
    }
}

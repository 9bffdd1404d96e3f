import Foundation
import OrderedCollections
import ServiceDouble
import Tables
import Testing

/// A request for an answer.
func chat(_ prompt: String, model: String = "gpt-4.1-nano", _ more: Record = [:]) -> Value {
    var body: Record = ["model": .string(model), "messages": [["role": "user", "content": .string(prompt)]]]
    body.merge(more) { $1 }
    return .record(body)
}

@Suite struct ChatTests {
    private let path = "/v1/chat/completions"

    @Test func theSameRequestGetsTheSameAnswerAndAnotherSeedAnother() throws {
        let service = try ServiceDouble()
        let client = try PlainClient(port: service.port)
        func answer(_ seed: Int) -> String? {
            let reply = client.ask("POST", path, chat("Where is my order?", ["seed": .integer(seed)]))
            return reply.json[field: "choices"].list?.first?[field: "message"][field: "content"].text
        }
        let first = answer(1)
        #expect(first?.hasPrefix("echo ") == true)
        #expect(answer(1) == first)
        #expect(answer(2) != first)
        #expect(service.ledger.count == 3)
        #expect(service.ledger.entries.count == 2, "two distinct requests")
        #expect(service.ledger.generated == 3)
        #expect(service.ledger.mostInFlight == 1)
    }

    @Test func tokensAreWordsAndWhatIsTooLongIsCut() throws {
        let service = try ServiceDouble(.init { _ in "one two  three\nfour" })
        let client = try PlainClient(port: service.port)
        let whole = client.ask("POST", path, chat("a b c", ["n": 2])).json
        #expect(whole[field: "usage"][field: "prompt_tokens"] == 3)
        #expect(whole[field: "usage"][field: "completion_tokens"] == 8)
        #expect(whole[field: "choices"].list?.count == 2)
        let cut = client.ask("POST", path, chat("a b c", ["max_tokens": 2])).json[field: "choices"].list?.first
        #expect(cut?[field: "message"][field: "content"] == "one two")
        #expect(cut?[field: "finish_reason"] == "length")
        let stopped = client.ask("POST", path, chat("a", ["stop": "thr"])).json[field: "choices"].list?.first
        #expect(stopped?[field: "message"][field: "content"] == "one two  ")
    }

    @Test func aStreamsPiecesAreTheAnswerAndUsageComesLast() throws {
        let service = try ServiceDouble(.init { _ in "one two three" })
        let client = try PlainClient(port: service.port)
        let reply = client.ask(
            "POST", path, chat("hello", ["stream": true, "stream_options": ["include_usage": true]]))
        #expect(reply.isWhole && reply.text.hasSuffix("data: [DONE]\n\n"))
        let pieces = reply.events.compactMap {
            $0[field: "choices"].list?.first?[field: "delta"][field: "content"].text
        }
        #expect(pieces == ["", "one", " two", " three"])
        #expect(reply.events.last?[field: "usage"][field: "completion_tokens"] == 3)
        let plain = client.ask("POST", path, chat("hello", ["stream": true]))
        #expect(plain.events.allSatisfy { $0.record?["usage"] == nil })
    }

    @Test(
        arguments: [
            (Record(), "messages", "missing_required_parameter"),
            (["messages": []], "messages", "empty_array"),
            (
                ["messages": [["role": "user", "content": "a"]], "temperature": 3], "temperature",
                "decimal_above_max_value"
            ),
            (["messages": [["role": "user", "content": "a"]], "metadata": ["a": "b"]], "metadata", nil),
            (["messages": [["role": "user", "content": "a"]], "tempreature": 1], nil, "unknown_parameter"),
            (
                ["model": "o4-mini", "messages": [["role": "user", "content": "a"]], "max_tokens": 9], "max_tokens",
                "unsupported_parameter"
            ),
            (
                [
                    "messages": [["role": "user", "content": "a"]], "store": true,
                    "metadata": ["a": .string(String(repeating: "x", count: 513))],
                ], "metadata.a", "string_above_max_length"
            ),
        ] as [(Record, String?, String?)])
    func whatTheServiceRefusesIsToldWithItsCode(_ more: Record, _ param: String?, _ code: String?) throws {
        let service = try ServiceDouble()
        var body: Record = ["model": "gpt-4.1"]
        body.merge(more) { $1 }
        let reply = try PlainClient(port: service.port).ask("POST", path, .record(body))
        #expect(reply.status == 400)
        let error = reply.json[field: "error"]
        #expect(error[field: "param"].text == param)
        #expect(error[field: "code"].text == code)
        #expect(service.ledger.generated == 0)
    }

    @Test func keysAreWantedAndKept() throws {
        let service = try ServiceDouble(.init(key: "sk-test-0123456789"))
        let client = try PlainClient(port: service.port)
        #expect(client.ask("POST", path, chat("a")).status == 401)
        let wrong = client.ask("POST", path, chat("a"), headers: ["Authorization": "Bearer sk-wrong-9876543210"])
        #expect(wrong.json[field: "error"][field: "code"] == "invalid_api_key")
        let right = client.ask("POST", path, chat("a"), headers: ["Authorization": "Bearer sk-test-0123456789"])
        #expect(right.status == 200)
        #expect(service.ledger.requests.map { $0.headers["authorization"] }.last == "Bearer sk-test-0123456789")
        #expect(service.ledger.statuses == [401: 2, 200: 1])
    }

    @Test func aCarelessServiceRepeatsTheKey() throws {
        var options = ServiceDouble.Options(key: "sk-right")
        options.repeatsKey = true
        let service = try ServiceDouble(options)
        let client = try PlainClient(port: service.port)
        let refused = client.ask("POST", path, chat("a"), headers: ["Authorization": "Bearer sk-wrong-9876543210"])
        #expect(refused.status == 401 && refused.text.contains("Bearer sk-wrong-9876543210"))
    }

    @Test func whoWantsToKnowIsToldWhenSoManyRequestsHaveCome() throws {
        let service = try ServiceDouble()
        let client = try PlainClient(port: service.port)
        let told = DispatchSemaphore(value: 0)
        service.notify(atRequest: 2) { told.signal() }
        _ = client.ask("GET", "/v1/models")
        #expect(told.wait(timeout: .now()) == .timedOut)
        _ = client.ask("GET", "/v1/models")
        #expect(told.wait(timeout: .now()) == .success && service.requestCount == 2)
        service.notify(atRequest: 1) { told.signal() }
        #expect(told.wait(timeout: .now()) == .success)
    }

    @Test func azureTakesItsHeaderAndNamesDeployments() throws {
        let service = try ServiceDouble(.init(key: "azure-key", flavour: .azure))
        let client = try PlainClient(port: service.port)
        let path = "/openai/v1/chat/completions"
        let headers = ["api-key": "azure-key"]
        #expect(client.ask("POST", path, chat("a"), headers: headers).status == 200)
        #expect(client.ask("POST", "/v1/chat/completions", chat("a"), headers: headers).status == 404)
        let unknown = client.ask("POST", path, chat("a", model: "mine"), headers: headers)
        #expect(unknown.json[field: "error"][field: "code"] == "DeploymentNotFound")
    }

    @Test func storedCompletionsAreFoundFilteredPagedChangedAndDeleted() throws {
        let service = try ServiceDouble()
        let client = try PlainClient(port: service.port)
        for index in 1...25 {
            let lab = index % 2 == 0 ? "3.3" : "3.4"
            _ = client.ask(
                "POST", path,
                chat("row \(index)", ["store": true, "metadata": ["lab": .string(lab), "row": .integer(index)]]))
        }
        #expect(client.ask("GET", path).json[field: "data"] == [], "numbers are no metadata")
        for index in 1...25 {
            let lab = index % 2 == 0 ? "3.3" : "3.4"
            _ = client.ask("POST", path, chat("row \(index)", ["store": true, "metadata": ["lab": .string(lab)]]))
        }
        let first = client.ask("GET", path + "?metadata%5Blab%5D=3.4&limit=10").json
        let last = try #require(first[field: "last_id"].text)
        #expect(first[field: "data"].list?.count == 10 && first[field: "has_more"] == true)
        let second = client.ask("GET", path + "?metadata[lab]=3.4&limit=10&after=\(last)").json
        #expect(second[field: "data"].list?.count == 3 && second[field: "has_more"] == false)
        #expect(client.ask("GET", path + "?limit=101").status == 400)
        let changed = client.ask("POST", path + "/" + last, ["metadata": ["tag": "gold"]]).json
        #expect(changed[field: "metadata"] == ["tag": "gold"])
        let messages = client.ask("GET", path + "/\(last)/messages").json[field: "data"].list
        #expect(messages?.first?[field: "content"] == "row 19")
        #expect(client.ask("DELETE", path + "/" + last).json[field: "deleted"] == true)
        #expect(client.ask("GET", path + "/" + last).status == 404)
    }

    @Test func aStoredCompletionIsFoundOnlyAfterAWhile() throws {
        var options = ServiceDouble.Options()
        options.storingDelay = 2
        let service = try ServiceDouble(options)
        let client = try PlainClient(port: service.port)
        _ = client.ask("POST", path, chat("a", ["store": true]))
        #expect(client.ask("GET", path).json[field: "data"] == [])
        #expect(client.ask("GET", path).json[field: "data"] == [])
        #expect(client.ask("GET", path).json[field: "data"].list?.count == 1)
    }

    @Test func anIdempotencyKeyIsPaidOnce() throws {
        var options = ServiceDouble.Options(faults: .script([.resetAfterGenerating, nil, nil]))
        options.honoursIdempotencyKeys = true
        let service = try ServiceDouble(options)
        let headers = ["Idempotency-Key": "k1"]
        #expect(try PlainClient(port: service.port).ask("POST", path, chat("a"), headers: headers).wasReset)
        let client = try PlainClient(port: service.port)
        let again = client.ask("POST", path, chat("a"), headers: headers)
        #expect(again.headers["idempotent-replayed"] == "true")
        #expect(client.ask("POST", path, chat("a"), headers: headers).json == again.json)
        #expect(service.ledger.entries.values.map(\.generated) == [1])
        #expect(client.ask("POST", path, chat("b"), headers: headers).status == 400)
    }

    @Test func whatComesWhileAReplyIsMadeWaitsForIt() async throws {
        let entered = DispatchSemaphore(value: 0)
        let released = DispatchSemaphore(value: 0)
        var options = ServiceDouble.Options { _ in
            entered.signal()
            released.wait()
            return "once"
        }
        options.honoursIdempotencyKeys = true
        let service = try ServiceDouble(options)
        let (first, second) = (try PlainClient(port: service.port), try PlainClient(port: service.port))
        let body = JSON.bytes(chat("a"))
        first.send("POST", path, body, ["Idempotency-Key": "k"])
        entered.wait()
        second.send("POST", path, body, ["Idempotency-Key": "k"])
        while service.ledger.inFlight < 2 { await Task.yield() }
        released.signal()
        #expect(first.read().json == second.read().json)
        #expect(service.ledger.generated == 1)
    }
}

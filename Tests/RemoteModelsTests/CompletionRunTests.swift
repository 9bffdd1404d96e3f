import Distillation
import RemoteModels
import Synchronization
import Tables
import Testing

/// Thousands of requests to a service that fails in every way.
@Suite struct CompletionRunTests {
    @discardableResult
    private func run(
        _ bench: Bench, _ count: Int, _ network: VirtualNetwork, unsettled: Set<Int> = [], isStored: Bool = false,
        maxTokens: Int = 64, cancellation: Cancellation = .never, ledger: Ledger = Ledger()
    ) throws -> Ledger {
        try bench.provider(network.surroundings()).complete(
            bench.requests(count, maxTokens: maxTokens), with: bench.model, blobs: NoBlobs(),
            supervision: ledger.supervision(
                cancellation: cancellation, metadata: isStored ? ["lab": "3.3"] : [:], isStored: isStored,
                unsettled: unsettled))
        return ledger
    }

    private func expectAll(_ ledger: Ledger, _ count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(ledger.texts.count == count, sourceLocation: sourceLocation)
        #expect(
            ledger.texts.allSatisfy { $0.value == "answer to question \($0.key)" }, sourceLocation: sourceLocation)
    }

    private static let faults = VirtualService.Behaviour(
        tooMany: 0.03, tooManyWithWait: 0.002, serverError: 0.02, cutAfterwards: 0.01, cutBefore: 0.02, halfReply: 0.01,
        silence: 0.002, wrongJSON: 0.005)

    @Test(arguments: [1, 2, 3]) func aServiceThatKeepsCompletionsIsPaidForEachRowOnce(seed: UInt64) throws {
        var behaviour = Self.faults
        behaviour.keepsCompletions = true
        let service = VirtualService(behaviour, seed: seed)
        let ledger = try run(Bench(features: [.storedCompletions]), 1_000, service.network(), isStored: true)
        expectAll(ledger, 1_000)
        #expect(service.paid.count == 1_000)
        #expect(service.paid.values.allSatisfy { $0 == 1 })
        #expect(ledger.traffic.recovered > 8)
        #expect(ledger.traffic.uncertain == 0)
        #expect(ledger.uncertain.isEmpty)
    }

    @Test(arguments: [1, 2, 3]) func aServiceThatKnowsKeysIsPaidForEachRowOnce(seed: UInt64) throws {
        var behaviour = Self.faults
        behaviour.knowsKeys = true
        let service = VirtualService(behaviour, seed: seed)
        let ledger = try run(Bench(features: [.idempotency]), 1_000, service.network())
        expectAll(ledger, 1_000)
        #expect(service.paid.values.allSatisfy { $0 == 1 })
        #expect(ledger.traffic.recovered > 8)
        #expect(ledger.traffic.uncertain == 0)
    }

    @Test(arguments: [1, 2]) func whereNobodyKnowsWhatIsPaidTwiceIsCounted(seed: UInt64) throws {
        let service = VirtualService(Self.faults, seed: seed)
        let ledger = try run(Bench(), 1_000, service.network())
        expectAll(ledger, 1_000)
        let twice = service.paid.values.reduce(0) { $0 + $1 - 1 }
        #expect(twice > 8)
        #expect(ledger.traffic.uncertain >= twice)
        #expect(ledger.traffic.uncertain <= twice + 20)
        // Those are the rows of which it is told.
        #expect(ledger.uncertain.count > 8)
        #expect(ledger.traffic.retries[.garbled, default: 0] > 0)
        #expect(ledger.traffic.retries[.timeout, default: 0] > 0)
        #expect(ledger.traffic.sentence("generate")?.contains("paid twice") == true)
    }

    @Test func whatAnEarlierRunSentIsLookedForBeforeItIsSentAgain() throws {
        let service = VirtualService(VirtualService.Behaviour(keepsCompletions: true))
        let bench = Bench(features: [.storedCompletions])
        try run(bench, 5, service.network(), isStored: true)
        let ledger = try run(bench, 10, service.network(), unsettled: [0, 1, 2, 3, 4, 9], isStored: true)
        expectAll(ledger, 10)
        #expect(service.paid.values.allSatisfy { $0 == 1 })
        #expect(ledger.traffic.recovered == 5)
        // The tenth was never answered, and the service, which keeps all of them, says so.
        #expect(ledger.traffic.uncertain == 0)
    }

    @Test func whatAnEarlierRunSentToAServiceThatKeepsNothingIsSentAgainAndTold() throws {
        let service = VirtualService()
        let ledger = try run(Bench(), 10, service.network(), unsettled: [3, 4])
        expectAll(ledger, 10)
        #expect(ledger.traffic.uncertain == 2)
        #expect(ledger.uncertain == [3, 4])
    }

    @Test func aRefusalOfEverythingEndsTheRunWithTheFirstRequests() throws {
        for (status, code) in [(401, "invalid_api_key"), (404, "model_not_found"), (429, "insufficient_quota")] {
            let network = VirtualNetwork { _ in .error(status, code: code, "no: \(code)") }
            let ledger = Ledger()
            #expect(throws: ProviderError.self) { try run(Bench(), 10_000, network, ledger: ledger) }
            #expect(network.seen.count <= 8)
            // None of them is left in doubt.
            #expect(Set(ledger.answers.keys) == ledger.sent)
            #expect(ledger.uncertain.isEmpty)
        }
    }

    @Test func aServerThatIsNotThereIsToldSoon() throws {
        let network = VirtualNetwork { _ in .failure(.refused, hasLeft: false, after: 0.001) }
        let began = network.now
        let error = #expect(throws: ProviderError.self) { try run(Bench(), 1_000, network) }
        #expect(error?.description.contains("127.0.0.1:8080") == true)
        #expect(network.now - began < 10)
        #expect(network.seen.count < 50)
    }

    @Test func aServerThatGoesAwayForAWhileIsWaitedFor() throws {
        let network = VirtualNetwork { seen in
            1_001...1_010 ~= seen.at ? .failure(.refused, hasLeft: false, after: 0.001) : .chat("yes")
        }
        let ledger = try run(Bench(), 1_000, network)
        #expect(ledger.texts.count == 1_000)
        #expect(ledger.traffic.retries[.connection, default: 0] > 0)
    }

    @Test func aHopelessRunEndsWithTheCommonestCauses() throws {
        let network = VirtualNetwork { seen in
            seen.ordinal % 5 == 0 ? .chat("yes") : .error(400, code: "context_length_exceeded", "too many tokens")
        }
        let ledger = Ledger()
        let error = #expect(throws: ProviderError.self) { try run(Bench(), 10_000, network, ledger: ledger) }
        #expect(error?.description.contains("requests were answered") == true)
        #expect(network.seen.count < 100)
        // What was answered is kept.
        #expect(ledger.texts.count >= 4)
    }

    @Test func aRowsOwnRefusalIsTheRowsAlone() throws {
        let network = VirtualNetwork { seen in
            seen.ordinal == 3 ? .error(400, code: "content_filter", "not this") : .chat("yes")
        }
        let ledger = try run(Bench(), 50, network)
        #expect(ledger.texts.count == 49)
        #expect(ledger.failures.count == 1)
        #expect(ledger.uncertain.isEmpty)
    }

    @Test func whatTheModelWillNotSayIsAnErrorInWords() throws {
        let network = VirtualNetwork { seen in
            guard seen.ordinal > 0 else {
                return .answer(
                    200,
                    [
                        "choices": [["message": ["role": "assistant", "content": .null, "refusal": "I can't."]]],
                        "id": "c",
                    ])
            }
            return .answer(200, chatJSON("half a", finishReason: "content_filter"))
        }
        let ledger = try run(Bench(), 2, network)
        #expect(
            ledger.failures.values.sorted() == [
                "the model will not answer: I can't.", "the service's content filter stopped the reply",
            ])
    }

    @Test func retryAfterHoldsForAll() throws {
        let network = VirtualNetwork { seen in
            seen.ordinal == 20 ? .error(429, code: "rate_limit_exceeded", fields: ["retry-after": "7"]) : .chat("yes")
        }
        let ledger = try run(Bench(), 100, network)
        #expect(ledger.texts.count == 100)
        let times = network.seen.map(\.at)
        let pauses = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect((pauses.max() ?? 0) > 6.8)
        #expect(ledger.traffic.waited > 6.9)
        #expect(ledger.traffic.retries == [.tooMany: 1])
    }

    @Test func aServiceThatWantsAnHourIsNotWaitedFor() throws {
        let network = VirtualNetwork { _ in .error(429, code: "rate_limit_exceeded", fields: ["retry-after": "3600"]) }
        let error = #expect(throws: ProviderError.self) { try run(Bench(), 100, network) }
        #expect(error?.description.contains("asks to wait 3600 s") == true)
    }

    @Test func aRequestIsSentAsOftenAsTheKernelAllows() throws {
        var bench = Bench()
        bench.limits.tries = 3
        bench.limits.success = 0
        let network = VirtualNetwork { _ in .error(500) }
        let ledger = try run(bench, 1, network)
        #expect(network.seen.count == 3)
        #expect(ledger.failures[0]?.hasPrefix("no answer, sent 3 times: ") == true)
        #expect(ledger.traffic.retries == [.serverError: 2])
        #expect(ledger.uncertain.isEmpty)
    }

    @Test func whatIsGivenUpAfterALostAnswerStaysInDoubt() throws {
        var bench = Bench()
        bench.limits.tries = 2
        let network = VirtualNetwork { _ in .failure(.cut, hasLeft: true) }
        let ledger = try run(bench, 1, network)
        #expect(ledger.failures.count == 1)
        #expect(ledger.uncertain == [0])
    }

    @Test func interruptsBringWhatIsUnderWayAndLeaveNothingElseInDoubt() throws {
        let service = VirtualService(VirtualService.Behaviour(latency: 0.2))
        let network = service.network()
        let began = network.now
        let ledger = Ledger()
        #expect(throws: Interrupted.self) {
            try run(Bench(), 10_000, network, cancellation: Cancellation { network.now > began + 3 }, ledger: ledger)
        }
        #expect(network.now < began + 3.6)
        // All that were paid for arrived.
        #expect(ledger.texts.count == service.paid.count)
        #expect(Set(ledger.answers.keys) == ledger.sent)
    }

    @Test func interruptsDoNotWaitForLongAnswers() throws {
        let network = VirtualNetwork { seen in seen.ordinal < 4 ? .chat("yes") : .chat("late", after: 100) }
        let began = network.now
        let ledger = Ledger()
        #expect(throws: Interrupted.self) {
            try run(Bench(), 50, network, cancellation: Cancellation { network.now > began + 1 }, ledger: ledger)
        }
        #expect(network.now - began < 6.3)
        #expect(ledger.texts.count == 4)
        // Those that may have been answered are not settled: the next run looks for them.
        #expect(network.cancelled > 0)
        #expect(ledger.sent.count - ledger.answers.count == network.cancelled)
    }

    @Test func whatTheStoreThrowsEndsTheRun() throws {
        let network = VirtualService().network()
        struct Full: Error {}
        let bench = Bench()
        #expect(throws: Full.self) {
            try bench.provider(network.surroundings()).complete(
                bench.requests(100), with: bench.model, blobs: NoBlobs(),
                supervision: CompletionSupervision { _ in throw Full() })
        }
    }

    @Test func neverMoreAreInFlightThanTheKernelAllows() throws {
        var bench = Bench()
        bench.limits.inFlight = 16
        let network = VirtualService().network()
        let ledger = try run(bench, 500, network)
        #expect(network.seen.map(\.inFlight).max() == 16)
        #expect(ledger.traffic.mostInFlight == 16)
    }

    @Test func whatTheServerCanGiveIsTaken() throws {
        // 10,000 rows, 64 in flight, 0.1 s each: 15.6 s at the best.
        let network = VirtualNetwork { _ in .chat("yes") }
        let began = network.now
        try run(Bench(), 10_000, network)
        #expect(10_000 / 64 * 0.1 / (network.now - began) > 0.95)
    }

    @Test func aServerThatTakesTwentyAtOnceIsGivenAboutTwenty() throws {
        let network = VirtualService(VirtualService.Behaviour(capacity: 20)).network()
        let began = network.now
        let ledger = try run(Bench(), 5_000, network)
        #expect(ledger.texts.count == 5_000)
        #expect(5_000 / 20 * 0.1 / (network.now - began) > 0.8)
    }

    @Test func theLimitPerMinuteIsKept() throws {
        var bench = Bench()
        bench.limits.requestsPerMinute = 600
        let network = VirtualNetwork { _ in .chat("yes") }
        let began = network.now
        try run(bench, 660, network)
        #expect(abs(network.now - began - 60) < 2)
    }

    @Test func whatTheServiceSaysOfItsLimitsIsHeeded() throws {
        // A hundred requests in each ten seconds, told with each answer.
        let used = Mutex((window: 0, count: 0, refused: 0))
        let network = VirtualNetwork { seen in
            used.withLock { used in
                let window = Int(seen.at / 10)
                if window != used.window { (used.window, used.count) = (window, 0) }
                used.count += 1
                guard used.count <= 100 else {
                    used.refused += 1
                    return .error(429, code: "rate_limit_exceeded")
                }
                let reset = Double(window + 1) * 10 - seen.at
                return .answer(
                    200, chatJSON("yes"),
                    fields: [
                        "x-ratelimit-remaining-requests": "\(100 - used.count)",
                        "x-ratelimit-reset-requests": "\(reset)s",
                    ])
            }
        }
        let ledger = try run(Bench(), 500, network)
        #expect(ledger.texts.count == 500)
        #expect(used.withLock { $0.refused } < 50)
    }

    @Test func parametersThatAreRefusedAreLearntOnceAndTold() throws {
        let network = VirtualNetwork { seen in
            let json = (try? JSON.parse(seen.request.body ?? [])) ?? .null
            if !json[field: "max_tokens"].isNull {
                return .error(
                    400, code: "unsupported_parameter", param: "max_tokens",
                    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
                )
            }
            if !json[field: "temperature"].isNull {
                return .error(
                    400, code: "unsupported_value", param: "temperature",
                    "Unsupported value: 'temperature' does not support 0 with this model.")
            }
            return .chat("yes")
        }
        let bench = Bench()
        let provider = try bench.provider(network.surroundings())
        let ledger = Ledger()
        try provider.complete(
            bench.requests(100), with: bench.model, blobs: NoBlobs(), supervision: ledger.supervision())
        #expect(ledger.texts.count == 100)
        #expect(ledger.traffic.retries.isEmpty)
        #expect(ledger.traffic.notes == ["m takes no `temperature`: its replies are drawn at its own"])
        let before = network.seen.count
        #expect(before <= 116)
        // The next run knows.
        try provider.complete(
            bench.requests(10), with: bench.model, blobs: NoBlobs(), supervision: Ledger().supervision())
        #expect(network.seen.count == before + 10)
    }

    @Test func longRepliesAreStreamedAndEndOnlyWhereNothingComes() throws {
        let network = VirtualNetwork { seen in
            let json = (try? JSON.parse(seen.request.body ?? [])) ?? .null
            guard json[field: "stream"].bool == true else { return .chat("whole") }
            let pieces = ["Once ", "upon ", "a time"].map { text -> Value in
                ["id": "chatcmpl-s", "choices": [["index": 0, "delta": ["content": .string(text)]]]]
            }
            let last: Value = ["id": "chatcmpl-s", "choices": [["index": 0, "delta": [:], "finish_reason": "length"]]]
            let usage: Value = [
                "id": "chatcmpl-s", "choices": [], "usage": ["prompt_tokens": 4, "completion_tokens": 3],
            ]
            let text = (pieces + [last, usage]).map { "data: \(JSON.text($0))\n\n" }.joined() + "data: [DONE]\n\n"
            return VirtualNetwork.Reply(
                seconds: 20, result: .success(HTTPExchange.Response(200, body: Array(text.utf8))))
        }
        let ledger = try run(Bench(), 3, network, maxTokens: 4_000)
        let completion = try #require(try ledger.answers[0]?.first?.get())
        #expect(completion.text == "Once upon a time")
        #expect(completion.finishReason == "length")
        #expect(completion.usage == Usage(promptTokens: 4, completionTokens: 3))
        #expect(completion.id == "chatcmpl-s")
        #expect(network.seen.allSatisfy { $0.request.patience.whole == nil })
        #expect(try run(Bench(), 3, network).texts[0] == "whole")
    }

    @Test func eachRequestHasItsOwnTime() throws {
        let network = VirtualNetwork { seen in .chat("yes", after: Double(seen.ordinal + 1)) }
        let ledger = try run(Bench(), 4, network)
        let seconds = try (0..<4).map { try #require(try ledger.answers[$0]?.first?.get()).seconds }
        #expect(seconds == [1, 2, 3, 4])
    }
}

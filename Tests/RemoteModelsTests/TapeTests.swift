import Distillation
import OrderedCollections
import Tables
import Testing

@testable import RemoteModels

private let endpoint = "api.openai.com"

private func request(
    _ prompt: String, temperature: Double = 0.2, maxTokens: Int = 64, system: String? = "You are Cora.",
    ordinal: Int = 0, model: String = "gpt-4.1"
) -> CompletionRequest {
    CompletionRequest(
        model: ModelIdentity(endpoint: endpoint, id: model),
        messages: (system.map { [ChatMessage(role: "system", content: $0)] } ?? [])
            + [ChatMessage(role: "user", content: prompt)],
        sampling: Sampling(temperature: temperature, maxTokens: maxTokens), ordinal: ordinal)
}

private func stored(_ prompt: String, _ answer: String, model: String = "gpt-4.1") -> StoredCompletion {
    StoredCompletion(
        request: request(prompt, model: model),
        completion: Completion(
            text: answer, finishReason: "stop", usage: Usage(promptTokens: 1_000, completionTokens: 500), seconds: 0.75,
            id: "chatcmpl-\(prompt.count)"), modelName: "cora", metadata: ["lab": "3.3"], createdAt: 12.5)
}

private let recorded = TapeHeader.RecordedModel(
    alias: "teacher", identity: ModelIdentity(endpoint: endpoint, id: "gpt-4.1"), name: "gpt-4.1",
    price: TokenPrice(input: 2, output: 8))

private func tape(_ completions: [StoredCompletion]) -> Tape {
    Tape(
        name: "cora.jsonl", recorded: "2026-11-22T07:00:00Z", kernel: "openai", maxTokens: 64, models: [recorded],
        completions: completions)
}

private func fixture() throws -> Tape { try Tape(Array(TapeFixture.text.utf8), name: "cora.jsonl") }

/// What a tape answers, and what it reports.
private func replay(_ tape: Tape, _ requests: [CompletionRequest]) throws -> (
    [Result<Completion, RowError>], TrafficReport
) {
    let kernel = KernelProfile(tape: tape, others: base)
    let specification = try #require(kernel.models["teacher"])
    let provider = TapeProvider(tape)
    let model = Model(
        alias: "teacher", specification: specification,
        identity: try provider.identity(of: specification, trainedWeights: nil))
    var answers: [Int: Result<Completion, RowError>] = [:]
    var traffic = TrafficReport()
    let supervision = CompletionSupervision(report: { traffic = $0 }) { deliveries in
        for delivery in deliveries { answers[delivery.index] = delivery.result }
    }
    try provider.complete(requests, with: model, blobs: NoBlobs(), supervision: supervision)
    return (requests.indices.compactMap { answers[$0] }, traffic)
}

private let base = KernelProfile(
    name: "embedded", displayName: "distnb (embedded)", provider: "embedded",
    models: [
        "base": ModelSpecification(id: "small.gguf", price: TokenPrice(input: 0, output: 0)),
        "teacher": ModelSpecification(id: "small.gguf", adapter: "teacher.safetensors"),
        "student": ModelSpecification(id: "small.gguf", layers: [0, 2]),
    ], embedding: ModelSpecification(id: "mini"), folders: ["kernels/embedded"], maxTokens: 32)

@Suite struct TapeTests {
    @Test func aTapeThatPythonWroteIsRead() throws {
        let tape = try fixture()
        #expect(tape.header.count == 3)
        #expect(tape.header.kernel == "openai")
        #expect(tape.completions.map(\.completion.text).first == "On its way — “tomorrow”.")
        #expect(
            tape.completions.map(\.key) == [
                request("Where is my order?").key, request("Can I return paint?").key,
                request("Can I return paint?", temperature: 0.8, ordinal: 1).key,
            ])
        #expect(tape.completions.first?.metadata == ["lab": "3.3"])
        #expect(tape.header.models.first?.price?.asOf == "2026-11-01")
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let written = tape([stored("a", "1"), stored("b", "line\u{2028}\n\"end\" \u{1F600}")])
        let read = try Tape(written.bytes, name: "cora.jsonl")
        #expect(read.header == written.header)
        #expect(read.completions.map(\.completion) == written.completions.map(\.completion))
        #expect(read.completions.map(\.key) == written.completions.map(\.key))
        #expect(read.completions.map(\.createdAt) == [12.5, 12.5])
        #expect(String(decoding: read.bytes, as: UTF8.self) == String(decoding: written.bytes, as: UTF8.self))
        #expect(Tape.isTape(written.bytes))
        #expect(!Tape.isTape(Array("{\"messages\":[]}\n".utf8)))
    }

    @Test func layingItOutAnewChangesNothing() throws {
        let lines = TapeFixture.text.split(separator: "\n").map(String.init)
        let sorted = try lines.map { JSON.text(try JSON.parse($0), .canonical) }.joined(separator: "\r\n") + "\r\n\r\n"
        #expect(try Tape(Array(sorted.utf8), name: "x").header.count == 3)
    }

    @Test(arguments: [
        ("a word of an answer", "On its way", "In the post", "digest does not fit"),
        ("a question", "Can I return paint?", "Can I return rugs?", "digest does not fit"),
        ("the recorded price", "\"input\": 2.0", "\"input\": 0.1", "digest does not fit"),
        ("the endpoint", "\"kernel\": \"openai\"", "\"kernel\": \"azure\"", "digest does not fit"),
        ("the number", "\"count\": 3", "\"count\": 2", "holds 3 of 2 answers"),
        ("the JSON", "\"id\": \"chatcmpl-2\"", "\"id\": chatcmpl-2", "line 3 is no JSON"),
        ("the header", "\"max_tokens\": 64, \"models\"", "\"models\"", "header is not whole"),
        ("the version", "\"distnb_tape\": 1", "\"distnb_tape\": 2", "another version"),
        ("the mark", "\"distnb_tape\": 1", "\"other\": 1", "is no tape"),
    ])
    func aChangedTapeIsToldAndNotUsed(_ what: String, _ old: String, _ new: String, _ words: String) throws {
        let text = TapeFixture.text.replacing(old, with: new)
        #expect(text != TapeFixture.text)
        let error = #expect(throws: ProviderError.self, "\(what)") { try Tape(Array(text.utf8), name: "cora.jsonl") }
        #expect(error?.description.contains(words) == true, "\(what): \(error?.description ?? "")")
    }

    @Test func aTapeThatWasCutOffIsNotUsed() throws {
        let lines = TapeFixture.text.split(separator: "\n").dropLast().joined(separator: "\n")
        let error = #expect(throws: ProviderError.self) { try Tape(Array(lines.utf8), name: "cora.jsonl") }
        #expect(error?.description.contains("it holds 2 of 3 answers") == true)
        #expect(throws: ProviderError.self) { try Tape([], name: "empty") }
    }

    @Test func whatIsNotKnownInFullIsNotRecorded() throws {
        let known = stored("a", "1")
        let imported = StoredCompletion(
            request: known.request, completion: known.completion, modelName: "m", metadata: [:], createdAt: 0,
            key: CompletionKey("ab"))
        let other = stored("c", "3", model: "gpt-5")
        #expect(tape([known, imported, other]).completions.map(\.key) == [known.key])
        #expect(tape([other]).header.models.isEmpty)
    }
}

@Suite struct TapeProviderTests {
    @Test func recordedAnswersAreReplayedAsTheyWere() throws {
        let (answers, traffic) = try replay(fixture(), [request("Can I return paint?"), request("Where is my order?")])
        let first = try #require(try answers.first?.get())
        #expect(first.text == "Ja, innerhalb von 30 Tagen: größere Mengen auch.\n")
        #expect(first.seconds == 0.75)
        #expect(first.usage == Usage(promptTokens: 1_000, completionTokens: 500))
        #expect(first.id == "chatcmpl-2")
        #expect(!first.isStored)
        #expect(
            traffic.sentence("generate cora")
                == "generate cora: 2 answers replayed from the tape cora.jsonl (gpt-4.1 of api.openai.com, recorded on "
                + "2026-11-22), nothing was sent; when recorded they cost $0.012.")
    }

    @Test func aSampleOfItsOwnHasItsOwnAnswer() throws {
        let (answers, _) = try replay(fixture(), [request("Can I return paint?", temperature: 0.8, ordinal: 1)])
        #expect(try answers.first?.get().text == "Yes.")
    }

    @Test(arguments: [
        (request("Where is my order?", temperature: 0.7), "the same messages with temperature 0.2 instead of 0.7"),
        (
            request("Where is my order?", temperature: 0, maxTokens: 9),
            "the same messages with temperature 0.2 instead of 0.0, max_tokens 64 instead of 9"
        ),
        (request("Where is my order?", ordinal: 4), "the same messages with fewer samples"),
        (request("Where is my order?", system: "Be brief."), "the same question with another system prompt"),
        (request("Where is my order?", system: nil), "the same question with another system prompt"),
        (request("What do you sell?"), "no request with this question"),
    ])
    func aRequestThatItDoesNotHoldSaysWhatIsNearest(_ wanted: CompletionRequest, _ words: String) throws {
        let (answers, traffic) = try replay(fixture(), [wanted, request("Where is my order?")])
        guard case .failure(let error)? = answers.first else {
            Issue.record("a request that is not on the tape was answered")
            return
        }
        #expect(error.message.contains("; it holds \(words). "), "\(error.message)")
        #expect(error.message.hasPrefix("the tape cora.jsonl does not hold the request “"))
        #expect(error.message.hasSuffix("distnb completions record"))
        #expect(traffic.failed == 1 && traffic.answered == 1)
    }

    @Test func whereNothingIsReplayedNothingIsTold() throws {
        let (_, traffic) = try replay(fixture(), [request("What do you sell?")])
        #expect(traffic.sentence("generate cora") == nil)
    }

    @Test func itTrainsNothingAndGivesNoVectors() throws {
        let provider = TapeProvider(try fixture())
        let error = #expect(throws: ProviderError.self) { try provider.embeddingIdentity() }
        #expect(error?.description == "The tape cora.jsonl replays answers; it turns no texts into vectors.")
        let other = ModelSpecification(id: "gpt-5")
        let unknown = #expect(throws: ProviderError.self) { try provider.identity(of: other, trainedWeights: nil) }
        #expect(unknown?.description == "The tape cora.jsonl holds nothing of gpt-5; it holds teacher (gpt-4.1).")
    }

    @Test func stoppingStops() throws {
        let provider = TapeProvider(try fixture())
        let specification = ModelSpecification(id: "gpt-4.1")
        let model = Model(
            alias: "teacher", specification: specification,
            identity: try provider.identity(of: specification, trainedWeights: nil))
        #expect(throws: Interrupted.self) {
            try provider.complete(
                [request("Where is my order?")], with: model, blobs: NoBlobs(), cancellation: Cancellation { true }
            ) { _, _ in }
        }
    }
}

@Suite struct TapeKernelTests {
    @Test func recordedAliasesReplayAndAllOthersRunHere() throws {
        let kernel = KernelProfile(tape: try fixture(), others: base)
        #expect(kernel.name == "tape:cora.jsonl")
        #expect(kernel.provider == "tape")
        #expect(kernel.models["teacher"]?.provider == nil)
        #expect(kernel.models["teacher"]?.id == "gpt-4.1")
        #expect(kernel.models["teacher"]?.adapter == nil)
        #expect(kernel.models["student"]?.provider == "embedded")
        #expect(kernel.models["student"]?.layers == [0, 2])
        #expect(kernel.embedding?.provider == "embedded")
        #expect(kernel.models.keys.sorted() == ["base", "student", "teacher"])
        #expect(kernel.folders == ["kernels/embedded"])
        #expect(kernel.maxTokens == 64, "requests without max_tokens are those that were recorded")
        #expect(kernel.host == nil && kernel.service == nil)
    }

    @Test func whatItComputesCountsAsOfTheRecordedKernel() throws {
        let kernel = KernelProfile(tape: try fixture(), others: base)
        #expect(kernel.computingName == "openai")
        #expect(base.computingName == "embedded")
        let specification = try #require(kernel.models["teacher"])
        let identity = try TapeProvider(try fixture()).identity(of: specification, trainedWeights: nil)
        #expect(identity == ModelIdentity(endpoint: endpoint, id: "gpt-4.1"))
        // What `openai` saved stands for the same model here.
        #expect(
            specification.isSameModel(as: ModelSpecification(id: "gpt-4.1", price: TokenPrice(input: 2, output: 8))))
    }

    @Test func replayingIsFreeAndItsModelCostsWhatItCost() throws {
        let kernel = KernelProfile(tape: try fixture(), others: base)
        #expect(kernel.models["teacher"]?.price?.isCharged == false)
        guard case .tokens(let price) = kernel.tariff(of: "teacher") else {
            Issue.record("the teacher's calls have no price")
            return
        }
        #expect(price.input == 2 && price.output == 8)
        #expect(kernel.tariff(of: "student") == .machine)
    }

    @Test func peopleAreToldWhatIsReplayed() throws {
        let kernel = KernelProfile(tape: try fixture(), others: base)
        #expect(
            kernel.tape?.sentence
                == "teacher (gpt-4.1 of api.openai.com) is replayed from the tape cora.jsonl, recorded on 2026-11-22: 3 "
                + "answers, at no cost; nothing is sent.")
        #expect(kernel.displayName == "distnb (replays the tape cora.jsonl)")
    }
}

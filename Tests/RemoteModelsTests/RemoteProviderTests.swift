import Distillation
import OrderedCollections
import RemoteModels
import Tables
import Testing

/// What a service's models are, and what is sent to them.
@Suite struct RemoteProviderTests {
    private func body(_ network: VirtualNetwork, _ place: Int = 0) throws -> Value {
        try JSON.parse(network.seen[place].request.body ?? [])
    }

    private func complete(
        _ bench: Bench, _ requests: [CompletionRequest], metadata: [String: String] = [:]
    ) throws -> (VirtualNetwork, Ledger) {
        let network = VirtualNetwork { _ in .chat("yes") }
        let ledger = Ledger()
        try bench.provider(network.surroundings(["KEY": "k-1234567"])).complete(
            requests, with: bench.model, blobs: NoBlobs(),
            supervision: ledger.supervision(metadata: metadata, isStored: !metadata.isEmpty))
        return (network, ledger)
    }

    @Test func aStarStandsForTheServersOnlyModel() throws {
        let network = VirtualNetwork { _ in .answer(200, ["object": "list", "data": [["id": "smol"]]]) }
        var bench = Bench()
        bench.modelID = "*"
        let provider = try bench.provider(network.surroundings())
        for _ in 0..<3 {
            let identity = try provider.identity(of: ModelSpecification(id: "*"), trainedWeights: nil)
            #expect(identity == ModelIdentity(endpoint: "127.0.0.1:8080", id: "smol"))
        }
        #expect(network.seen.count == 1)
    }

    @Test func ofSeveralModelsTheUserChooses() throws {
        let network = VirtualNetwork { _ in .answer(200, ["data": [["id": "a"], ["id": "b"]]]) }
        var bench = Bench()
        bench.modelID = "*"
        let provider = try bench.provider(network.surroundings())
        let error = #expect(throws: ProviderError.self) {
            try provider.identity(of: ModelSpecification(id: "*"), trainedWeights: nil)
        }
        #expect(error?.description.contains("a, b") == true)
        #expect(error?.hint == "export DISTNB_TEACHER=a")
    }

    @Test func onlyWhatTheServiceHasIsSent() throws {
        let (network, _) = try complete(Bench(), Bench().requests(1), metadata: ["lab": "3.3"])
        let json = try body(network)
        #expect(
            json.record?.keys.sorted() == ["max_tokens", "messages", "model", "temperature"])
        #expect(network.seen[0].request.fields["Idempotency-Key"] == nil)
    }

    @Test func aServiceThatHasItGetsSeedTagsAndKey() throws {
        let bench = Bench(features: [.storedCompletions, .idempotency, .seed], key: .environment("KEY"))
        let request = bench.requests(1)[0]
        let (network, _) = try complete(bench, [request], metadata: ["lab": "3.3"])
        let json = try body(network)
        #expect(json[field: "seed"] == 3)
        #expect(json[field: "store"] == true)
        #expect(json[field: "metadata"] == ["lab": "3.3", "distnb_key": .string(request.key.description)])
        #expect(network.seen[0].request.fields["Idempotency-Key"] == request.key.description)
        #expect(network.seen[0].request.fields["Authorization"] == "Bearer k-1234567")
    }

    @Test func furtherSamplesHaveOtherSeeds() throws {
        let bench = Bench(features: [.seed])
        let (network, _) = try complete(bench, bench.requests(2, ordinal: 1) + bench.requests(1))
        let seeds = try (0..<3).map { try #require(try body(network, $0)[field: "seed"].integer) }
        #expect(Set(seeds).count == 3)
        #expect(seeds[2] == 3)
        #expect(seeds.allSatisfy { 0..<(1 << 31) ~= $0 })
    }

    @Test func sixteenTagsAreOneTooMany() throws {
        let bench = Bench(features: [.storedCompletions])
        let tags = Dictionary(uniqueKeysWithValues: (0..<16).map { ("t\($0)", "v") })
        let error = #expect(throws: ProviderError.self) { try complete(bench, bench.requests(1), metadata: tags) }
        #expect(error?.description.contains("16 tags") == true)
    }

    @Test func reasoningModelsAreAskedAsTheyTakeIt() throws {
        var bench = Bench()
        bench.modelID = "o3-mini"
        let (network, _) = try complete(bench, bench.requests(1))
        #expect(try body(network)[field: "max_completion_tokens"] == 64)
        #expect(try body(network)[field: "max_tokens"].isNull)
    }

    @Test func textsBecomeUnitVectorsInTheirOrder() throws {
        let network = VirtualNetwork { seen in
            let inputs = ((try? JSON.parse(seen.request.body ?? [])) ?? .null)[field: "input"].list ?? []
            let data = inputs.enumerated().map { place, text -> Value in
                let number = Double(text.text?.split(separator: " ").last.flatMap { Int($0) } ?? 0)
                return ["object": "embedding", "index": .integer(place), "embedding": [.double(3 + number), 4]]
            }
            return .answer(200, ["object": "list", "data": .list(data.reversed()), "model": "e"])
        }
        var bench = Bench(features: [.embeddings])
        bench.embedding = ModelSpecification(id: "e")
        let texts = (0..<600).map { "text \($0)" } + [""]
        var progress: [Int] = []
        let found = try bench.provider(network.surroundings()).embeddings(of: texts, cancellation: .never) { done, _ in
            progress.append(done)
        }
        #expect(found.vectors.count == 601)
        #expect(found.vectors[0] == [0.6, 0.8])
        for (place, vector) in found.vectors.prefix(600).enumerated() {
            let length = (Double((3 + place) * (3 + place)) + 16).squareRoot()
            #expect(abs(Double(vector[0]) - Double(3 + place) / length) < 1e-6)
        }
        #expect(progress == [256, 512, 601])
    }

    @Test func withoutAModelForThemThereAreNoVectors() throws {
        let network = VirtualNetwork { _ in .answer(200, [:]) }
        #expect(throws: ProviderError.self) {
            try Bench(features: [.embeddings]).provider(network.surroundings()).embeddings(
                of: ["a"], cancellation: .never)
        }
        #expect(network.seen.isEmpty)
    }

    @Test func weightsOfAServiceAreNotToBeHad() throws {
        let network = VirtualNetwork { _ in .answer(200, [:]) }
        let provider = try Bench().provider(network.surroundings())
        #expect(throws: ProviderError.self) {
            try provider.export(Bench().model, as: ModelExport(.gguf), blobs: NoBlobs())
        }
    }
}

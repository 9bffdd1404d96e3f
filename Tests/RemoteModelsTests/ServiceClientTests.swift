import Distillation
import RemoteModels
import Tables
import Testing

/// Calls of a service's API, one at a time.
@Suite struct ServiceClientTests {
    private func client(
        _ network: VirtualNetwork, _ address: String = "https://api.example.com/v1",
        key: ServiceProfile.SecretSource = .environment("KEY"), scheme: ServiceEndpoint.Scheme = .bearer
    ) -> ServiceClient {
        ServiceClient(
            ServiceEndpoint(address: address, key: key, scheme: scheme, kernel: "mine"),
            surroundings: network.surroundings(["KEY": "secret-1234"]))
    }

    @Test func theKeyGoesIntoTheHeadAsTheServiceWantsIt() throws {
        let network = VirtualNetwork { _ in .answer(200, ["ok": true]) }
        _ = try client(network).send(ServiceCall(.get, "/files"))
        _ = try client(network, scheme: .apiKey).send(ServiceCall(.get, "/files"))
        #expect(network.seen[0].request.fields["Authorization"] == "Bearer secret-1234")
        #expect(network.seen[1].request.fields["api-key"] == "secret-1234")
        #expect(network.seen[1].request.fields["Authorization"] == nil)
    }

    @Test func aKeyIsNeverSentOverAnOpenConnection() throws {
        let network = VirtualNetwork { _ in .answer(200, [:]) }
        let error = #expect(throws: ProviderError.self) {
            try client(network, "http://api.example.com/v1").send(ServiceCall(.get, "/models"))
        }
        #expect(error?.description.contains("open connection") == true)
        #expect(network.seen.isEmpty)
        for local in ["http://localhost:8080/v1", "http://127.0.0.1:8080/v1", "http://[::1]:8080/v1"] {
            _ = try client(network, local).send(ServiceCall(.get, "/models"))
        }
        for tricky in [
            "http://localhost.example.com/v1", "http://127.0.0.1.example.com/v1", "http://127.0.0.1@evil.example/v1",
        ] {
            #expect(throws: ProviderError.self) { try client(network, tricky).send(ServiceCall(.get, "/models")) }
        }
        #expect(network.seen.count == 3)
    }

    @Test func noWordsHoldTheKey() throws {
        let network = VirtualNetwork { seen in
            .error(401, code: "who_knows", "the key \(seen.request.fields["Authorization"] ?? "") is wrong")
        }
        let refusal = #expect(throws: ServiceRefusal.self) { try client(network).send(ServiceCall(.get, "/models")) }
        #expect(refusal?.status == 401)
        #expect(
            "\(String(describing: refusal?.words)) \(String(describing: refusal?.fault))".contains("secret") == false)
    }

    @Test func addressesAreEncoded() throws {
        let network = VirtualNetwork { _ in .answer(200, [:]) }
        _ = try client(network).send(
            ServiceCall(
                .get, "/chat/completions/" + ServiceCall.segment("a b/ü"),
                query: [("metadata[k]", "v&w"), ("limit", "1")]))
        _ = try client(network).send(ServiceCall(.get, "/openai/jobs", root: .host))
        #expect(
            network.seen.map(\.request.url) == [
                "https://api.example.com/v1/chat/completions/a%20b%2F%C3%BC?metadata%5Bk%5D=v%26w&limit=1",
                "https://api.example.com/openai/jobs",
            ])
    }

    @Test func whatMayBeRepeatedIs() throws {
        let network = VirtualNetwork { seen in seen.ordinal < 3 ? .error(500) : .answer(200, [:]) }
        #expect(try client(network).send(ServiceCall(.get, "/models")).status == 200)
        #expect(network.seen.count == 4)
        let keyed = VirtualNetwork { seen in
            seen.ordinal == 0 ? .failure(.cut, hasLeft: true) : .answer(200, [:])
        }
        _ = try client(keyed).send(ServiceCall(.post, "/jobs", idempotencyKey: "k"))
        #expect(keyed.seen.map { $0.request.fields["Idempotency-Key"] } == ["k", "k"])
    }

    @Test func whatMayHaveBeenDoneIsNotDoneAgain() throws {
        for reply in [VirtualNetwork.Reply.failure(.cut, hasLeft: true), .error(500), .silence] {
            let network = VirtualNetwork { _ in reply }
            #expect(throws: (any Error).self) { try client(network).send(ServiceCall(.post, "/jobs")) }
            #expect(network.seen.count == 1)
        }
        // What surely was not taken is sent again.
        let network = VirtualNetwork { seen in
            seen.ordinal == 0
                ? .error(429, fields: ["retry-after": "2"])
                : seen.ordinal == 1 ? .failure(.cut, hasLeft: false) : .answer(200, [:])
        }
        let began = network.now
        _ = try client(network).send(ServiceCall(.post, "/jobs"))
        #expect(network.seen.count == 3)
        #expect(network.now - began >= 2)
    }

    @Test func interruptsEndTheWait() throws {
        let network = VirtualNetwork { _ in .answer(200, [:], after: 50) }
        let began = network.now
        #expect(throws: Interrupted.self) {
            try client(network).send(
                ServiceCall(.get, "/models"), cancellation: Cancellation { network.now > began + 1 })
        }
        #expect(network.now - began < 1.5)
    }
}

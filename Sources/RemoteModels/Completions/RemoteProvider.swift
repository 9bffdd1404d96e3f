package import Distillation
internal import OpenAIWire
internal import Synchronization
package import Tables

/// Models of a service that speaks OpenAI's API: OpenAI itself, Azure, and the servers that follow it.
package final class RemoteProvider: ModelProvider {
    private struct State {
        /// The server's models, once they were asked for.
        var models: [String]?
        /// What was learnt of the parameters that a model takes.
        var dialects: [String: CompletionDialect] = [:]
    }

    let kernel: KernelProfile
    let profile: ServiceProfile
    let surroundings: RemoteSurroundings
    private let state = Mutex(State())

    /// - Returns: nil for a kernel that has no service.
    package init?(_ kernel: KernelProfile, surroundings: RemoteSurroundings) {
        guard let profile = kernel.service else { return nil }
        self.kernel = kernel
        self.profile = profile
        self.surroundings = surroundings
    }

    var endpoint: ServiceEndpoint { ServiceEndpoint(profile, kernel: kernel.name) }

    var client: ServiceClient { ServiceClient(endpoint, surroundings: surroundings) }

    // MARK: What models are

    package func identity(of specification: ModelSpecification, trainedWeights: String?) throws -> ModelIdentity {
        ModelIdentity(endpoint: endpoint.host, id: try name(of: specification))
    }

    /// The service's name of a model; `*` stands for the only one that a server has.
    func name(of specification: ModelSpecification) throws -> String {
        guard specification.id == "*" else { return specification.id }
        let models = try models()
        if let only = models.first, models.count == 1 { return only }
        let alias = kernel.models.filter { $0.value.isSameModel(as: specification) }.keys.sorted().first
        let variable = "DISTNB_\((alias ?? "teacher").uppercased())"
        guard !models.isEmpty else {
            throw ProviderError(
                "\(endpoint.host) has no model.", hint: "load one there, or name it: export \(variable)=…")
        }
        let shown = models.prefix(10).joined(separator: ", ") + (models.count > 10 ? ", …" : "")
        throw ProviderError(
            "\(endpoint.host) has \(models.count) models, and the kernel \(kernel.name) does not say which of them is "
                + "`\(alias ?? "teacher")`: \(shown).",
            hint: "export \(variable)=\(models[0])")
    }

    /// The names of the service's models, asked for once.
    package func models() throws -> [String] {
        if let known = state.withLock({ $0.models }) { return known }
        let answer = try answer(to: ServiceCall(.get, "/models", timeout: 30))
        do throws(WireError) {
            let names = try ModelList(bytes: answer.body).elements.map(\.id)
            state.withLock { $0.models = names }
            return names
        } catch {
            throw ProviderError(
                "\(endpoint.host) lists its models in a way that is not OpenAI's: \(error)",
                hint: "check the address \(endpoint.address): most servers want /v1 at its end")
        }
    }

    /// Sends a call whose refusal nobody needs to look into.
    func answer(to call: ServiceCall, cancellation: Cancellation = .never) throws -> ServiceAnswer {
        do {
            return try client.send(call, cancellation: cancellation)
        } catch let refusal as ServiceRefusal {
            throw refusal.words
        }
    }

    /// Nobody tells what a service's model was trained on.
    package func lineage(of specification: ModelSpecification) throws -> Lineage { Lineage() }

    package func parameterCount(of model: Model) throws -> Int? { nil }

    package func export(_ model: Model, as export: ModelExport, blobs: any BlobStoring) throws -> [ExportedFile] {
        throw ProviderError(
            "The weights of `\(model.displayName)` are not to be had: it runs at \(endpoint.host).",
            hint:
                "export a model of the embedded kernel; of this one its lessons can be saved: save \"out/lessons.jsonl\", "
                + "format: \"openai\"")
    }

    // MARK: Completions

    package func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, cancellation: Cancellation,
        deliver: (Int, Result<Completion, RowError>) throws -> Void
    ) throws {
        try withoutActuallyEscaping(deliver) { deliver in
            let supervision = CompletionSupervision(cancellation: cancellation) { deliveries in
                for delivery in deliveries { try deliver(delivery.index, delivery.result) }
            }
            try complete(requests, with: model, blobs: blobs, supervision: supervision)
        }
    }

    package func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, supervision: CompletionSupervision
    ) throws {
        guard !requests.isEmpty else { return }
        let name = model.identity.id
        let encoding = try CompletionEncoding(
            model: name, features: profile.features, isStored: supervision.isStored, metadata: supervision.metadata)
        let service = try CompletionService(endpoint, secrets: surroundings.secrets)
        let known = state.withLock { $0.dialects[name] } ?? CompletionDialect(model: name)
        let learnt = try surroundings.network.lend { pool in
            var run = CompletionRun(
                requests, service: service, encoding: encoding, dialect: known, supervision: supervision, pool: pool,
                surroundings: surroundings)
            return try run.run()
        }
        state.withLock { $0.dialects[name] = learnt }
    }
}

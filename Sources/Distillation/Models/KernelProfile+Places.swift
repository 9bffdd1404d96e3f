internal import OrderedCollections
internal import Tables

/// Where a kernel's models run, and so what holds of each: the models of one kernel may run in two places, such as a
/// teacher on a server and its student in this process.
extension KernelProfile {
    /// The provider that runs models in this process.
    public static let embedded = "embedded"

    /// Which provider runs a model.
    public func provider(of model: ModelSpecification) -> String { model.provider ?? provider }

    /// The service that a model is reached at; nil where it runs in this process.
    public func service(of model: ModelSpecification) -> ServiceProfile? {
        provider(of: model) == provider ? service : nil
    }

    /// The address that a model is reached at; nil where it runs in this process.
    public func host(of model: ModelSpecification) -> String? { provider(of: model) == provider ? host : nil }

    /// The aliases of the models that are reached at the kernel's host, sorted.
    public var aliasesAway: [String] {
        models.filter { host(of: $0.value) != nil }.keys.sorted()
    }

    /// With how few rows a model can still be trained; nil where any number will do. What a service demands holds only
    /// for what it trains.
    public func leastTrainingRows(of model: ModelSpecification) -> Int? {
        service != nil && service(of: model) == nil ? nil : leastTrainingRows
    }

    /// The models as a kernel has them that extends this one and has another provider.
    func models(runBy provider: String) -> [String: ModelSpecification] {
        keepsItsProvider(from: provider) ? models.mapValues { $0.run(by: self.provider) } : models
    }

    /// The model for embeddings as a kernel has it that extends this one and has another provider.
    func embedding(runBy provider: String) -> ModelSpecification? {
        keepsItsProvider(from: provider) ? embedding?.run(by: self.provider) : embedding
    }

    /// What runs in this process goes on doing so in a kernel that adds a service.
    private func keepsItsProvider(from provider: String) -> Bool {
        self.provider == Self.embedded && provider != Self.embedded
    }

    // MARK: Prices

    /// What a model's tokens cost at the moment; nil where the kernel names no price.
    public func price(of model: Model) -> TokenPrice? {
        let price = models[model.alias]?.price
        return model.trainedWeights != nil && host(of: model.specification) != nil ? price?.tuned : price
    }

    /// What a service takes for a training; 0 where it is done in this process, nil where the kernel names no price.
    /// - Parameter tokens: those of all examples; each epoch counts.
    public func cost(of job: FineTuneJob, tokens: Int) -> Double? {
        guard host(of: job.base.specification) != nil else { return 0 }
        return models[job.base.alias]?.price?.training.map {
            Double(tokens) * Double(max(1, job.options.epochs)) * $0 / 1_000_000
        }
    }

    /// How a model's work is paid for. A model with a price is paid by its tokens; on the user's own machine the others
    /// take its time.
    public func tariff(of model: Model) -> Tariff {
        if tape?.models[model.alias] != nil, model.trainedWeights == nil { return tariff(of: model.alias) }
        return tariff(price: price(of: model), host: host(of: model.specification))
    }

    /// The same for a model of the kernel.
    /// - Parameter alias: the model's; one that the kernel lacks has no known price.
    public func tariff(of alias: String) -> Tariff {
        // Replaying costs nothing; what its model costs is what it cost when it was recorded.
        if let tape, tape.models[alias] != nil { return tape.prices[alias].map(Tariff.tokens) ?? .unknown }
        let model = models[alias]
        return tariff(price: model?.price, host: model.map { host(of: $0) } ?? host)
    }

    private func tariff(price: TokenPrice?, host: String?) -> Tariff {
        let usesMachine = host.map { namesMachineHour || Self.isThisMachine($0) } ?? true
        if let price, price.isCharged || !usesMachine { return .tokens(price) }
        return usesMachine ? .machine : .unknown
    }

    /// Whether an address is of the user's own machine.
    public static func isThisMachine(_ address: String) -> Bool {
        let rest = address.drop { $0 != "/" }.drop { $0 == "/" }
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        return ["localhost", "127.0.0.1", "[::1]"].contains { host == $0 || host.hasPrefix($0 + ":") }
    }
}

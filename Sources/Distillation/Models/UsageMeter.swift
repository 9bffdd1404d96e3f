internal import Synchronization
public import Tables

/// Counts what is asked of a provider and what the store answers instead; see `metered`.
public final class UsageMeter: Sendable {
    /// What was counted.
    public struct Reading: Sendable, Equatable {
        /// Completions that were computed or paid for.
        public var requests = 0
        /// Completions that came from the store.
        public var stored = 0
        /// Tokens of the computed completions.
        public var usage = Usage(promptTokens: 0, completionTokens: 0)
        /// US dollars; nil where a model in use has no price.
        public var cost: Double? = 0

        public init() {}
    }

    private let state = Mutex(Reading())

    public init() {}

    /// Starts counting anew.
    public func reset() { state.withLock { $0 = Reading() } }

    /// What was counted since the last `reset`.
    public var reading: Reading { state.withLock { $0 } }

    func countStored() { state.withLock { $0.stored += 1 } }

    func count(_ usage: Usage, price: TokenPrice?) {
        state.withLock { state in
            state.requests += 1
            state.usage = state.usage + usage
            state.cost = state.cost.flatMap { sum in price.map { sum + $0.cost(of: usage) } }
        }
    }
}

/// A provider that counts the completions it delivers.
public struct MeteredProvider: ModelProvider {
    private let provider: any ModelProvider
    private let meter: UsageMeter
    private let prices: [String: TokenPrice]

    /// - Parameter kernel: whose prices of the moment count.
    public init(_ provider: any ModelProvider, meter: UsageMeter, kernel: KernelProfile) {
        self.provider = provider
        self.meter = meter
        prices = kernel.models.compactMapValues(\.price)
    }

    public func identity(of specification: ModelSpecification, trainedWeights: String?) throws -> ModelIdentity {
        try provider.identity(of: specification, trainedWeights: trainedWeights)
    }

    public func lineage(of specification: ModelSpecification) throws -> Lineage {
        try provider.lineage(of: specification)
    }

    public func parameterCount(of model: Model) throws -> Int? { try provider.parameterCount(of: model) }

    public func weightBytes(of model: Model, blobs: any BlobStoring) throws -> Int? {
        try provider.weightBytes(of: model, blobs: blobs)
    }

    public func export(_ model: Model, as export: ModelExport, blobs: any BlobStoring) throws -> [ExportedFile] {
        try provider.export(model, as: export, blobs: blobs)
    }

    public func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, cancellation: Cancellation,
        deliver: (Int, Result<Completion, RowError>) throws -> Void
    ) throws {
        try provider.complete(requests, with: model, blobs: blobs, cancellation: cancellation) { index, result in
            if case .success(let completion) = result { meter.count(completion.usage, price: prices[model.alias]) }
            try deliver(index, result)
        }
    }

    public func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        try provider.fineTune(job, supervision: supervision)
    }

    public func prune(
        _ job: PruningJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> PruningResult {
        try provider.prune(job, cancellation: cancellation, progress: progress)
    }

    public func checkpointKey(of job: FineTuneJob) throws -> String { try provider.checkpointKey(of: job) }

    public func embeddingIdentity() throws -> ModelIdentity { try provider.embeddingIdentity() }

    public func embeddings(
        of texts: [String], cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> TextEmbeddings {
        try provider.embeddings(of: texts, cancellation: cancellation, progress: progress)
    }
}

/// A store that counts the completions it answers with.
public struct MeteredStore: CompletionStoring {
    private let store: any CompletionStoring
    private let meter: UsageMeter

    public init(_ store: any CompletionStoring, meter: UsageMeter) {
        self.store = store
        self.meter = meter
    }

    public func completion(for key: CompletionKey) throws -> Completion? {
        let completion = try store.completion(for: key)
        if completion != nil { meter.countStored() }
        return completion
    }

    public func keep(_ completion: StoredCompletion, replacing: Bool) throws {
        try store.keep(completion, replacing: replacing)
    }

    public func revision() throws -> String { try store.revision() }

    public func completions(_ filter: CompletionFilter) throws -> [StoredCompletion] { try store.completions(filter) }
}

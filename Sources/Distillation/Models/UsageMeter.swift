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
        /// The id of the model that made embeddings; nil where none were asked for.
        public var embedding: String?

        public init() {}
    }

    private let state = Mutex(Reading())

    public init() {}

    /// Starts counting anew.
    public func reset() { state.withLock { $0 = Reading() } }

    /// What was counted since the last `reset`.
    public var reading: Reading { state.withLock { $0 } }

    func note(embedding id: String) { state.withLock { $0.embedding = id } }

    func countStored() { state.withLock { $0.stored += 1 } }

    func count(_ usage: Usage, price: TokenPrice?) {
        state.withLock { state in
            state.requests += 1
            state.usage = state.usage + usage
            state.cost = state.cost.flatMap { sum in price.map { sum + $0.cost(of: usage) } }
        }
    }
}

/// A provider that counts the completions it delivers, and sends no request that a budget does not cover.
public struct MeteredProvider: ModelProvider {
    private let provider: any ModelProvider
    private let meter: UsageMeter
    private let limit: SpendingLimit?
    private let kernel: KernelProfile

    /// - Parameters:
    ///   - limit: what a run may spend; nil for no limit.
    ///   - kernel: whose prices of the moment count.
    public init(_ provider: any ModelProvider, meter: UsageMeter, limit: SpendingLimit? = nil, kernel: KernelProfile) {
        self.provider = provider
        self.meter = meter
        self.limit = limit
        self.kernel = kernel
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
        try withoutActuallyEscaping(deliver) { deliver in
            let supervision = CompletionSupervision(cancellation: cancellation) { deliveries in
                for delivery in deliveries { try deliver(delivery.index, delivery.result) }
            }
            try complete(requests, with: model, blobs: blobs, supervision: supervision)
        }
    }

    public func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring,
        supervision: CompletionSupervision
    ) throws {
        let price = kernel.price(of: model)
        let counting = limit.flatMap { $0.isCounting ? $0 : nil }
        let bounds = counting.map { _ in requests.map { most($0, model) } } ?? []
        var done = 0
        while done < requests.count {
            let end = try counting.map {
                done + (try $0.affordable(bounds[done...], price: price, model: model.displayName))
            }
            let part = done..<min(end ?? requests.count, requests.count)
            let counted = supervision.part(part) { deliveries in
                for case .success(let completion) in deliveries.lazy.map(\.result) {
                    meter.count(completion.usage, price: price)
                    limit?.count(completion.usage, price: price)
                }
            }
            try provider.complete(Array(requests[part]), with: model, blobs: blobs, supervision: counted)
            done = part.upperBound
        }
    }

    /// The most that a request can take: its prompt, and the longest reply that it allows. Where the prompt's tokens are
    /// known to a server only, its bytes stand for them: a token has at least one.
    private func most(_ request: CompletionRequest, _ model: Model) -> Usage {
        let known = try? provider.tokenCount(of: request.messages, for: model.specification)
        let bytes = request.messages.reduce(0) { $0 + $1.content.utf8.count + 16 }
        return Usage(promptTokens: known ?? bytes, completionTokens: request.sampling.maxTokens)
    }

    public func tokenCount(of messages: [ChatMessage], for specification: ModelSpecification) throws -> Int? {
        try provider.tokenCount(of: messages, for: specification)
    }

    public func contextLength(of specification: ModelSpecification) throws -> Int? {
        try provider.contextLength(of: specification)
    }

    public func reading(
        of conversation: [ChatMessage], for specification: ModelSpecification
    ) throws -> [TokenRun]? {
        try provider.reading(of: conversation, for: specification)
    }

    /// A service is paid for training: a budget must cover it before it begins, and what it took counts.
    public func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        guard kernel.service(of: job.base.specification) != nil else {
            return try provider.fineTune(job, supervision: supervision)
        }
        let price = kernel.models[job.base.alias]?.price?.training.map { TokenPrice(input: $0, output: 0) }
        let estimate = Usage(promptTokens: tokens(of: job), completionTokens: 0)
        if let limit, limit.isCounting {
            _ = try limit.affordable(
                CollectionOfOne(estimate), price: price, model: "training \(job.base.displayName)")
        }
        let result = try provider.fineTune(job, supervision: supervision)
        let used = result.receipt?.tokens.map { Usage(promptTokens: $0, completionTokens: 0) } ?? estimate
        limit?.count(used, price: price)
        return result
    }

    /// Tokens of all epochs, by OpenAI's rule of thumb for English: only the service counts them exactly, afterwards.
    private func tokens(of job: FineTuneJob) -> Int {
        let bytes = job.examples.reduce(0) { sum, example in
            sum + example.reduce(0) { $0 + $1.content.utf8.count + 16 }
        }
        let (tokens, overflow) = (bytes / 4 + 1).multipliedReportingOverflow(by: max(1, job.options.epochs))
        return overflow ? .max : tokens
    }

    public func serviceGrades(
        _ job: ServiceGradingJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> ServiceGrades? {
        try provider.serviceGrades(job, cancellation: cancellation, progress: progress)
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
        meter.note(embedding: try provider.embeddingIdentity().id)
        return try provider.embeddings(of: texts, cancellation: cancellation, progress: progress)
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

    public func keep(_ completions: [StoredCompletion], replacing: Bool) throws {
        try store.keep(completions, replacing: replacing)
    }

    public func willSend(_ keys: [CompletionKey], at seconds: Double) throws { try store.willSend(keys, at: seconds) }

    public func settle(_ keys: [CompletionKey]) throws { try store.settle(keys) }

    public func unsettled(among keys: [CompletionKey]) throws -> Set<CompletionKey> {
        try store.unsettled(among: keys)
    }

    public func revision() throws -> String { try store.revision() }

    public func completions(_ filter: CompletionFilter) throws -> [StoredCompletion] { try store.completions(filter) }

    public func removeExpired() throws -> Int? { try store.removeExpired() }
}

public import Tables

/// Runs models: the embedded engine, or a server.
///
/// Calls block until they are done; a provider that waits for a network does so inside, without a
/// thread for each request.
public protocol ModelProvider: Sendable {
    /// What a model of the kernel resolves to; reads no more than it must.
    /// - Parameter trainedWeights: the blob of a fine-tuned model.
    /// - Throws: `ProviderError` where the model cannot be had.
    func identity(of specification: ModelSpecification, trainedWeights: String?) throws -> ModelIdentity

    /// What a model of the kernel was trained on before any notebook, as far as it is known.
    func lineage(of specification: ModelSpecification) throws -> Lineage

    /// How many numbers a model consists of; nil where that is not known.
    func parameterCount(of model: Model) throws -> Int?

    /// Bytes that a model's weights take in memory; nil where that is not known.
    /// - Parameter blobs: where its trained weights lie.
    func weightBytes(of model: Model, blobs: any BlobStoring) throws -> Int?

    /// The files that a model can be shipped as, its lineage included.
    /// - Throws: `ProviderError` where the model cannot be written so.
    func export(_ model: Model, as export: ModelExport, blobs: any BlobStoring) throws -> [ExportedFile]

    /// Answers requests to one model, in any order.
    /// - Parameters:
    ///   - requests: all for the same model.
    ///   - blobs: where the model's trained weights lie.
    ///   - deliver: called for each request as its answer arrives, with its index. A failure that belongs to
    ///     one request is delivered as its error.
    /// - Throws: `ProviderError` where no request can be answered, what `deliver` throws, and
    ///   `Interrupted` where `cancellation` said so.
    func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, cancellation: Cancellation,
        deliver: (Int, Result<Completion, RowError>) throws -> Void
    ) throws

    /// The same for a provider that sends its requests away: it says what it is about to send, and delivers the answers
    /// that arrived together at once.
    func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring,
        supervision: CompletionSupervision
    ) throws

    /// Trains a model on examples and returns what it learnt.
    /// - Throws: `ProviderError`, `Interrupted`.
    func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult

    /// Grades answers that are there with graders of the provider's own.
    /// - Parameter progress: told how many rows are done, of how many.
    /// - Returns: nil where the provider has no graders, or none of this kind: they are graded here.
    /// - Throws: `ProviderError`, `Interrupted`.
    func serviceGrades(
        _ job: ServiceGradingJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> ServiceGrades?

    /// Measures a model's layers and chooses those that stay.
    /// - Parameter progress: told how much is done, of how much.
    /// - Throws: `ProviderError`, `Interrupted`.
    func prune(
        _ job: PruningJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> PruningResult

    /// The key under which a job's checkpoints are kept: a hash of all that its result depends on.
    func checkpointKey(of job: FineTuneJob) throws -> String

    /// What the kernel's model for embeddings resolves to; reads no more than it must.
    /// - Throws: `ProviderError` where there is none, or it was not fetched.
    func embeddingIdentity() throws -> ModelIdentity

    /// Unit vectors of texts, the same for a text whatever others it comes with.
    /// - Parameter progress: told how many texts are done, of how many.
    /// - Throws: `ProviderError` where the kernel has no model for it, or it was not fetched; `Interrupted`.
    func embeddings(
        of texts: [String], cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> TextEmbeddings

    /// How many tokens a request's messages are for a model, with what opens the reply; nil where only a server knows.
    func tokenCount(of messages: [ChatMessage], for specification: ModelSpecification) throws -> Int?

    /// How many tokens a model can read; nil where only a server knows.
    func contextLength(of specification: ModelSpecification) throws -> Int?

    /// A conversation as a model is trained on it; nil where only a server knows.
    func reading(of conversation: [ChatMessage], for specification: ModelSpecification) throws -> [TokenRun]?
}

extension ModelProvider {
    public func serviceGrades(
        _ job: ServiceGradingJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> ServiceGrades? { nil }

    public func weightBytes(of model: Model, blobs: any BlobStoring) throws -> Int? { nil }

    public func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring,
        supervision: CompletionSupervision
    ) throws {
        try complete(requests, with: model, blobs: blobs, cancellation: supervision.cancellation) { index, result in
            try supervision.deliver([CompletionSupervision.Delivery(index: index, result: result)])
        }
    }
}

/// A provider that cannot do what was asked: what happened, and how to mend it.
public struct ProviderError: Error, Sendable, CustomStringConvertible {
    public let description: String
    public let hint: String?

    public init(_ description: String, hint: String? = nil) {
        self.description = description
        self.hint = hint
    }
}

/// Whether the work should stop; asked often.
public struct Cancellation: Sendable {
    public let isRequested: @Sendable () -> Bool

    public init(_ isRequested: @escaping @Sendable () -> Bool) { self.isRequested = isRequested }

    /// Never stops.
    public static let never = Cancellation { false }

    /// - Throws: `Interrupted` where a stop was requested.
    public func check() throws {
        if isRequested() { throw Interrupted() }
    }
}

/// The user stopped the work.
public struct Interrupted: Error, Sendable {
    public init() {}
}

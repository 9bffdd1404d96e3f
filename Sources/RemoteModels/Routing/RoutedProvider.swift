package import Distillation
package import Tables

/// The models of a kernel that run in several places: each requirement goes to the provider of the model that it is
/// about.
package struct RoutedProvider: ModelProvider {
    /// The kernel's own provider, and what it is called there.
    private let own: any ModelProvider
    private let ownName: String
    private let others: [String: any ModelProvider]
    /// Where texts become vectors.
    private let embedding: String?

    /// - Parameters:
    ///   - own: runs the models that name no provider.
    ///   - others: run those that do, by the names they give.
    package init(kernel: KernelProfile, own: any ModelProvider, others: [String: any ModelProvider]) {
        self.own = own
        ownName = kernel.provider
        self.others = others
        embedding = kernel.embedding?.provider
    }

    private func provider(_ name: String?) throws -> any ModelProvider {
        guard let name, name != ownName else { return own }
        guard let provider = others[name] else {
            throw ProviderError(
                "A model of the kernel runs on `\(name)`, which there is not.",
                hint:
                    "`provider` of a model in kernel.json may be \(([ownName] + others.keys.sorted()).joined(separator: ", "))"
            )
        }
        return provider
    }

    private func provider(of specification: ModelSpecification) throws -> any ModelProvider {
        try provider(specification.provider)
    }

    private func provider(of model: Model) throws -> any ModelProvider { try provider(model.specification.provider) }

    package func identity(of specification: ModelSpecification, trainedWeights: String?) throws -> ModelIdentity {
        try provider(of: specification).identity(of: specification, trainedWeights: trainedWeights)
    }

    package func lineage(of specification: ModelSpecification) throws -> Lineage {
        try provider(of: specification).lineage(of: specification)
    }

    package func parameterCount(of model: Model) throws -> Int? { try provider(of: model).parameterCount(of: model) }

    package func weightBytes(of model: Model, blobs: any BlobStoring) throws -> Int? {
        try provider(of: model).weightBytes(of: model, blobs: blobs)
    }

    package func export(_ model: Model, as export: ModelExport, blobs: any BlobStoring) throws -> [ExportedFile] {
        try provider(of: model).export(model, as: export, blobs: blobs)
    }

    package func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, cancellation: Cancellation,
        deliver: (Int, Result<Completion, RowError>) throws -> Void
    ) throws {
        try provider(of: model).complete(
            requests, with: model, blobs: blobs, cancellation: cancellation, deliver: deliver)
    }

    package func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, supervision: CompletionSupervision
    ) throws {
        try provider(of: model).complete(requests, with: model, blobs: blobs, supervision: supervision)
    }

    /// A student here cannot learn the probabilities of a teacher elsewhere, of which only texts arrive.
    package func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        try checkTeacher(of: job)
        return try provider(of: job.base).fineTune(job, supervision: supervision)
    }

    package func checkpointKey(of job: FineTuneJob) throws -> String {
        try checkTeacher(of: job)
        return try provider(of: job.base).checkpointKey(of: job)
    }

    private func checkTeacher(of job: FineTuneJob) throws {
        guard let teacher = job.teacher else { return }
        let place = job.base.specification.provider ?? ownName
        guard teacher.model.specification.provider ?? ownName == place else {
            throw ProviderError.noProbabilities(of: teacher.model.displayName, method: job.options.method)
        }
    }

    package func serviceGrades(
        _ job: ServiceGradingJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> ServiceGrades? {
        try own.serviceGrades(job, cancellation: cancellation, progress: progress)
    }

    package func prune(
        _ job: PruningJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> PruningResult {
        try provider(of: job.model).prune(job, cancellation: cancellation, progress: progress)
    }

    package func embeddingIdentity() throws -> ModelIdentity { try provider(embedding).embeddingIdentity() }

    package func embeddings(
        of texts: [String], cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> TextEmbeddings {
        try provider(embedding).embeddings(of: texts, cancellation: cancellation, progress: progress)
    }

    package func tokenCount(of messages: [ChatMessage], for specification: ModelSpecification) throws -> Int? {
        try provider(of: specification).tokenCount(of: messages, for: specification)
    }

    package func contextLength(of specification: ModelSpecification) throws -> Int? {
        try provider(of: specification).contextLength(of: specification)
    }

    package func reading(
        of conversation: [ChatMessage], for specification: ModelSpecification
    ) throws -> [TokenRun]? {
        try provider(of: specification).reading(of: conversation, for: specification)
    }
}

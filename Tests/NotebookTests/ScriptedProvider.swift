import Distillation
import Foundation
import Synchronization
import Tables

/// A provider whose answers are a script, with a counter of what was really asked of it.
final class ScriptedProvider: ModelProvider {
    private let counts = Mutex((requests: 0, trainings: 0))
    private let answer: @Sendable (CompletionRequest) -> Result<Completion, RowError>
    /// Stops with `Interrupted` after so many answers; what a kill leaves is the same: some are in the store.
    private let stopAfter: Mutex<Int?>
    /// What it says of a training before the first step.
    private let preparation: TrainingPreparation?
    /// How many tokens it says that a prompt has; nil where it does not tell.
    private let tokens: (@Sendable ([ChatMessage]) -> Int)?
    /// Which model makes its embeddings.
    private let embedding: String
    /// The jobs that it was given.
    private let given = Mutex<[FineTuneJob]>([])

    init(
        stopAfter: Int? = nil, preparation: TrainingPreparation? = nil,
        tokens: (@Sendable ([ChatMessage]) -> Int)? = nil, embedding: String = "letters",
        answer: @escaping @Sendable (CompletionRequest) -> String
    ) {
        self.answer = { request in
            .success(
                Completion(
                    text: answer(request), finishReason: "stop", usage: Usage(promptTokens: 3, completionTokens: 2),
                    seconds: 0.5))
        }
        self.stopAfter = Mutex(stopAfter)
        self.preparation = preparation
        self.tokens = tokens
        self.embedding = embedding
    }

    func embeddingIdentity() throws -> ModelIdentity { ModelIdentity(endpoint: "scripted", id: embedding) }

    /// How often each letter stands in a text.
    func embeddings(
        of texts: [String], cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> TextEmbeddings {
        TextEmbeddings(
            vectors: texts.map { text in (0x61...0x7A).map { letter in Float(text.utf8.count { $0 == letter }) } })
    }

    func tokenCount(of messages: [ChatMessage], for specification: ModelSpecification) throws -> Int? {
        tokens?(messages)
    }

    func contextLength(of specification: ModelSpecification) throws -> Int? { tokens == nil ? nil : 1_000 }

    /// Every message after its role, replies learnt.
    func reading(of conversation: [ChatMessage], for specification: ModelSpecification) throws -> [TokenRun]? {
        conversation.flatMap { message in
            [
                TokenRun(text: "<|\(message.role)|>", count: 1, isSpecial: true, isTrained: false),
                TokenRun(
                    text: message.content, count: message.content.count, isSpecial: false,
                    isTrained: message.role == "assistant"),
            ]
        }
    }

    /// A provider whose requests may fail.
    init(results: @escaping @Sendable (CompletionRequest) -> Result<Completion, RowError>) {
        answer = results
        stopAfter = Mutex(nil)
        preparation = nil
        tokens = nil
        embedding = "letters"
    }

    var requests: Int { counts.withLock { $0.requests } }
    var trainings: Int { counts.withLock { $0.trainings } }
    var jobs: [FineTuneJob] { given.withLock { $0 } }

    func identity(of specification: ModelSpecification, trainedWeights: String?) throws -> ModelIdentity {
        ModelIdentity(endpoint: "scripted", id: specification.id + (trainedWeights.map { "+\($0)" } ?? ""))
    }

    func lineage(of specification: ModelSpecification) throws -> Lineage { Lineage() }

    func parameterCount(of model: Model) throws -> Int? { 1_000 }

    func export(_ model: Model, as export: ModelExport, blobs: any BlobStoring) throws -> [ExportedFile] {
        let name = export.adapter == .kept ? "adapter_model.safetensors" : "model.safetensors"
        return [ExportedFile(export.format == .folder ? name : "", bytes: try blobs.get(model.trainedWeights ?? ""))]
    }

    func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, cancellation: Cancellation,
        deliver: (Int, Result<Completion, RowError>) throws -> Void
    ) throws {
        for (index, request) in requests.enumerated() {
            try cancellation.check()
            let mayGoOn = stopAfter.withLock { left in
                guard let count = left else { return true }
                left = count > 0 ? count - 1 : nil
                return count > 0
            }
            guard mayGoOn else { throw Interrupted() }
            counts.withLock { $0.requests += 1 }
            try deliver(index, answer(request))
        }
    }

    func checkpointKey(of job: FineTuneJob) throws -> String { "\(job.examples.count) rows, seed \(job.options.seed)" }

    /// One step, from nothing or from a checkpoint that says that it was made.
    func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        given.withLock { $0.append(job) }
        if let preparation { try supervision.prepared(preparation) }
        let key = try checkpointKey(of: job)
        let step = TrainingStep(
            step: 1, totalSteps: 1, epoch: 1, loss: 0.5, validationLoss: nil, learningRate: 1e-3, gradientNorm: 1,
            tokensPerSecond: 10, secondsLeft: 0)
        if supervision.checkpoints.read(key) == nil {
            counts.withLock { $0.trainings += 1 }
            try supervision.checkpoints.write(key, [Data("one step".utf8)])
            supervision.report(step)
        }
        let watched = job.options.watch.flatMap { prompt in
            [(0, nil, "um\nwell"), (1, 0.5, "yes")].map { step, loss, answer in
                WatchedAnswer(step: step, loss: loss, prompt: prompt, answer: answer, isCut: step == 0)
            }
        }
        if !watched.isEmpty { supervision.watched(watched) }
        // The later a row, the harder it is; the longest are left out.
        let rows = job.examples.indices.map { place in
            preparation?.leftOut.rows.contains(place) == true
                ? RowLoss(tokens: 99) : RowLoss(tokens: 10, first: Double(place) + 1, last: Double(place))
        }
        return FineTuneResult(
            weights: Array("adapter of \(job.examples.count) rows".utf8), steps: [step], rows: rows, watched: watched,
            keptStep: 1)
    }
}

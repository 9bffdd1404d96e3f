public import Distillation
internal import Foundation
internal import Synchronization
public import Tables

/// Runs the kernel's models on this machine: the embedded engine behind the core's protocol.
///
/// Weights are loaded with the first request and shared by all models that stand on them.
public final class EmbeddedProvider: ModelProvider {
    /// Raised when the engine gives other answers for the same request; stored completions of older ones stay apart.
    static let engineVersion = 1

    private let folder: WeightsFolder
    private let loaded = Mutex(LoadedModels())
    /// Sequences that decode together.
    private let batchSize: Int

    /// - Parameter weights: the folder with the weight files.
    public init(weights: String, batchSize: Int = 24) {
        folder = WeightsFolder(path: weights)
        self.batchSize = batchSize
    }

    public func identity(of specification: ModelSpecification, adapter: String?) throws -> ModelIdentity {
        var id = "sha256:\(try folder.hash(of: specification))"
        if let layers = specification.layers { id += " layers:\(layers.map(String.init).joined(separator: ","))" }
        if let adapter { id += " adapter:\(adapter)" }
        return ModelIdentity(endpoint: "embedded", id: "\(id) engine:\(Self.engineVersion)")
    }

    public func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, cancellation: Cancellation,
        deliver: (Int, Result<Completion, RowError>) throws -> Void
    ) throws {
        try translating {
            let language = try language(of: model.specification)
            let transformer = try self.transformer(of: model, language, blobs: blobs)
            let generator = try Generator(model: transformer, tokenizer: language.tokenizer, batchSize: batchSize)
            var sendable: [GenerationRequest] = []
            var places: [Int] = []
            for (index, request) in requests.enumerated() {
                let prepared = GenerationRequest(
                    promptTokens: language.template.encode(request.messages.map(\.engine), addGenerationPrompt: true),
                    maxTokens: request.sampling.maxTokens, temperature: Float(request.sampling.temperature),
                    topP: Float(request.sampling.topP), seed: request.key.seed, stop: request.sampling.stop)
                do {
                    try generator.check(prepared)
                    sendable.append(prepared)
                    places.append(index)
                } catch let error as EngineError {
                    try deliver(index, .failure(RowError(error.description)))
                }
            }
            try generator.generate(sendable, isCancelled: cancellation.isRequested) { index, result in
                let completion = Completion(
                    text: result.text, finishReason: result.finishReason.rawValue,
                    usage: Usage(promptTokens: result.promptTokenCount, completionTokens: result.completionTokenCount),
                    seconds: result.seconds)
                try deliver(places[index], .success(completion))
            }
        }
    }

    public func fineTune(
        _ job: FineTuneJob, blobs: any BlobStoring, cancellation: Cancellation,
        report: (Distillation.TrainingStep) -> Void
    ) throws -> FineTuneResult {
        try translating {
            let language = try language(of: job.base.specification)
            let weights = try language.weights(job.base.specification)
            let steps = (job.examples.count + job.options.batchSize - 1) / job.options.batchSize * job.options.epochs
            let options = FineTuneOptions(
                epochs: job.options.epochs, learningRate: Float(job.options.learningRate), batchSize: job.options.batchSize,
                rank: job.options.rank, alpha: Float(2 * job.options.rank), seed: UInt64(bitPattern: Int64(job.options.seed)),
                // A short job must not spend itself on warming up.
                warmupSteps: min(10, steps / 10), schedule: .linear)
            var history: [Distillation.TrainingStep] = []
            let trainer = try LoRATrainer(base: weights, options: options)
            let adapter = try trainer.train(
                job.examples.map { language.template.example($0) }, validation: job.validation.map { language.template.example($0) },
                isCancelled: cancellation.isRequested
            ) { step in
                let told = Distillation.TrainingStep(
                    step: step.step, totalSteps: step.totalSteps, epoch: step.epoch, loss: step.loss,
                    validationLoss: step.validationLoss, tokensPerSecond: step.tokensPerSecond)
                history.append(told)
                report(told)
            }
            return FineTuneResult(adapter: Array(try adapter.encode(.single)), steps: history)
        }
    }

    // MARK: Loading

    private func language(of specification: ModelSpecification) throws -> LoadedLanguage {
        try loaded.withLock { loaded in
            if let known = loaded.languages[specification.id] { return known }
            let language = try LoadedLanguage(folder.file(of: specification))
            loaded.languages[specification.id] = language
            return language
        }
    }

    private func transformer(of model: Model, _ language: LoadedLanguage, blobs: any BlobStoring) throws -> Transformer {
        try loaded.withLock { loaded in
            if let known = loaded.transformers.first(where: { $0.id == model.identity.id }) { return known.transformer }
            let weights = try language.weights(model.specification)
            let adapter = try model.adapter.map { name in
                try LoRAAdapter(decoding: Data(try blobs.get(name)), for: weights.configuration, name: "the adapter of \(model.displayName)")
            }
            let transformer = try Transformer(weights, adapter: adapter)
            // A merged adapter is a copy of the weights: the last few models only are kept.
            loaded.transformers.append((model.identity.id, transformer))
            if loaded.transformers.count > LoadedModels.limit { loaded.transformers.removeFirst() }
            return transformer
        }
    }

    private func translating<Result>(_ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch is CancellationError {
            throw Interrupted()
        } catch let error as EngineError {
            throw ProviderError(error.description)
        } catch let error as WeightsError {
            throw ProviderError(error.description, hint: "make weights")
        }
    }
}

/// What is in memory.
private struct LoadedModels {
    static let limit = 3
    var languages: [String: LoadedLanguage] = [:]
    var transformers: [(id: String, transformer: Transformer)] = []
}

/// A weights file with all that belongs to it.
private struct LoadedLanguage {
    private let base: LanguageModelWeights
    let tokenizer: Tokenizer
    let template: ChatTemplate

    init(_ path: String) throws {
        let file = try GGUFFile(URL(fileURLWithPath: path))
        tokenizer = try Tokenizer(file)
        template = try ChatTemplate(file, tokenizer: tokenizer)
        base = try LanguageModelWeights.load(file)
    }

    /// The layers that a model uses.
    func weights(_ specification: ModelSpecification) throws -> LanguageModelWeights {
        try specification.layers.map { try base.selecting(layers: $0) } ?? base
    }
}

extension Distillation.ChatMessage {
    fileprivate var engine: ChatMessage { ChatMessage(role: role, content: content) }
}

extension ChatTemplate {
    /// A conversation to learn from: its last message is the reply.
    fileprivate func example(_ conversation: [Distillation.ChatMessage]) -> TrainingExample {
        example(conversation.dropLast().map(\.engine), answer: conversation.last?.content ?? "")
    }
}

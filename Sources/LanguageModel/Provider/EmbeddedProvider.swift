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
    private let adapters: AdapterFolder
    private let loaded = Mutex(LoadedModels())
    /// Sequences that decode together.
    private let batchSize: Int

    /// - Parameters:
    ///   - weights: the folder with the weight files.
    ///   - kernel: the kernel's folder, with the adapters that it ships.
    public init(weights: String, kernel: String, batchSize: Int = 32) {
        folder = WeightsFolder(path: weights)
        adapters = AdapterFolder(path: kernel)
        self.batchSize = batchSize
    }

    public func identity(of specification: ModelSpecification, adapter: String?) throws -> ModelIdentity {
        var id = "sha256:\(try folder.hash(of: specification))"
        if let layers = specification.layers { id += " layers:\(layers.map(String.init).joined(separator: ","))" }
        if let shipped = specification.adapter { id += " taught:\(try adapters.hash(of: shipped))" }
        if let adapter { id += " adapter:\(adapter)" }
        return ModelIdentity(endpoint: "embedded", id: "\(id) engine:\(Self.engineVersion)")
    }

    public func lineage(of specification: ModelSpecification) throws -> Lineage {
        guard let name = specification.adapter else { return Lineage() }
        return try translating {
            Lineage(
                adapter: try adapters.adapter(
                    name, for: try language(of: specification).weights(specification).configuration))
        }
    }

    public func export(_ model: Model, blobs: any BlobStoring) throws -> [UInt8] {
        guard let name = model.adapter else {
            throw ProviderError(
                "`\(model.displayName)` was not fine-tuned, so there is nothing to export.",
                hint: "lessons | finetune student")
        }
        return try translating {
            let weights = try language(of: model.specification).weights(model.specification)
            var adapter = try LoRAAdapter(decoding: Data(try blobs.get(name)), for: weights.configuration)
            adapter.metadata[Lineage.adapterKey] = model.lineage.rows.map(\.text).sorted().joined(separator: " ")
            return Array(try adapter.encode(.half))
        }
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
                    promptTokens: language.template.encode(request.messages, addGenerationPrompt: true),
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
        report: (TrainingStep) -> Void
    ) throws -> FineTuneResult {
        try translating {
            let language = try language(of: job.base.specification)
            guard job.base.specification.adapter == nil else {
                throw ProviderError(
                    "`\(job.base.displayName)` was fine-tuned before it was shipped; only an untrained model can be fine-tuned.",
                    hint: "finetune model \"student\" or \"base\"")
            }
            let weights = try language.weights(job.base.specification)
            var history: [TrainingStep] = []
            let trainer = try LoRATrainer(base: weights, options: job.options)
            let adapter = try trainer.train(
                job.examples.map(language.template.example), validation: job.validation.map(language.template.example),
                isCancelled: cancellation.isRequested
            ) { step in
                history.append(step)
                report(step)
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

    private func transformer(of model: Model, _ language: LoadedLanguage, blobs: any BlobStoring) throws -> Transformer
    {
        try loaded.withLock { loaded in
            if let known = loaded.transformers.first(where: { $0.id == model.identity.id }) { return known.transformer }
            let weights = try language.weights(model.specification)
            let adapter =
                if let name = model.adapter {
                    try LoRAAdapter(
                        decoding: Data(try blobs.get(name)), for: weights.configuration,
                        name: "the adapter of \(model.displayName)")
                } else {
                    try model.specification.adapter.map { try adapters.adapter($0, for: weights.configuration) }
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

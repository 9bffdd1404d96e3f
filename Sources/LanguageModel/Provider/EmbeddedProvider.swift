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

    private let checkpointInterval: Double
    /// What was really computed so far.
    public let activity = EngineActivity()

    /// - Parameters:
    ///   - weights: the folder with the weight files.
    ///   - kernel: the kernel's folders, with the adapters that it ships.
    ///   - checkpointInterval: seconds of training that a kill may cost.
    public init(weights: String, kernel: [String], batchSize: Int = 32, checkpointInterval: Double = 1) {
        folder = WeightsFolder(path: weights)
        adapters = AdapterFolder(paths: kernel)
        self.batchSize = batchSize
        self.checkpointInterval = checkpointInterval
    }

    public func identity(of specification: ModelSpecification, trainedWeights: String?) throws -> ModelIdentity {
        var id = "sha256:\(try folder.hash(of: specification))"
        if let layers = specification.layers { id += " layers:\(layers.map(String.init).joined(separator: ","))" }
        if let shipped = specification.adapter { id += " taught:\(try adapters.hash(of: shipped))" }
        if let trainedWeights { id += " trained:\(trainedWeights)" }
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

    public func parameterCount(of model: Model) throws -> Int? {
        try translating {
            let weights = try language(of: model.specification).weights(model.specification)
            return WeightsLayout(weights.configuration).count
        }
    }

    public func export(_ model: Model, blobs: any BlobStoring) throws -> [UInt8] {
        guard let name = model.trainedWeights else {
            throw ProviderError(
                "`\(model.displayName)` was not fine-tuned, so there is nothing to export.",
                hint: "lessons | finetune student")
        }
        let metadata = [Lineage.metadataKey: model.lineage.rows.map(\.text).sorted().joined(separator: " ")]
        return try translating {
            let base = try language(of: model.specification).weights(model.specification)
            switch try TrainedFile.read(try blobs.get(name), for: base, name: "the weights of \(model.displayName)") {
            case .adapter(var adapter):
                adapter.metadata.merge(metadata) { $1 }
                return Array(try adapter.encode(.half))
            case .weights(let weights): return Array(try weights.encode(.half, metadata: metadata))
            }
        }
    }

    public func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, cancellation: Cancellation,
        deliver: (Int, Result<Completion, RowError>) throws -> Void
    ) throws {
        try translating {
            let language = try language(of: model.specification)
            let transformer = try self.transformer(of: model, language, blobs: blobs)
            let generator = try Generator(
                model: transformer, tokenizer: language.tokenizer, batchSize: batchSize, activity: activity)
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

    public func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        try translating {
            let language = try language(of: job.base.specification)
            guard job.base.specification.adapter == nil else {
                throw ProviderError(
                    "`\(job.base.displayName)` was fine-tuned before it was shipped; only an untrained model can be fine-tuned.",
                    hint: "finetune model \"student\" or \"base\"")
            }
            let trainer = try Trainer(
                base: try language.weights(job.base.specification), options: job.options,
                checkpointInterval: checkpointInterval, activity: activity)
            let (result, steps) = try trainer.train(
                job.examples.map(language.template.example), validation: job.validation.map(language.template.example),
                supervision: supervision, key: try checkpointKey(of: job))
            return FineTuneResult(weights: Array(try result.encode()), steps: steps)
        }
    }

    /// A hash of all that a job's result depends on.
    public func checkpointKey(of job: FineTuneJob) throws -> String {
        func rows(_ conversations: [[ChatMessage]]) -> Value {
            .list(conversations.map { .list($0.map(\.value)) })
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let whole: Value = [
            "model": .string(job.base.identity.id), "examples": rows(job.examples), "validation": rows(job.validation),
            "options": .string(String(decoding: try encoder.encode(job.options), as: UTF8.self)),
            // The order in which sums are made follows the number of cores.
            "trainer": .integer(Trainer.version), "cores": .integer(Parallel.width),
        ]
        return SHA256Name.of(JSON.text(whole, .canonical))
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
            let base = try language.weights(model.specification)
            let transformer: Transformer
            if let name = model.trainedWeights {
                let file = try TrainedFile.read(
                    try blobs.get(name), for: base, name: "the weights of \(model.displayName)")
                switch file {
                case .adapter(let adapter): transformer = try Transformer(base, adapter: adapter)
                case .weights(let weights): transformer = try Transformer(weights)
                }
            } else {
                let shipped = try model.specification.adapter.map { try adapters.adapter($0, for: base.configuration) }
                transformer = try Transformer(base, adapter: shipped)
            }
            // What was trained is a copy of the weights: the last few models only are kept.
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
            throw ProviderError(
                error.description, hint: "distnb models list shows what is here; distnb models add fetches")
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

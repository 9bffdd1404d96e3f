public import Distillation
internal import Foundation
internal import Synchronization
public import Tables

/// Runs the kernel's models on this machine: the embedded engine behind the core's protocol.
///
/// Weights are loaded with the first request and shared by all models that stand on them.
public final class EmbeddedProvider: ModelProvider {
    /// Raised when the engine gives other answers for the same request; stored completions of older ones stay apart.
    static let engineVersion = 2

    let folder: WeightsFolder
    /// What turns texts into vectors; nil where the kernel names nothing.
    let embedding: ModelSpecification?
    let adapters: AdapterFolder
    private let loaded = Mutex(LoadedModels())
    /// Sequences that decode together.
    private let batchSize: Int

    private let checkpointInterval: Double
    /// What was really computed so far.
    public let activity = EngineActivity()

    /// - Parameters:
    ///   - weights: the folder with the weight files.
    ///   - kernel: the kernel's folders, with the adapters that it ships.
    ///   - embedding: what turns texts into vectors, where the kernel names it.
    ///   - checkpointInterval: seconds of training that a kill may cost.
    public init(
        weights: String, kernel: [String], embedding: ModelSpecification? = nil, batchSize: Int = 32,
        checkpointInterval: Double = 1
    ) {
        self.embedding = embedding
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
        try translating {
            let file = Lineage(trainedOn: try trainedOn(specification), in: "the notebook that exported it")
            guard let name = specification.adapter else { return file }
            let shipped = Lineage(
                adapter: try adapters.adapter(
                    name, for: try language(of: specification).weights(specification).configuration))
            return Lineage(rows: file.rows.union(shipped.rows), trainedIn: shipped.trainedIn ?? file.trainedIn)
        }
    }

    /// What a model's file says; read once, from its header alone.
    private func trainedOn(_ specification: ModelSpecification) throws -> String {
        try loaded.withLock { loaded in
            if let known = loaded.trainedOn[specification.id] { return known }
            let found = try WeightsSource(try folder.file(of: specification)).trainedOn ?? ""
            loaded.trainedOn[specification.id] = found
            return found
        }
    }

    public func parameterCount(of model: Model) throws -> Int? {
        try translating {
            let weights = try language(of: model.specification).weights(model.specification)
            return WeightsLayout(weights.configuration).count
        }
    }

    public func weightBytes(of model: Model, blobs: any BlobStoring) throws -> Int? {
        try translating {
            try transformer(of: model, try language(of: model.specification), blobs: blobs).weights.byteCount
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
                do {
                    let prepared = GenerationRequest(
                        promptTokens: try language.template.encode(request.messages, addGenerationPrompt: true),
                        maxTokens: request.sampling.maxTokens, temperature: Float(request.sampling.temperature),
                        topP: Float(request.sampling.topP), seed: request.key.seed, stop: request.sampling.stop)
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
            let base = try language.weights(job.base.specification)
            let start = try StartingPoint(base, learnt: try learnt(job, language), options: job.options)
            let teacher = try trainingTeacher(of: job, student: language)
            let trainer = try Trainer(
                base: start.weights, options: job.options, checkpointInterval: checkpointInterval,
                heldBytes: base.byteCount + start.ownBytes + (teacher?.ownBytes ?? 0), activity: activity)
            let training = try trainer.train(
                try job.examples.map(language.template.example),
                validation: try job.validation.map(language.template.example),
                teacher: teacher, supervision: supervision, key: try checkpointKey(of: job),
                watch: job.options.watch.isEmpty ? nil : try watch(job, language, start.weights))
            return FineTuneResult(
                weights: Array(try start.whole(training.result).encode()), steps: training.steps, rows: training.rows,
                watched: training.watched, keptStep: training.keptStep, stoppedEarly: training.stoppedEarly)
        }
    }

    /// What the model to train has learnt before: in a notebook, or before it was shipped.
    private func learnt(_ job: FineTuneJob, _ language: LoadedLanguage) throws -> TrainingResult? {
        let base = try language.weights(job.base.specification)
        if let bytes = job.baseWeights {
            return try TrainedFile.read(bytes, for: base, name: "the weights of \(job.base.displayName)")
        }
        return try job.base.specification.adapter.map { .adapter(try adapters.adapter($0, for: base.configuration)) }
    }

    /// Tokens of a watched answer at most: enough to see what it is going to be.
    private static let watchedTokens = 48

    /// Answers a job's watched prompts greedily, in the role that the model has.
    private func watch(_ job: FineTuneJob, _ language: LoadedLanguage, _ base: LanguageModelWeights) throws
        -> Trainer.Watch
    {
        let requests = try job.options.watch.map { prompt in
            let messages = try Conversation.messages(
                prompt: .string(prompt), messages: .null, system: job.base.system)
            return GenerationRequest(
                promptTokens: try language.template.encode(messages, addGenerationPrompt: true),
                maxTokens: Self.watchedTokens)
        }
        return { [activity] trained, isCancelled in
            let transformer =
                switch trained {
                case .adapter(let adapter): try Transformer(base, adapter: adapter)
                case .weights(let weights): try Transformer(weights)
                }
            let generator = try Generator(
                model: transformer, tokenizer: language.tokenizer, batchSize: max(1, min(requests.count, 32)),
                activity: activity)
            var results: [Int: GenerationResult] = [:]
            try generator.generate(requests, isCancelled: isCancelled) { results[$0] = $1 }
            return requests.indices.compactMap { results[$0] }
        }
    }

    /// A hash of all that a job's result depends on.
    public func checkpointKey(of job: FineTuneJob) throws -> String {
        func rows(_ conversations: [[ChatMessage]]) -> Value {
            .list(
                conversations.map { messages in
                    .list(messages.map { .list([$0.value, .bool($0.isLearnt)]) })
                })
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let whole: Value = [
            "teacher": job.teacher.map { .string($0.model.identity.id) } ?? .null,
            "teacher_examples": rows(job.teacher?.examples ?? []),
            "teacher_validation": rows(job.teacher?.validation ?? []),
            "model": .string(job.base.identity.id), "system": job.base.system.map { .string($0) } ?? .null,
            "examples": rows(job.examples), "validation": rows(job.validation),
            "options": .string(String(decoding: try encoder.encode(job.options), as: UTF8.self)),
            // The order in which sums are made follows the number of cores.
            "trainer": .integer(Trainer.version), "cores": .integer(Parallel.width),
        ]
        return SHA256Name.of(JSON.text(whole, .canonical))
    }

    // MARK: Loading

    func language(of specification: ModelSpecification) throws -> LoadedLanguage {
        try loaded.withLock { loaded in
            if let known = loaded.languages[specification.id] { return known }
            let language = try LoadedLanguage(folder.file(of: specification))
            loaded.languages[specification.id] = language
            return language
        }
    }

    /// The encoder of an embedding model, checked by its hash once it is loaded.
    func encoder(of specification: ModelSpecification) throws -> TextEncoder {
        try loaded.withLock { loaded in
            if let known = loaded.encoders[specification.id] { return known }
            _ = try folder.hash(of: specification)
            let encoder = try TextEncoder(folder: try folder.file(of: specification))
            loaded.encoders[specification.id] = encoder
            return encoder
        }
    }

    func transformer(of model: Model, _ language: LoadedLanguage, blobs: any BlobStoring) throws -> Transformer {
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

    func translating<Result>(_ work: () throws -> Result) throws -> Result {
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
    var encoders: [String: TextEncoder] = [:]
    /// What files say of their training.
    var trainedOn: [String: String] = [:]
    var transformers: [(id: String, transformer: Transformer)] = []
}

/// A weights file, or folder, with all that belongs to it.
struct LoadedLanguage {
    let source: WeightsSource
    private let base: LanguageModelWeights
    let tokenizer: Tokenizer
    let template: ChatTemplate

    init(_ path: String) throws {
        source = try WeightsSource(path)
        var tokenizer = try source.tokenizer()
        template = try source.template(tokenizer)
        // What ends a turn ends an answer, also where the file names another token.
        if let end = template.endOfTurn { tokenizer.stopTokens.insert(end) }
        self.tokenizer = tokenizer
        base = try source.weights()
    }

    /// The layers that a model uses.
    func weights(_ specification: ModelSpecification) throws -> LanguageModelWeights {
        try specification.layers.map { try base.selecting(layers: $0) } ?? base
    }
}

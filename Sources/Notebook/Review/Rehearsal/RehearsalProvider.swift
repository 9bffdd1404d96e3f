internal import Distillation
internal import Foundation
internal import Synchronization
internal import Tables
internal import Verbs

/// Stands in for a provider while it is found out what a notebook would take: it runs no model, and notes what was
/// asked.
final class RehearsalProvider: ModelProvider {
    /// What a cell asked.
    struct Asked {
        /// Completions that would be computed or paid for, by the model's alias and whether it is fine-tuned: a service
        /// has another price for what it trained.
        var usage: [String: (model: Model, usage: Usage)] = [:]
        var requests = 0
        /// Whether some replies' lengths are the longest that they may have.
        var isBound = false
        /// Whether some prompts' tokens are guessed from their bytes.
        var isApproximate = false
        var samples: [Sample] = []
        var trainings: [Training] = []
    }

    /// Some requests to one model: what a trial sends.
    struct Sample {
        let model: Model
        let requests: [CompletionRequest]
        /// All tokens of the call that these are of.
        let tokens: Int
        /// Those of the samples.
        let sampleTokens: Int
    }

    struct Training {
        let job: FineTuneJob
        /// Tokens of all examples, prompts and replies.
        let tokens: Int
        let validationTokens: Int
        /// Whether a reply to learn is one that no model gave.
        let isMadeUp: Bool
    }

    private let provider: any ModelProvider
    private let lengths: ReplyLengths
    private let state = Mutex(
        (asked: Asked(), trained: 0, lengths: [String: Double](), replies: 0, madeUp: Set<String>()))

    init(_ provider: any ModelProvider, lengths: ReplyLengths) {
        self.provider = provider
        self.lengths = lengths
    }

    /// What was asked since this was called the last time.
    func take() -> Asked {
        state.withLock { state in
            defer { state.asked = Asked() }
            return state.asked
        }
    }

    func identity(of specification: ModelSpecification, trainedWeights: String?) throws -> ModelIdentity {
        do {
            return try provider.identity(of: specification, trainedWeights: trainedWeights)
        } catch let error as ProviderError {
            // A model that is not here can be planned for all the same.
            guard trainedWeights == nil else { throw error }
            return ModelIdentity(endpoint: RehearsedLanguage.finishReason, id: specification.id)
        }
    }

    func lineage(of specification: ModelSpecification) throws -> Lineage {
        (try? provider.lineage(of: specification)) ?? Lineage()
    }

    func parameterCount(of model: Model) throws -> Int? { nil }

    func export(_ model: Model, as export: ModelExport, blobs: any BlobStoring) throws -> [ExportedFile] { [] }

    func checkpointKey(of job: FineTuneJob) throws -> String { RehearsedLanguage.finishReason }

    func embeddingIdentity() throws -> ModelIdentity { try provider.embeddingIdentity() }

    /// Vectors that say nothing: a score that is made of them decides nothing in a rehearsal.
    func embeddings(
        of texts: [String], cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> TextEmbeddings {
        TextEmbeddings(vectors: texts.map { _ in [1] })
    }

    func tokenCount(of messages: [ChatMessage], for specification: ModelSpecification) throws -> Int? {
        try provider.tokenCount(of: messages, for: specification)
    }

    func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, cancellation: Cancellation,
        deliver: (Int, Result<Distillation.Completion, RowError>) throws -> Void
    ) throws {
        var counter = TokenCounter(provider: provider, specification: model.specification)
        var total = Usage()
        let length = reply(of: model)
        var usages: [Usage] = []
        for (index, request) in requests.enumerated() {
            if index % 64 == 0 { try cancellation.check() }
            let reply = min(length.map { max(1, Int($0.rounded())) } ?? .max, request.sampling.maxTokens)
            let usage = Usage(promptTokens: counter.count(request.messages), completionTokens: reply)
            usages.append(usage)
            total = total + usage
        }
        let chosen = Self.spread(requests.count, Self.sampleCount)
        let sample = Sample(
            model: model, requests: chosen.map { requests[$0] }, tokens: total.promptTokens + total.completionTokens,
            sampleTokens: chosen.reduce(0) { $0 + usages[$1].promptTokens + usages[$1].completionTokens })
        state.withLock { state in
            state.asked.requests += requests.count
            let key = "\(model.alias) \(model.trainedWeights != nil)"
            state.asked.usage[key] = (model, (state.asked.usage[key]?.usage ?? Usage()) + total)
            state.asked.isBound = state.asked.isBound || length == nil
            state.asked.isApproximate = state.asked.isApproximate || !counter.isExact
            state.asked.samples.append(sample)
        }
        let text = lengths.text(of: model.identity.id)
        for (index, usage) in usages.enumerated() {
            let said = text ?? String(repeating: "so ", count: usage.completionTokens)
            let words = state.withLock { state in
                state.replies += 1
                let words = said + Self.mark(state.replies)
                state.madeUp.insert(words)
                return words
            }
            try deliver(
                index,
                .success(
                    Distillation.Completion(
                        text: words, finishReason: RehearsedLanguage.finishReason, usage: usage, seconds: 0)))
        }
    }

    /// A number as blanks: real replies differ, and a judge is asked about each. Blanks at the end change neither JSON nor
    /// labels, and hardly a count of tokens.
    private static func mark(_ number: Int) -> String {
        String(number, radix: 2).reduce(into: "") { $0.append($1 == "1" ? "\n" : " ") }
    }

    /// How long a model's replies are; nil where nothing is known of them.
    private func reply(of model: Model) -> Double? {
        if let known = lengths.mean(of: model.identity.id) { return known }
        guard let weights = model.trainedWeights else { return lengths.usual }
        // A student answers as its lessons do.
        return state.withLock { $0.lengths[weights] } ?? lengths.usual
    }

    func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        var counter = TokenCounter(provider: provider, specification: job.base.specification)
        var replies = 0.0
        let counts = job.examples.map { example in
            let count = counter.count(example)
            var prompt = example
            if prompt.last?.role == "assistant" { prompt.removeLast() }
            replies += Double(max(1, count - counter.count(prompt)))
            return count
        }
        let validation = job.validation.reduce(0) { $0 + counter.count($1) }
        let (isExact, tokens) = (counter.isExact, counts.reduce(0, +))
        let number = state.withLock { state in
            state.trained += 1
            let madeUp = state.madeUp
            let isMadeUp = job.examples.contains { $0.last.map { madeUp.contains($0.content) } ?? false }
            state.asked.trainings.append(
                Training(job: job, tokens: tokens, validationTokens: validation, isMadeUp: isMadeUp))
            state.asked.isApproximate = state.asked.isApproximate || !isExact
            return state.trained
        }
        let bytes = Array("rehearsal \(number)".utf8)
        state.withLock { $0.lengths[SHA256Name.of(bytes)] = replies / Double(max(1, counts.count)) }
        let total = max(1, job.options.steps(rows: job.examples.count))
        let epochs = max(1, job.options.epochs)
        let steps = (1...epochs).map { epoch in
            TrainingStep(
                step: max(1, total * epoch / epochs), totalSteps: total, epoch: epoch, loss: 0,
                validationLoss: job.validation.isEmpty ? nil : 0, learningRate: 0, gradientNorm: 0, tokensPerSecond: 0,
                secondsLeft: 0)
        }
        return FineTuneResult(weights: bytes, steps: steps, rows: counts.map { RowLoss(tokens: $0, first: 0, last: 0) })
    }

    func prune(
        _ job: PruningJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> PruningResult {
        PruningResult(layers: Array(0..<max(1, job.count)), measures: [])
    }

    /// Requests of each call that a trial may send.
    private static let sampleCount = 16

    /// Some of so many places, evenly spread.
    static func spread(_ count: Int, _ most: Int) -> [Int] {
        count <= most ? Array(0..<count) : (0..<most).map { $0 * count / most }
    }
}

/// Counts tokens: exactly for the first texts where the model is here, then by these texts' bytes for each token.
struct TokenCounter {
    private let provider: any ModelProvider
    private let specification: ModelSpecification
    private var counted = (texts: 0, tokens: 0, bytes: 0)
    /// Whether every count so far rests on the model's own tokens.
    private(set) var isExact = true

    /// Texts that are counted exactly: enough for a mean, and a second at most.
    private static let limit = 1_000
    /// What a token of English takes, by OpenAI's rule of thumb.
    private static let bytesPerToken = 4.0

    init(provider: any ModelProvider, specification: ModelSpecification) {
        self.provider = provider
        self.specification = specification
    }

    mutating func count(_ messages: [ChatMessage]) -> Int {
        let bytes = messages.reduce(0) { $0 + $1.content.utf8.count + 12 }
        if counted.texts < Self.limit, let known = try? provider.tokenCount(of: messages, for: specification) {
            counted = (counted.texts + 1, counted.tokens + known, counted.bytes + bytes)
            return known
        }
        if counted.texts > 0 {
            return Int((Double(bytes) * Double(counted.tokens) / Double(max(1, counted.bytes))).rounded())
        }
        isExact = false
        return max(1, Int((Double(bytes) / Self.bytesPerToken).rounded()))
    }
}

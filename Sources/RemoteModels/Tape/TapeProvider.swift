public import Distillation
public import Tables

/// Answers from a tape. Sends nothing, computes nothing.
public final class TapeProvider: ModelProvider {
    private let tape: Tape
    private let index: TapeIndex

    public init(_ tape: Tape) {
        self.tape = tape
        index = TapeIndex(tape.completions)
    }

    /// The model as it was when it was recorded, so that what was computed with it stays current.
    public func identity(of specification: ModelSpecification, trainedWeights: String?) throws -> ModelIdentity {
        try recorded(specification).identity
    }

    public func lineage(of specification: ModelSpecification) throws -> Lineage { Lineage() }

    public func parameterCount(of model: Model) throws -> Int? { nil }

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
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, supervision: CompletionSupervision
    ) throws {
        // A model that a cell saved while it was run by the service may name it otherwise, as "*".
        let recorded =
            try tape.header.models.first { $0.identity == model.identity } ?? self.recorded(model.specification)
        var traffic = TrafficReport()
        var replay = TrafficReport.Replay(
            count: 0, source: "the tape \(tape.name) (\(recorded.words), recorded on \(tape.header.day))",
            dollars: recorded.price == nil ? nil : 0)
        for first in stride(from: 0, to: requests.count, by: Self.batch) {
            try supervision.cancellation.check()
            var deliveries: [CompletionSupervision.Delivery] = []
            for place in first..<min(first + Self.batch, requests.count) {
                let result: Result<Completion, RowError>
                if let answer = index.answer(to: requests[place]) {
                    result = .success(answer)
                    replay.count += 1
                    replay.dollars = recorded.price.map { (replay.dollars ?? 0) + $0.cost(of: answer.usage) }
                } else {
                    result = .failure(missing(requests[place], model))
                    traffic.failed += 1
                }
                deliveries.append(CompletionSupervision.Delivery(index: place, result: result))
            }
            try supervision.deliver(deliveries)
        }
        traffic.answered = replay.count
        traffic.replay = replay
        supervision.report(traffic)
    }

    /// Enough for the store to keep at once, few enough to stop promptly.
    private static let batch = 500

    private func recorded(_ specification: ModelSpecification) throws -> TapeHeader.RecordedModel {
        if let model = tape.header.models.first(where: { $0.identity.id == specification.id }) { return model }
        let names = tape.header.models.map { "\($0.alias) (\($0.name))" }.joined(separator: ", ")
        throw ProviderError(
            "The tape \(tape.name) holds nothing of \(specification.id); it holds \(names).",
            hint: "use one of these, or another kernel: --kernel NAME")
    }

    private func missing(_ request: CompletionRequest, _ model: Model) -> RowError {
        let question = request.messages.last { $0.role == "user" }?.content ?? ""
        let words = question.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let shown = words.count > 40 ? words.prefix(40) + "…" : words
        return RowError(
            "the tape \(tape.name) does not hold the request “\(shown)” to \(model.alias); it holds "
                + "\(index.nearest(to: request)). Who has the kernel \(tape.header.kernel) can run the cell with it and "
                + "record the tape anew: distnb completions record")
    }

    private func refusal(_ what: String) -> ProviderError {
        ProviderError(
            "The tape \(tape.name) replays answers; it \(what).",
            hint: "choose a student that runs here, or the kernel that was recorded: --kernel \(tape.header.kernel)")
    }

    public func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        throw refusal("cannot be fine-tuned, nor give a teacher's probabilities")
    }

    public func checkpointKey(of job: FineTuneJob) throws -> String { throw refusal("cannot be fine-tuned") }

    public func prune(
        _ job: PruningJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> PruningResult { throw refusal("has no layers that can be measured") }

    public func export(_ model: Model, as export: ModelExport, blobs: any BlobStoring) throws -> [ExportedFile] {
        throw refusal("has no weights to export")
    }

    public func embeddingIdentity() throws -> ModelIdentity { throw refusal("turns no texts into vectors") }

    public func embeddings(
        of texts: [String], cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> TextEmbeddings { throw refusal("turns no texts into vectors") }

    public func tokenCount(of messages: [ChatMessage], for specification: ModelSpecification) throws -> Int? { nil }

    public func contextLength(of specification: ModelSpecification) throws -> Int? { nil }

    public func reading(of conversation: [ChatMessage], for specification: ModelSpecification) throws -> [TokenRun]? {
        nil
    }
}

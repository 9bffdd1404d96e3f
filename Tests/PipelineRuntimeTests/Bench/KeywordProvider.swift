import Distillation
import Tables

/// Models that find a customer's intent by a keyword: the teacher and whatever was trained know it, the student
/// answers "unknown".
struct KeywordProvider: ModelProvider {
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
        let knows = model.specification.id == "big" || model.trainedWeights != nil
        for (index, request) in requests.enumerated() {
            let words = request.messages.last?.content ?? ""
            let intent = !knows ? "unknown" : words.contains("cancel") ? "cancel" : "track"
            try deliver(
                index,
                .success(
                    Completion(
                        text: "{\"intent\": \"\(intent)\"}", finishReason: "stop",
                        usage: Usage(promptTokens: 3, completionTokens: 2), seconds: 0.5)))
        }
    }

    /// The first layers stay, of as many as are named.
    func prune(
        _ job: PruningJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> PruningResult {
        PruningResult(
            layers: Array(0..<job.count),
            measures: (0...job.count).map {
                LayerMeasure(layer: $0, measure: 0.5, removed: $0 < job.count ? nil : 1)
            })
    }

    func checkpointKey(of job: FineTuneJob) throws -> String { "\(job.examples.count) rows" }

    func embeddingIdentity() throws -> ModelIdentity { ModelIdentity(endpoint: "scripted", id: "letters") }

    /// Texts of the same letters lie in one direction; those of more than 20 are cut.
    func embeddings(
        of texts: [String], cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> TextEmbeddings {
        let vectors = texts.map { text -> [Float] in
            var counts = [Float](repeating: 0, count: 26)
            for byte in text.utf8.prefix(20) where (0x61...0x7A).contains(byte | 0x20) {
                counts[Int(byte | 0x20) - 0x61] += 1
            }
            let length = counts.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return counts.map { $0 / max(1, length) }
        }
        return TextEmbeddings(vectors: vectors, cut: texts.indices.filter { texts[$0].utf8.count > 20 })
    }

    func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        let step = TrainingStep(
            step: 1, totalSteps: 1, epoch: 1, loss: 0.5, validationLoss: 0.75, learningRate: 1e-3, gradientNorm: 1,
            tokensPerSecond: 10, secondsLeft: 0)
        supervision.report(step)
        return FineTuneResult(
            weights: Array("adapter of \(job.examples.count) rows".utf8), steps: [step],
            rows: job.examples.map { RowLoss(tokens: $0.count, first: 1, last: 0.5) })
    }
}

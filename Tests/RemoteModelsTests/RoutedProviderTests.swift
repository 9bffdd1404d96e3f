import Distillation
import Tables
import Testing

@testable import RemoteModels

/// A kernel whose teacher is at a service and whose student is here.
@Suite struct RoutedProviderTests {
    private static let teacher = ModelSpecification(id: "big")
    private static let student = ModelSpecification(id: "small", provider: "embedded")

    private func kernel(embedding: ModelSpecification? = nil) -> KernelProfile {
        KernelProfile(
            name: "mixed", displayName: "Mixed", provider: "compatible",
            models: ["teacher": Self.teacher, "student": Self.student], embedding: embedding, maxTokens: 8)
    }

    private func provider(embedding: ModelSpecification? = nil) -> RoutedProvider {
        RoutedProvider(
            kernel: kernel(embedding: embedding), own: PlacedProvider(place: "service"),
            others: ["embedded": PlacedProvider(place: "here")])
    }

    private func model(_ specification: ModelSpecification, in provider: RoutedProvider) throws -> Model {
        Model(
            alias: specification.id, specification: specification,
            identity: try provider.identity(of: specification, trainedWeights: nil))
    }

    @Test func eachModelIsAskedWhereItRuns() throws {
        let provider = provider()
        for (specification, place) in [(Self.teacher, "service"), (Self.student, "here")] {
            let model = try model(specification, in: provider)
            #expect(model.identity.endpoint == place)
            var told: [String] = []
            let request = CompletionRequest(
                model: model.identity, messages: [ChatMessage(role: "user", content: "Hello")],
                sampling: Sampling(maxTokens: 8))
            try provider.complete([request], with: model, blobs: NoBlobs(), cancellation: .never) { _, result in
                told.append((try? result.get().text) ?? "")
            }
            #expect(told == [place])
            #expect(try provider.contextLength(of: specification) == place.count)
        }
    }

    @Test func aStudentCannotLearnTheProbabilitiesOfATeacherElsewhere() throws {
        let provider = provider()
        let teacher = try model(Self.teacher, in: provider)
        let job = FineTuneJob(
            base: try model(Self.student, in: provider), examples: [], validation: [],
            options: FineTuneOptions(method: .soft(SoftLabelOptions())),
            teacher: FineTuneTeacher(model: teacher, examples: [], validation: [], blobs: NoBlobs()))
        let refused = #expect(throws: ProviderError.self) { try provider.fineTune(job, supervision: .init()) }
        #expect(refused?.hint?.contains("sft") == true)
        let text = FineTuneJob(
            base: job.base, examples: [], validation: [], options: FineTuneOptions(), teacher: nil)
        #expect(try provider.fineTune(text, supervision: .init()).weights == Array("here".utf8))
    }

    @Test func textsBecomeVectorsWhereTheKernelSays() throws {
        #expect(try provider().embeddingIdentity().endpoint == "service")
        let here = ModelSpecification(id: "minilm", provider: "embedded")
        #expect(try provider(embedding: here).embeddingIdentity().endpoint == "here")
    }

    @Test func aPlaceThatThereIsNotIsToldWithThoseThatThereAre() throws {
        let lost = ModelSpecification(id: "lost", provider: "moon")
        let refused = #expect(throws: ProviderError.self) {
            try provider().identity(of: lost, trainedWeights: nil)
        }
        #expect(refused?.description.contains("`moon`") == true)
        #expect(refused?.hint?.contains("compatible, embedded") == true)
    }
}

/// Answers everything with the name of the place where it runs.
private struct PlacedProvider: ModelProvider {
    let place: String

    func identity(of specification: ModelSpecification, trainedWeights: String?) throws -> ModelIdentity {
        ModelIdentity(endpoint: place, id: specification.id)
    }

    func lineage(of specification: ModelSpecification) throws -> Lineage { Lineage() }

    func parameterCount(of model: Model) throws -> Int? { nil }

    func export(_ model: Model, as export: ModelExport, blobs: any BlobStoring) throws -> [ExportedFile] { [] }

    func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, cancellation: Cancellation,
        deliver: (Int, Result<Completion, RowError>) throws -> Void
    ) throws {
        for index in requests.indices {
            try deliver(
                index, .success(Completion(text: place, finishReason: "stop", usage: Usage(), seconds: 0)))
        }
    }

    func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        FineTuneResult(weights: Array(place.utf8), steps: [])
    }

    func prune(_ job: PruningJob, cancellation: Cancellation, progress: (Int, Int) -> Void) throws -> PruningResult {
        throw ProviderError("none")
    }

    func checkpointKey(of job: FineTuneJob) throws -> String { place }

    func contextLength(of specification: ModelSpecification) throws -> Int? { place.count }

    func embeddingIdentity() throws -> ModelIdentity { ModelIdentity(endpoint: place, id: "vectors") }
}

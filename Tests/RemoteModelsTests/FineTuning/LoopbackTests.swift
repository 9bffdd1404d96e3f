import Distillation
import Foundation
import OpenAIWire
import OrderedCollections
import RemoteModels
import ServiceDouble
import Synchronization
import Tables
import Testing

/// The whole way, over sockets, against the double of the service. Only the pauses are not waited for.
struct LoopbackTests {
    private final class Checkpoints: CheckpointStoring {
        let kept = Mutex<[String: Data]>([:])
        func read(_ key: String) -> Data? { kept.withLock { $0[key] } }
        func write(_ key: String, _ pieces: [Data]) throws { kept.withLock { $0[key] = pieces.reduce(Data(), +) } }
        func remove(_ key: String) { kept.withLock { $0[key] = nil } }
        func finish(_ key: String) {}
        func settleFinished(areKept: Bool) {}
        func removeOthers() {}
    }

    private func surroundings() -> RemoteSurroundings {
        .hasty(["KEY": "sk-lab-test-key", "TOKEN": "token-lab-test"])
    }

    private func profile(_ double: ServiceDouble, _ flavour: ServiceProfile.Flavour) -> ServiceProfile {
        let account =
            "\(double.address)/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/lab"
        return ServiceProfile(
            flavour: flavour, endpoint: double.baseURL, key: .environment("KEY"), features: [.fineTuning],
            deployment: flavour == .azure
                ? ServiceProfile.Deployment(account: account, token: .environment("TOKEN")) : nil)
    }

    @Test func aModelIsTrainedByOpenAI() throws {
        let double = try ServiceDouble(.init(key: "sk-lab-test-key"))
        let client = RemoteFineTuning(profile(double, .openai), kernel: "lab", surroundings: surroundings())
        let told = JobsWorld.Told()
        let options = FineTuneOptions(epochs: 2, batchSize: 4)
        let result = try client.run(
            .lesson(validation: 10, options: options, given: ["epochs", "batch_size"], suffix: "cora"),
            supervision: TrainingSupervision(
                checkpoints: Checkpoints(), report: { step in told.words.withLock { $0.steps.append(step) } }))
        #expect(result.specification?.id.hasPrefix("ft:gpt-4.1-mini-2025-04-14:org-double:cora:") == true)
        #expect(result.steps.map(\.step) == [1, 2, 3, 4, 5, 6])
        #expect(told.steps.map(\.step) == [1, 2, 3, 4, 5, 6])
        #expect(result.steps.map(\.epoch) == [1, 1, 1, 2, 2, 2])
        // Measured over all rows at the ends of the epochs only.
        #expect(result.steps.map { $0.validationLoss != nil } == [false, false, true, false, false, true])
        #expect((result.receipt?.tokens ?? 0) > 0)
        #expect(result.receipt?.options[field: "batch_size"] == 4)
    }

    @Test func aModelIsTrainedAndDeployedByAzureAndTheDeploymentIsDeleted() throws {
        var options = ServiceDouble.Options(key: "sk-lab-test-key", flavour: .azure)
        options.managementToken = "token-lab-test"
        options.filePolls = 2
        let double = try ServiceDouble(options)
        let profile = profile(double, .azure)
        let client = RemoteFineTuning(profile, kernel: "lab", surroundings: surroundings())
        let result = try client.run(
            .lesson(validation: 10), supervision: TrainingSupervision(checkpoints: Checkpoints()))
        let name = try #require(result.specification?.id)
        #expect(name.hasPrefix("distnb-ftjob-"))

        let deployments = ModelDeployments(
            try #require(profile.deployment), kernel: "lab", surroundings: surroundings())
        #expect(try deployments.all().compactMap(\.name).contains(name))
        #expect(try deployments.delete(name))
        #expect(try !deployments.all().compactMap(\.name).contains(name))
        // Asking whether it answers made nothing that is paid for.
        #expect(double.ledger.generated == 0)
        for request in double.ledger.requests {
            let isManagement = request.path.hasPrefix("/subscriptions")
            #expect(request.headers["authorization"] == (isManagement ? "Bearer token-lab-test" : nil))
            #expect(request.headers["api-key"] == (isManagement ? nil : "sk-lab-test-key"))
        }
    }

    /// Those that are over at once; a stall would have to be waited for.
    private static let faults: [Fault] = [
        .unavailable, .internalErrorAfterGenerating, .internalError, .resetBeforeGenerating, .resetAfterGenerating,
    ]

    @Test(arguments: 1...3)
    func aServiceThatFailsNowAndThenTrainsOneModel(_ seed: Int) throws {
        let double = try ServiceDouble(
            .init(
                key: "sk-lab-test-key", faults: FaultPlan(seed: seed, rate: 0.25, of: Self.faults, scope: .everything)))
        let client = RemoteFineTuning(profile(double, .openai), kernel: "lab", surroundings: surroundings())
        let checkpoints = Checkpoints()
        var result: FineTuneResult?
        // Whoever gets an error runs the cell again.
        for _ in 1...20 where result == nil {
            result = try? client.run(
                .lesson(validation: 10), supervision: TrainingSupervision(checkpoints: checkpoints))
        }
        #expect(result?.specification != nil)
        #expect(try JobsOf(double).ids().count == 1)
    }

    /// The jobs that the double has, asked without faults.
    private struct JobsOf {
        let double: ServiceDouble

        init(_ double: ServiceDouble) { self.double = double }

        func ids() throws -> [String] {
            double.fail(by: .none)
            let client = ServiceClient(
                ServiceEndpoint(address: double.baseURL, key: .environment("KEY"), scheme: .bearer, kernel: "lab"),
                surroundings: RemoteSurroundings(
                    now: { 0 }, date: { 0 }, seed: 1, secrets: ServiceSecret(environment: ["KEY": "sk-lab-test-key"]),
                    network: TransportLender { CurlPool(agent: "distnb/test") }))
            let page = try FineTuningJobList(bytes: client.send(ServiceCall(.get, "/fine_tuning/jobs")).body)
            return page.elements.map(\.id)
        }
    }

    @Test func aJobThatFailsIsToldInWords() throws {
        var options = ServiceDouble.Options(key: "sk-lab-test-key")
        options.training = .init(
            failure: .init(code: "exceeded_quota", message: "This job would exceed your hard limit."))
        let double = try ServiceDouble(options)
        let client = RemoteFineTuning(profile(double, .openai), kernel: "lab", surroundings: surroundings())
        let error = try #require(throws: ProviderError.self) {
            try client.run(.lesson(validation: 10), supervision: TrainingSupervision(checkpoints: Checkpoints()))
        }
        #expect(error.description.contains("would exceed your hard limit"))
    }
}

import Distillation
import RemoteModels
import Synchronization
import Tables

/// A kernel, its model and requests to it.
struct Bench {
    var limits = ServiceProfile.Limits()
    var features: Set<ServiceProfile.Feature> = []
    var endpoint = "http://127.0.0.1:8080/v1"
    var flavour = ServiceProfile.Flavour.compatible
    var key = ServiceProfile.SecretSource.none
    var modelID = "m"
    var embedding: ModelSpecification?

    var kernel: KernelProfile {
        KernelProfile(
            name: "compatible", displayName: "Compatible", provider: flavour.rawValue,
            models: ["teacher": ModelSpecification(id: modelID)], embedding: embedding, maxTokens: 256, host: endpoint,
            service: ServiceProfile(
                flavour: flavour, endpoint: endpoint, key: key, limits: limits, features: features))
    }

    func provider(_ surroundings: RemoteSurroundings) throws -> RemoteProvider {
        guard let provider = RemoteProvider(kernel, surroundings: surroundings) else {
            throw ProviderError("the kernel has no service")
        }
        return provider
    }

    var model: Model {
        Model(
            alias: "teacher", specification: ModelSpecification(id: modelID),
            identity: ModelIdentity(endpoint: "127.0.0.1:8080", id: modelID), system: nil)
    }

    func requests(_ count: Int, maxTokens: Int = 64, ordinal: Int = 0) -> [CompletionRequest] {
        (0..<count).map { number in
            CompletionRequest(
                model: model.identity, messages: [ChatMessage(role: "user", content: "question \(number)")],
                sampling: Sampling(maxTokens: maxTokens, seed: 3), ordinal: ordinal)
        }
    }
}

/// What a run told.
final class Ledger {
    private(set) var answers: [Int: [Result<Completion, RowError>]] = [:]
    private(set) var sent: Set<Int> = []
    private(set) var uncertain: Set<Int> = []
    private(set) var traffic = TrafficReport()
    private(set) var deliveries = 0

    func supervision(
        cancellation: Cancellation = .never, metadata: [String: String] = [:], isStored: Bool = false,
        unsettled: Set<Int> = []
    ) -> CompletionSupervision {
        CompletionSupervision(
            cancellation: cancellation, metadata: metadata, isStored: isStored, unsettled: unsettled,
            sending: { self.sent.formUnion($0) }, report: { self.traffic = $0 }
        ) { deliveries in
            self.deliveries += 1
            for delivery in deliveries {
                self.answers[delivery.index, default: []].append(delivery.result)
                if delivery.isUncertain { self.uncertain.insert(delivery.index) }
            }
        }
    }

    /// The texts of rows that were answered exactly once.
    var texts: [Int: String] {
        answers.compactMapValues { results in
            guard results.count == 1, case .success(let completion) = results[0] else { return nil }
            return completion.text
        }
    }

    var failures: [Int: String] {
        answers.compactMapValues { results in
            guard results.count == 1, case .failure(let error) = results[0] else { return nil }
            return error.message
        }
    }
}

/// Keeps no blobs.
struct NoBlobs: BlobStoring {
    func put(_ bytes: [UInt8]) throws -> String { SHA256Name.of(bytes) }
    func get(_ name: String) throws -> [UInt8] { throw BlobError.missing(name) }
    func contains(_ name: String) -> Bool { false }
}

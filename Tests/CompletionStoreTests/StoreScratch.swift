import Distillation
import Foundation
import Synchronization
import Tables

@testable import CompletionStore

/// A store in a folder of its own.
struct Scratch: ~Copyable {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-store-\(UUID().uuidString)").path
    var path: String { folder + "/.distnb/completions.sqlite" }
    deinit { try? FileManager.default.removeItem(atPath: folder) }
}

/// A clock that is set by hand.
final class SetClock: Sendable {
    private let seconds: Mutex<Double>
    init(_ seconds: Double) { self.seconds = Mutex(seconds) }
    var now: @Sendable () -> Double { { self.seconds.withLock { $0 } } }
    func pass(days: Double) { seconds.withLock { $0 += days * 86_400 } }
}

func stored(
    _ text: String, _ prompt: String, tags: [String: String] = [:], at time: Double = 0, model: String = "m",
    name: String = "cora", topLogprobs: Int? = nil, id: String? = nil, logprobs: Value? = nil
) -> StoredCompletion {
    StoredCompletion(
        request: CompletionRequest(
            model: ModelIdentity(endpoint: "e", id: model), messages: [ChatMessage(role: "user", content: prompt)],
            sampling: Sampling(temperature: 0.3, maxTokens: 9, seed: 4, stop: ["x"], topLogprobs: topLogprobs)),
        completion: Completion(
            text: text, finishReason: "stop", usage: Usage(promptTokens: 3, completionTokens: 5), seconds: 0.25,
            id: id, logprobs: logprobs),
        modelName: name, metadata: tags, createdAt: time)
}

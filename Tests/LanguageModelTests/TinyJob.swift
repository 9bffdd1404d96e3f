import Distillation
import Foundation
import Synchronization

@testable import LanguageModel

/// Checkpoints in memory.
final class MemoryCheckpoints: CheckpointStoring {
    private let files = Mutex<[String: Data]>([:])

    /// The checkpoint of the job without a key.
    var data: Data? {
        get { read("") }
        set { files.withLock { $0[""] = newValue } }
    }

    func read(_ key: String) -> Data? { files.withLock { $0[key] } }

    func write(_ key: String, _ pieces: [Data]) {
        // The pieces live as long as the call only.
        let whole = Data(pieces.joined())
        files.withLock { $0[key] = whole }
    }

    func remove(_ key: String) { files.withLock { $0[key] = nil } }
    func finish(_ key: String) {}
    func settleFinished(areKept: Bool) {}
    func removeOthers() {}
}

/// Small jobs for the tiny model.
enum TinyJob {
    static func row(_ first: Int, count: Int = 9, answer: Int = 4) -> TrainingExample {
        TrainingExample(
            tokens: (0..<count).map { 60 + Int32((first * 9 + $0) % 90) },
            trained: (0..<count).map { $0 >= count - answer })
    }

    static let rows = (0..<5).map { row($0) }

    /// Rows that contradict the first training row: what is learnt makes them worse.
    static let contradiction = [
        TrainingExample(
            tokens: Array(rows[0].tokens.prefix(5)) + rows[1].tokens.suffix(4), trained: rows[0].trained)
    ]

    /// Answers greedily to one-token prompts; nothing of it may reach the training.
    static func watch(_ base: LanguageModelWeights, prompts: [Int32]) -> Trainer.Watch {
        { trained, isCancelled in
            let transformer =
                switch trained {
                case .adapter(let adapter): try Transformer(base, adapter: adapter)
                case .weights(let weights): try Transformer(weights)
                }
            let generator = try Generator(model: transformer, tokenizer: Tokenizer(TinyModel.gguf))
            var results: [Int: GenerationResult] = [:]
            try generator.generate(
                prompts.map { GenerationRequest(promptTokens: [$0], maxTokens: 5) }, isCancelled: isCancelled
            ) { results[$0] = $1 }
            return prompts.indices.compactMap { results[$0] }
        }
    }
}

/// How often it was asked.
final class AskedCount: Sendable {
    private let count = Mutex(0)

    /// The number of this question, from 1.
    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

public import Foundation
public import Tables

/// What a student learns from.
public enum TrainingMethod: Sendable, Hashable, Codable {
    /// The text of the replies: cross-entropy of each of their tokens (supervised fine-tuning).
    case sft
    /// A teacher's probabilities of each token of the replies, mixed with the text itself.
    case soft(SoftLabelOptions)
    /// A teacher's probabilities of each token of replies that the student itself gives.
    case onPolicy(OnPolicyOptions)

    /// What the language calls it.
    public var name: String {
        switch self {
        case .sft: "sft"
        case .soft: "soft"
        case .onPolicy: "on_policy"
        }
    }

    /// The names of all methods.
    public static let names = ["sft", "soft", "on_policy"]

    /// Whether it needs to see a teacher's probabilities.
    public var needsTeacher: Bool { self != .sft }
}

/// How to learn a teacher's soft labels (Hinton, Vinyals, Dean 2015): the loss is
/// (1 − ratio) · cross-entropy + ratio · T² · KL(teacher ‖ student).
public struct SoftLabelOptions: Sendable, Hashable, Codable {
    /// T, by which the logits of both are divided before the softmax.
    public var temperature: Double
    /// The share of the divergence in the loss.
    public var ratio: Double
    /// How many of the teacher's likeliest tokens are kept at each position; the others count as one token.
    public var topK: Int

    public init(temperature: Double = 2, ratio: Double = 0.5, topK: Int = 64) {
        self.temperature = temperature
        self.ratio = ratio
        self.topK = topK
    }
}

/// How to learn on the student's own replies: generalised knowledge distillation (Agarwal et al. 2024,
/// https://arxiv.org/abs/2306.13649).
public struct OnPolicyOptions: Sendable, Hashable, Codable {
    /// Of the student's sampling and, in the loss, of both distributions.
    public var temperature: Double
    /// The probability λ that a batch's replies are sampled from the student; the rows' own are used otherwise.
    public var lambda: Double
    /// β of the generalised Jensen–Shannon divergence: 0 is KL(teacher ‖ student), 1 is KL(student ‖ teacher).
    public var beta: Double
    /// The longest reply that is sampled, in tokens.
    public var maxTokens: Int

    public init(temperature: Double = 1, lambda: Double = 0.5, beta: Double = 0.5, maxTokens: Int = 128) {
        self.temperature = temperature
        self.lambda = lambda
        self.beta = beta
        self.maxTokens = maxTokens
    }
}

/// The teacher whose probabilities a student learns.
public struct FineTuneTeacher: Sendable {
    public let model: Model
    /// The job's examples as the teacher sees them: under its own system prompt, with the same replies.
    public let examples: [[ChatMessage]]
    /// The job's validation rows, likewise.
    public let validation: [[ChatMessage]]
    /// Where the teacher's trained weights lie.
    public let blobs: any BlobStoring

    public init(model: Model, examples: [[ChatMessage]], validation: [[ChatMessage]], blobs: any BlobStoring) {
        self.model = model
        self.examples = examples
        self.validation = validation
        self.blobs = blobs
    }
}

/// Keeps teachers' probabilities, so that no epoch and no other training computes them again.
///
/// What is kept is found by a group, which names all that the probabilities depend on besides the rows. A part is written
/// whole or not at all, so that a kill costs the part that was being computed.
public protocol SoftLabelStoring: Sendable {
    /// The parts that are kept of a group, in any order. They may be damaged; whoever reads them checks them.
    func parts(of group: String) -> [Data]

    /// Keeps one more part.
    /// - Throws: what the disk says; the training goes on without.
    func add(_ part: Data, to group: String) throws
}

/// How far a teacher's probabilities are.
public struct SoftLabelProgress: Sendable, Hashable {
    /// Rows whose probabilities are there.
    public var done: Int
    public var total: Int
    /// Rows whose probabilities were kept from an earlier training.
    public var stored: Int
    /// What all of them take on the disk.
    public var bytes: Int

    public init(done: Int, total: Int, stored: Int, bytes: Int) {
        self.done = done
        self.total = total
        self.stored = stored
        self.bytes = bytes
    }
}

/// Keeps nothing: every training asks its teacher anew.
public struct NoSoftLabels: SoftLabelStoring {
    public init() {}
    public func parts(of group: String) -> [Data] { [] }
    public func add(_ part: Data, to group: String) throws {}
}

extension ProviderError {
    /// A teacher whose probabilities cannot be had, because its provider gives text only.
    public static func noProbabilities(of teacher: String, method: TrainingMethod) -> ProviderError {
        ProviderError(
            "`method: \"\(method.name)\"` needs the teacher's probabilities of every token; `\(teacher)` gives its text only.",
            hint: "learn from its text: rows | generate \(teacher) | finetune student, method: \"sft\"")
    }

    /// A teacher and a student that cut text into different tokens.
    public static func otherVocabulary(
        of teacher: String, than student: String, difference: String, method: TrainingMethod
    ) -> ProviderError {
        ProviderError(
            "`method: \"\(method.name)\"` compares teacher and student token by token; `\(teacher)` and `\(student)` "
                + "have different vocabularies (\(difference)).",
            hint: "learn from its text: rows | generate \(teacher) | finetune \(student), method: \"sft\"")
    }
}

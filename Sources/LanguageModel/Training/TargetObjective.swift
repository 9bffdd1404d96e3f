/// What the loss compares the student's logits with, at each target of a batch.
enum TargetObjective {
    /// The target token: cross-entropy.
    case crossEntropy
    /// (1 − ratio) · cross-entropy + ratio · T² · KL(teacher ‖ student), both distributions softened by the temperature
    /// T (Hinton, Vinyals, Dean 2015, https://arxiv.org/abs/1503.02531: T² keeps the gradient's size as T grows).
    case softLabels(SoftLabels, ratio: Float, temperature: Float)
    /// The generalised Jensen–Shannon divergence of teacher and student (Agarwal et al. 2024,
    /// https://arxiv.org/abs/2306.13649): β = 0 is KL(teacher ‖ student), β = 1 is KL(student ‖ teacher).
    case divergence(any TeacherLogits, beta: Float, temperature: Float)
}

/// A teacher that reads the rows of a batch when it is asked.
protocol TeacherLogits: AnyObject {
    /// The teacher's logits [targets, vocabulary] before some of the batch's targets, counted over all its rows.
    ///
    /// The caller may overwrite them; they are valid until the next call.
    func logits(_ targets: Range<Int>) -> UnsafeMutablePointer<Float>
}

/// Losses in nats, added up over targets, or their means.
struct LossSums: Hashable {
    /// What is minimised.
    var total = 0.0
    /// Of the target tokens; 0 where it has no part in the objective.
    var crossEntropy = 0.0
    /// From the teacher, T² included where the objective has it; 0 where there is none.
    var divergence = 0.0

    static func += (sums: inout LossSums, other: LossSums) {
        sums.total += other.total
        sums.crossEntropy += other.crossEntropy
        sums.divergence += other.divergence
    }

    static func / (sums: LossSums, count: Double) -> LossSums {
        LossSums(
            total: sums.total / count, crossEntropy: sums.crossEntropy / count, divergence: sums.divergence / count)
    }

    static func * (sums: LossSums, count: Double) -> LossSums {
        LossSums(
            total: sums.total * count, crossEntropy: sums.crossEntropy * count, divergence: sums.divergence * count)
    }
}

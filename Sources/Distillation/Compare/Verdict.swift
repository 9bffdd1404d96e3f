internal import Foundation
internal import Tables

/// The sentence that answers "is the cheap model good enough?".
///
/// For each model besides the reference, in this order:
/// - *better*, *worse*: the test finds a difference, p under 5 % by Holm's correction over all models.
/// - *as good*: it is shown not to be worse by the margin or more, one-sided p under 2.5 % by the same correction, which
///   for one model is the same as a 95 % interval that ends above −margin.
/// - else it *cannot be told*, with the rows that would settle it if what was found is the truth: those to show it as
///   good within the margin or those to see a difference, whichever are fewer.
///
/// Nothing is said where too many grades are missing or the grader is not to be trusted.
struct Verdict {
    /// From this share of rows without a grade on nothing is said: what is missing need not be like the rest.
    static let mostFailures = 0.1

    /// A model against the reference.
    struct Pair {
        let model: String
        let difference: PairedDifference
        let adjustedP: Double?
        let adjustedWorseP: Double?
    }

    let sentence: String

    init(
        _ all: ComparisonReport.Grades, scale: GradeScale, reference: String?, pairs: [Pair], candidate: String?,
        margin: Double?
    ) {
        let words = Words(scale: scale, reference: reference ?? "", margin: margin, tests: pairs.count)
        let text: String
        if let reason = all.distrust {
            text = "no verdict, \(reason)"
        } else if let reason = Self.failures(all) {
            text = "no verdict, \(reason)"
        } else if pairs.isEmpty {
            text = "no verdict, there is no other model to compare with"
        } else {
            let first = pairs.filter { $0.model == candidate } + pairs.filter { $0.model != candidate }
            var clauses = first.prefix(4).map(words.clause)
            if first.count > clauses.count { clauses.append("\(first.count - clauses.count) more stand below") }
            text = clauses.joined(separator: "; ")
        }
        sentence = "By \(all.grader): \(text)."
    }

    /// Which model lacks too many grades.
    private static func failures(_ all: ComparisonReport.Grades) -> String? {
        let counted = zip(all.models, all.grades).map { model, grades in
            (model: model, missing: grades.count { $0.score == nil }, rows: grades.count)
        }
        guard let worst = counted.max(by: { $0.missing * max(1, $1.rows) < $1.missing * max(1, $0.rows) }),
            worst.rows > 0, Double(worst.missing) > mostFailures * Double(worst.rows)
        else { return nil }
        return "\(worst.missing) of \(worst.rows) rows of \(worst.model) have no grade, more than 10 %"
    }

    /// The clauses.
    private struct Words {
        let scale: GradeScale
        let reference: String
        let margin: Double?
        let tests: Int

        func clause(_ pair: Pair) -> String {
            let (difference, model) = (pair.difference, pair.model)
            guard let mean = difference.mean else { return "no row has a grade for both \(model) and \(reference)" }
            let isDifferent = (pair.adjustedP ?? 1) < 0.05
            let isWithin = (pair.adjustedWorseP ?? 1) < 0.025
            let by = difference.interval.map(scale.range) ?? scale.measured(mean)
            if isDifferent, mean > 0 { return "\(model) is better than \(reference) by \(by)" }
            if isDifferent, isWithin, let margin {
                return "\(model) is worse than \(reference), but by less than \(scale.measured(margin))"
            }
            if isDifferent { return "\(model) is worse than \(reference) by \(by)" }
            if isWithin, let margin {
                return "\(model) is as good as \(reference) within \(scale.measured(margin))"
            }
            if difference.wins + difference.losses == 0, difference.test == .signFlips, difference.n > 1 {
                return "\(model) has the same grade as \(reference) on all \(difference.n) rows"
            }
            return "cannot tell whether \(model) \(question): \(rows(difference))"
        }

        private var question: String { margin == nil ? "and \(reference) differ" : "is as good as \(reference)" }

        private func rows(_ difference: PairedDifference) -> String {
            let settle = [
                margin.flatMap { difference.rowsToShow(margin: $0, tests: tests) }, difference.rowsToSee(tests: tests),
            ]
            guard let needed = settle.compactMap(\.self).min() else {
                return "no difference was found, and no margin: says how much worse would do"
            }
            let more = needed - difference.n
            // Near the bound the estimate can lie below what there is.
            guard more > 0 else { return "it is close, some more rows are needed" }
            return more > 100_000
                ? "over 100,000 more rows are needed" : "about \(Self.rounded(more)) more rows are needed"
        }

        /// Two digits, upwards.
        private static func rounded(_ rows: Int) -> String {
            var step = 1
            while rows / step >= 100 { step *= 10 }
            return Number.integer(Int64((rows + step - 1) / step * step)).grouped
        }
    }
}

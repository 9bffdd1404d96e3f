internal import Foundation
internal import Tables

/// Which model should teach: the highest 0.5 · mean + 0.3 · p90 + 0.2 · coverage · 10, as the lab does it.
///
/// Mean and p90 are of grades on a scale from 0 to 10: a grader of 0 and 1 counts 0 and 10. Coverage is the share of
/// rows that have a grade at all, so that a model which often fails does not win on the rows that are left.
public struct TeacherChoice: Sendable, Hashable {
    /// A model by the rule.
    public struct Candidate: Sendable, Hashable {
        public let model: String
        /// Out of 10.
        public let mean: Double
        public let p90: Double
        /// 0…1.
        public let coverage: Double

        public var points: Double { 0.5 * mean + 0.3 * p90 + 0.2 * coverage * 10 }
    }

    /// How far a candidate stands behind the chosen one, in points.
    public struct Distance: Sendable, Hashable {
        public let model: String
        public let points: Double
        /// 95 % of resampled rows (paired, percentiles); nil where there are too few rows.
        public let interval: ConfidenceInterval?

        /// Whether the rows tell the two apart.
        public var isCertain: Bool { interval.map { $0.low > 0 } ?? false }
    }

    /// The best first; of equals the one listed first.
    public let candidates: [Candidate]
    /// The others, in the same order.
    public let distances: [Distance]

    /// - Returns: nil where no model has a grade.
    public init?(_ all: ComparisonReport.Grades) {
        let scale = GradeScale(of: all.grades, range: all.range)
        let scores = all.grades.map { grades in grades.map { $0.score.map(scale.outOfTen) } }
        let rows = scores.map(\.count).max() ?? 0
        let found = all.models.indices.compactMap { model -> (place: Int, candidate: Candidate)? in
            guard scores.indices.contains(model) else { return nil }
            return Self.candidate(all.models[model], scores[model], Array(scores[model].indices)).map { (model, $0) }
        }
        .sorted { ($1.candidate.points, $0.place) < ($0.candidate.points, $1.place) }
        guard let best = found.first else { return nil }
        candidates = found.map(\.candidate)
        distances = found.dropFirst().map { other in
            Distance(
                model: other.candidate.model, points: best.candidate.points - other.candidate.points,
                interval: Self.interval(scores[best.place], scores[other.place], rows: rows))
        }
    }

    private static func candidate(_ model: String, _ scores: [Double?], _ rows: [Int]) -> Candidate? {
        let graded = rows.compactMap { scores.indices.contains($0) ? scores[$0] : nil }.sorted()
        guard !graded.isEmpty, !rows.isEmpty else { return nil }
        return Candidate(
            model: model, mean: graded.reduce(0, +) / Double(graded.count), p90: percentile90(graded),
            coverage: Double(graded.count) / Double(rows.count))
    }

    /// Between the two nearest, as numpy's percentile does by default.
    private static func percentile90(_ sorted: [Double]) -> Double {
        let place = 0.9 * Double(sorted.count - 1)
        let lower = min(max(0, Int(place)), sorted.count - 1)
        let upper = min(lower + 1, sorted.count - 1)
        return sorted[lower] + (place - Double(lower)) * (sorted[upper] - sorted[lower])
    }

    /// Both models on the same resampled rows.
    private static func interval(_ best: [Double?], _ other: [Double?], rows: Int) -> ConfidenceInterval? {
        guard rows > 1 else { return nil }
        // Each resample is sorted; many rows need fewer of them.
        let resamples = min(2_000, max(400, 4_000_000 / rows))
        var random = RandomStream(seed: 0xC405E)
        var distances: [Double] = []
        distances.reserveCapacity(resamples)
        for _ in 0..<resamples {
            let drawn = (0..<rows).map { _ in random.below(rows) }
            guard let a = candidate("", best, drawn), let b = candidate("", other, drawn) else { continue }
            distances.append(a.points - b.points)
        }
        guard distances.count == resamples else { return nil }
        distances.sort()
        let cut = Int(0.025 * Double(resamples))
        return ConfidenceInterval(low: distances[max(0, cut - 1)], high: distances[resamples - 1 - cut])
    }
}

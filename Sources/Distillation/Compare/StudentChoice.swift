internal import Tables

/// Which model should learn: the smallest that already gets enough rows right, as the lab does it: such a model can do
/// the task, and only has to learn to do it reliably.
public struct StudentChoice: Sendable, Hashable {
    /// By what "smallest" goes.
    public enum Size: String, Sendable, CaseIterable {
        /// The number of its parameters, where all are known.
        case parameters
        /// What its test requests cost, where all have a price.
        case cost
        /// The order in which the models are listed: nothing else is known.
        case order
    }

    /// A model that was looked at.
    public struct Candidate: Sendable, Hashable {
        public let model: String
        public let parameters: Int?
        public let cost: Double?
        /// Rows with a high grade, of how many graded.
        public let high: Int
        public let n: Int
        /// How many it may be on other rows of this kind: Wilson's interval of the share, times the rows.
        public let range: ConfidenceInterval?

        /// Whether other rows of this kind might put it on the other side of a bound.
        public func isClose(to bound: Int) -> Bool {
            range.map { $0.low < Double(bound) && $0.high >= Double(bound) } ?? true
        }
    }

    /// The grade from which on a row counts.
    public let highGrade: Double
    public let size: Size
    /// All, the smallest first.
    public let candidates: [Candidate]
    /// The chosen one; nil where none has enough.
    public let chosen: Candidate?

    /// - Parameters:
    ///   - sizes: parameters and cost of each model, in order.
    ///   - highGrade: nil for 1 where grades are 0 and 1, else 40 % of the scale's upper end: 4 of 10, as in the lab.
    ///   - leastHigh: how many rows must have it.
    public init(
        _ all: ComparisonReport.Grades, sizes: [(parameters: Int?, cost: Double?)], highGrade: Double? = nil,
        leastHigh: Int = 10
    ) {
        let scale = GradeScale(of: all.grades, range: all.range)
        let high = highGrade ?? (scale.isShare ? 1 : 0.4 * scale.high)
        self.highGrade = high
        let found: [Candidate] = all.models.indices.filter { all.grades.indices.contains($0) }.map { model in
            let scores: [Double] = all.grades[model].compactMap(\.score)
            let own: (parameters: Int?, cost: Double?) = sizes.indices.contains(model) ? sizes[model] : (nil, nil)
            return Candidate(
                model: all.models[model], parameters: own.parameters, cost: own.cost, scores: scores, highGrade: high)
        }
        if found.allSatisfy({ $0.parameters != nil }) {
            size = .parameters
            candidates = Self.ascending(found) { Double($0.parameters ?? 0) }
        } else if found.allSatisfy({ $0.cost != nil }) {
            size = .cost
            candidates = Self.ascending(found) { $0.cost ?? 0 }
        } else {
            size = .order
            candidates = found
        }
        chosen = candidates.first { $0.high >= leastHigh }
    }

    /// Of equals the one listed first comes first.
    private static func ascending(_ found: [Candidate], by size: (Candidate) -> Double) -> [Candidate] {
        found.enumerated().sorted { (size($0.element), $0.offset) < (size($1.element), $1.offset) }.map(\.element)
    }
}

extension StudentChoice.Candidate {
    fileprivate init(model: String, parameters: Int?, cost: Double?, scores: [Double], highGrade: Double) {
        let high = scores.count { $0 >= highGrade }
        let rows = Double(scores.count)
        self.init(
            model: model, parameters: parameters, cost: cost, high: high, n: scores.count,
            range: Wilson.interval(successes: high, n: scores.count).map {
                ConfidenceInterval(low: $0.low * rows, high: $0.high * rows)
            })
    }
}

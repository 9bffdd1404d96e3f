internal import OrderedCollections
public import Tables

/// Holds a grader's grades against gold.
public struct Audit: Sendable {
    /// What must be reached; nil takes the default, where one stands.
    public struct Demands: Sendable {
        public var kappa: Double?
        public var spearman: Double?
        public var accuracy: Double?
        /// At most so far apart on average.
        public var meanError: Double?
        /// At most this share of the rows may fail.
        public var failures: Double
        /// At least so many rows must be judged.
        public var rows: Int

        /// Where none of the measures is demanded, a kappa of 0.6, "substantial" (Landis and Koch 1977), or, where kappa
        /// is not to be had, a Spearman of 0.6; 5 % failures; 20 rows.
        public init(
            kappa: Double? = nil, spearman: Double? = nil, accuracy: Double? = nil, meanError: Double? = nil,
            failures: Double = 0.05, rows: Int = 20
        ) {
            self.kappa = kappa
            self.spearman = spearman
            self.accuracy = accuracy
            self.meanError = meanError
            self.failures = failures
            self.rows = rows
        }
    }

    private let grader: String
    private let truthName: String
    private let demands: Demands
    /// The ends of the grader's scale, where it has one.
    private let range: ClosedRange<Double>?
    private let passThreshold: Double?

    public init(
        grader: String, truth: String, range: ClosedRange<Double>? = nil, passThreshold: Double? = nil,
        demands: Demands = Demands()
    ) {
        self.grader = grader
        truthName = truth
        self.range = range
        self.passThreshold = passThreshold
        self.demands = demands
    }

    /// The report of labels: texts on both sides.
    /// - Parameter known: the grader's labels, in order; further ones of the truth come behind.
    public func labels(_ found: [Value], truth: [Value], known: [String]) -> AuditReport {
        let rows = Rows(found, truth) { $0.text }
        var labels = OrderedSet(known)
        for (wanted, given) in rows.pairs {
            labels.append(wanted)
            labels.append(given)
        }
        let pairs = rows.pairs.map { (labels.firstIndex(of: $0.0) ?? 0, labels.firstIndex(of: $0.1) ?? 0) }
        let count = labels.count
        return report(
            rows.counts,
            [
                accuracy("accuracy", pairs),
                measure("kappa", pairs) { Agreement.kappa($0, categories: count) },
            ], isWeighted: false, confusion: confusion(pairs, Array(labels)))
    }

    /// The report of scores: numbers, or true and false, on both sides.
    public func scores(_ found: [Value], truth: [Value]) -> AuditReport {
        let rows = Rows(found, truth) { $0.score }
        let isBinary = rows.pairs.allSatisfy { [0, 1].contains($0.0) && [0, 1].contains($0.1) }
        if isBinary { return passes(rows.counts, rows.pairs.map { (Int($0.0), Int($0.1)) }) }
        let isPassOrFail = rows.pairs.allSatisfy { [0, 1].contains($0.0) }
        // A 1 on a scale from 1 to 5 is the worst score, not a pass.
        let couldBeScores = (range?.lowerBound ?? 0) > 0 && !rows.pairs.contains { $0.0 == 0 }
        if let passThreshold, isPassOrFail, !couldBeScores {
            // The gold says whether an answer passes; so does the score, by its threshold.
            return passes(rows.counts, rows.pairs.map { (Int($0.0), $0.1 >= passThreshold ? 1 : 0) })
        }
        var measures = [
            measure("mae", rows.pairs, Agreement.meanAbsoluteError),
            measure("spearman", rows.pairs, Agreement.spearman),
        ]
        var table: AuditReport.Confusion?
        if let scale = scale(rows.pairs) {
            // Means of several samples lie between the scale's marks.
            let pairs = rows.pairs.map { (Int($0.0) - scale.lowerBound, Int($0.1.rounded()) - scale.lowerBound) }
            measures.append(accuracy("accuracy", pairs))
            measures.append(
                measure("kappa", pairs) { Agreement.kappa($0, categories: scale.count, weighting: .quadratic) })
            table = confusion(pairs, scale.map(String.init))
        }
        if let passThreshold {
            let pairs = rows.pairs.map { ($0.0 >= passThreshold ? 1 : 0, $0.1 >= passThreshold ? 1 : 0) }
            measures.append(accuracy("pass_accuracy", pairs))
            measures.append(measure("pass_kappa", pairs) { Agreement.kappa($0, categories: 2) })
        }
        return report(rows.counts, measures, isWeighted: true, confusion: table)
    }

    private func passes(_ counts: RowCounts, _ pairs: [(Int, Int)]) -> AuditReport {
        report(
            counts,
            [
                accuracy("accuracy", pairs),
                measure("kappa", pairs) { Agreement.kappa($0, categories: 2) },
            ], isWeighted: false, confusion: confusion(pairs, ["0", "1"]))
    }

    /// The whole numbers that the scale has, where the truth is whole and they are few enough to be categories.
    private func scale(_ pairs: [(Double, Double)]) -> ClosedRange<Int>? {
        let widest = 20.0
        guard !pairs.isEmpty, pairs.allSatisfy({ $0.0 == $0.0.rounded() && abs($0.0) < 1e6 && abs($0.1) < 1e6 }) else {
            return nil
        }
        var ends = pairs.flatMap { [$0.0, $0.1.rounded()] }
        if let range {
            guard range.lowerBound == range.lowerBound.rounded(), range.upperBound == range.upperBound.rounded(),
                range.upperBound - range.lowerBound > 1
            else { return nil }
            ends += [range.lowerBound, range.upperBound]
        } else if pairs.contains(where: { $0.1 != $0.1.rounded() }) {
            return nil
        }
        guard let low = ends.min(), let high = ends.max(), high > low, high - low <= widest else { return nil }
        return Int(low)...Int(high)
    }

    private func measure<Pair>(
        _ name: String, _ pairs: [Pair], _ measure: ([Pair]) -> Double?
    ) -> AuditReport.Measure {
        AuditReport.Measure(name: name, value: measure(pairs), interval: Agreement.interval(pairs, of: measure))
    }

    /// The share of rows that are the same has Wilson's interval, which has a length also where all of them are.
    private func accuracy(_ name: String, _ pairs: [(Int, Int)]) -> AuditReport.Measure {
        AuditReport.Measure(
            name: name, value: Agreement.accuracy(pairs),
            interval: Wilson.interval(successes: pairs.count { $0.0 == $0.1 }, n: pairs.count))
    }

    /// More labels than this are no table for people, and their square would fill the memory where each row has its own.
    private static let mostLabels = 100

    private func confusion(_ pairs: [(Int, Int)], _ labels: [String]) -> AuditReport.Confusion? {
        guard labels.count <= Self.mostLabels, !pairs.isEmpty else { return nil }
        var counts = [[Int]](repeating: [Int](repeating: 0, count: labels.count), count: labels.count)
        for (wanted, given) in pairs where labels.indices.contains(wanted) && labels.indices.contains(given) {
            counts[wanted][given] += 1
        }
        return AuditReport.Confusion(labels: labels, counts: counts)
    }

    private func report(
        _ counts: RowCounts, _ measures: [AuditReport.Measure], isWeighted: Bool,
        confusion: AuditReport.Confusion?
    ) -> AuditReport {
        func value(_ name: String) -> Double? { measures.first { $0.name == name }?.value }
        var asked: [(String, Double)] = []
        for (name, bound) in [
            ("kappa", demands.kappa), ("spearman", demands.spearman), ("accuracy", demands.accuracy),
            ("mae", demands.meanError),
        ] {
            if let bound { asked.append((name, bound)) }
        }
        if asked.isEmpty {
            let measure = ["kappa", "spearman"].first { name in measures.contains { $0.name == name } }
            asked = [(measure ?? "accuracy", 0.6)]
        }
        let total = counts.n + counts.failures
        var requirements = asked.map { AuditReport.Requirement(name: $0.0, bound: $0.1, found: value($0.0)) }
        requirements.append(
            AuditReport.Requirement(
                name: "failures", bound: demands.failures,
                found: total == 0 ? 0 : Double(counts.failures) / Double(total)))
        requirements.append(
            AuditReport.Requirement(name: "rows", bound: Double(demands.rows), found: Double(counts.n)))
        return AuditReport(
            grader: grader, truth: truthName, n: counts.n, failures: counts.failures,
            withoutTruth: counts.withoutTruth, isWeighted: isWeighted, measures: measures, requirements: requirements,
            confusion: confusion)
    }
}

/// What became of the rows.
private struct RowCounts {
    var n = 0
    var failures = 0
    var withoutTruth = 0
}

/// Truth and grade of the rows that have both.
private struct Rows<Kind> {
    var pairs: [(Kind, Kind)] = []
    var counts = RowCounts()

    init(_ found: [Value], _ truth: [Value], _ read: (Value) -> Kind?) {
        for (found, truth) in zip(found, truth) {
            guard let wanted = read(truth) else {
                counts.withoutTruth += 1
                continue
            }
            guard let given = read(found) else {
                counts.failures += 1
                continue
            }
            pairs.append((wanted, given))
        }
        counts.n = pairs.count
    }
}

public import Tables

/// How much of the distance between an untrained student and its teacher a trained student has covered:
/// (trained − untrained) / (teacher − untrained), each the mean over the same rows.
public struct GapRecovery: Sendable, Hashable {
    /// 1 where the student is as good as the teacher; it may be more, or less than 0.
    public let share: Double
    /// The 95 % interval: percentiles of 2,000 paired bootstrap resamples of the rows with a fixed seed (Efron 1979).
    /// Nil where the teacher is no better than the untrained student in one of them, for then the share means nothing.
    public let interval: ScoreSummary.Interval?

    public init(share: Double, interval: ScoreSummary.Interval?) {
        self.share = share
        self.interval = interval
    }

    /// From the scores of the three on the same rows; rows on which one of them has no score are left out.
    /// - Returns: nil where the teacher is no better than the untrained student.
    public init?(untrained: [Value], trained: [Value], teacher: [Value]) {
        var rows: [(Double, Double, Double)] = []
        for index in untrained.indices where index < trained.count && index < teacher.count {
            guard let a = untrained[index].score, let b = trained[index].score, let c = teacher[index].score
            else { continue }
            rows.append((a, b, c))
        }
        guard let share = Self.share(rows.indices.lazy.map { rows[$0] }) else { return nil }
        self.share = share
        var random = RandomStream(seed: 0x6A9)
        var shares: [Double] = []
        for _ in 0..<2_000 {
            guard let share = Self.share(rows.indices.map { _ in rows[random.below(rows.count)] }) else {
                interval = nil
                return
            }
            shares.append(share)
        }
        shares.sort()
        interval = ScoreSummary.Interval(low: shares[49], high: shares[1_949])
    }

    private static func share(_ rows: some Sequence<(Double, Double, Double)>) -> Double? {
        var (untrained, trained, teacher) = (0.0, 0.0, 0.0)
        for row in rows {
            untrained += row.0
            trained += row.1
            teacher += row.2
        }
        let gap = teacher - untrained
        return gap > 0 ? (trained - untrained) / gap : nil
    }
}

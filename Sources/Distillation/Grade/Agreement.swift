/// How well two graders agree on the same rows.
///
/// Pairs are (truth, grader). Each measure is nil where it is not defined: of no rows, or where one side never varies.
public enum Agreement {
    /// The share of pairs that are equal.
    public static func accuracy(_ pairs: [(Int, Int)]) -> Double? {
        pairs.isEmpty ? nil : Double(pairs.count { $0.0 == $0.1 }) / Double(pairs.count)
    }

    /// How far apart they are on average.
    public static func meanAbsoluteError(_ pairs: [(Double, Double)]) -> Double? {
        pairs.isEmpty ? nil : pairs.reduce(0) { $0 + abs($1.0 - $1.1) } / Double(pairs.count)
    }

    /// Spearman's rank correlation (1904): Pearson's correlation of the ranks, equal values sharing their mean rank.
    public static func spearman(_ pairs: [(Double, Double)]) -> Double? {
        pearson(Array(zip(ranks(pairs.map(\.0)), ranks(pairs.map(\.1)))))
    }

    /// Ranks from 1; equal values share the mean of theirs.
    static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
            let mean = Double(start + end) / 2 + 1
            for place in start...end { ranks[order[place]] = mean }
            start = end + 1
        }
        return ranks
    }

    private static func pearson(_ pairs: [(Double, Double)]) -> Double? {
        guard pairs.count > 1 else { return nil }
        let count = Double(pairs.count)
        let (meanX, meanY) = (pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count)
        var (product, squareX, squareY) = (0.0, 0.0, 0.0)
        for (x, y) in pairs {
            product += (x - meanX) * (y - meanY)
            squareX += (x - meanX) * (x - meanX)
            squareY += (y - meanY) * (y - meanY)
        }
        guard squareX > 0, squareY > 0 else { return nil }
        return max(-1, min(1, product / (squareX.squareRoot() * squareY.squareRoot())))
    }

    /// How two categories count against each other in kappa.
    public enum Weighting: Sendable {
        /// Equal or not.
        case plain
        /// By the square of their distance: for scores on a scale.
        case quadratic
    }

    /// Cohen's kappa (1960; weighted 1968): how much better than chance they agree. 1 is always, 0 as by chance.
    /// - Parameters:
    ///   - pairs: categories by number, from 0.
    ///   - categories: how many there are; with quadratic weights their numbers are their places on the scale.
    public static func kappa(_ pairs: [(Int, Int)], categories: Int, weighting: Weighting = .plain) -> Double? {
        guard !pairs.isEmpty, categories > 1,
            pairs.allSatisfy({ (0..<categories).contains($0.0) && (0..<categories).contains($0.1) })
        else { return nil }
        func weight(_ i: Int, _ j: Int) -> Double {
            switch weighting {
            case .plain: i == j ? 0 : 1
            case .quadratic: Double(i - j) * Double(i - j)
            }
        }
        let count = Double(pairs.count)
        var (rows, columns) = ([Double](repeating: 0, count: categories), [Double](repeating: 0, count: categories))
        var observed = 0.0
        for (i, j) in pairs {
            rows[i] += 1
            columns[j] += 1
            observed += weight(i, j)
        }
        var expected = 0.0
        switch weighting {
        // Labels may be as many as rows: what agrees by chance is counted, not all pairs of labels that do not.
        case .plain: expected = count * count - zip(rows, columns).reduce(0) { $0 + $1.0 * $1.1 }
        case .quadratic:
            for i in 0..<categories where rows[i] > 0 {
                for j in 0..<categories where columns[j] > 0 { expected += weight(i, j) * rows[i] * columns[j] }
            }
        }
        expected /= count
        return expected > 0 ? 1 - observed / expected : nil
    }

    /// The 95 % percentile interval of a measure over rows drawn anew with a fixed seed (Efron 1979).
    ///
    /// 2,000 draws, fewer where there are more than 1,000 rows, but at least 200. Draws for which the measure is not
    /// defined are left out.
    /// - Returns: nil for fewer than two rows, where the measure is not defined for a tenth of the draws, and where it is
    ///   the same for all of them: rows that all agree, say, do not tell how it varies.
    public static func interval<Pair>(
        _ pairs: [Pair], seed: UInt64 = 0x5EED, of measure: ([Pair]) -> Double?
    ) -> ScoreSummary.Interval? {
        guard pairs.count > 1 else { return nil }
        let draws = max(200, min(2_000, 2_000_000 / pairs.count))
        var random = RandomStream(seed: seed)
        var values: [Double] = []
        var drawn = pairs
        for _ in 0..<draws {
            for place in drawn.indices { drawn[place] = pairs[random.below(pairs.count)] }
            if let value = measure(drawn) { values.append(value) }
        }
        guard values.count * 10 >= draws * 9, values.contains(where: { $0 != values[0] }) else { return nil }
        values.sort()
        let low = Int((0.025 * Double(values.count)).rounded(.down))
        return ScoreSummary.Interval(low: values[low], high: values[values.count - 1 - low])
    }
}

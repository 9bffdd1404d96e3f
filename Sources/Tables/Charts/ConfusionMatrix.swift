internal import OrderedCollections

/// How often each truth got each answer.
public struct ConfusionMatrix: Sendable, Hashable {
    /// What a row or column of the table stands for.
    public enum Label: Sendable, Hashable {
        case value(String)
        /// So many labels put together, since there are too many for a table.
        case others(Int)
        /// No answer: null, an error, nothing that could be read.
        case none

        /// How the label is written at the table's edge.
        public var text: String {
            switch self {
            case .value(let text): text.isEmpty ? "\"\"" : text
            case .others(let count): "(\(count) others)"
            case .none: "(no value)"
            }
        }
    }

    /// The rows: the frequent truths first, those of equal number by name.
    public let truths: [Label]
    /// The columns: every label that is a truth or an answer, in the same order; no answer last.
    public let predictions: [Label]
    /// `counts[truth][prediction]`.
    public let counts: [[Int]]
    /// Pairs that have a truth.
    public let n: Int
    /// Pairs whose answer is the truth, also among labels that were put together.
    public let agreeing: Int
    /// Pairs that have a truth but no answer; they count as answered wrongly.
    public let unanswered: Int
    /// Pairs without a truth; they are not in the table.
    public let withoutTruth: Int

    /// Counts pairs of a truth and an answer; values are the same where their texts are.
    /// - Parameters:
    ///   - limit: at most so many labels have a row and column of their own; the rarest are put together.
    public init(_ pairs: some Sequence<(truth: Value, prediction: Value)>, labels limit: Int = 10) {
        var table: [Label: [Label: Int]] = [:]
        var asTruth: [String: Int] = [:]
        var asAnswer: [String: Int] = [:]
        var (n, agreeing, unanswered, withoutTruth) = (0, 0, 0, 0)
        for (truth, prediction) in pairs {
            guard let wanted = Self.text(truth) else {
                withoutTruth += 1
                continue
            }
            n += 1
            asTruth[wanted, default: 0] += 1
            let answer = Self.text(prediction)
            if let answer { asAnswer[answer, default: 0] += 1 } else { unanswered += 1 }
            if answer == wanted { agreeing += 1 }
            table[.value(wanted), default: [:]][answer.map { .value($0) } ?? .none, default: 0] += 1
        }
        let names = Set(asTruth.keys).union(asAnswer.keys).sorted { a, b in
            let (first, second) = ((asTruth[a] ?? 0, asAnswer[a] ?? 0), (asTruth[b] ?? 0, asAnswer[b] ?? 0))
            return first == second ? a < b : first > second
        }
        let limit = max(2, limit)
        let kept = names.count > limit ? Array(names.prefix(limit - 1)) : names
        let isKept = Set(kept)
        let others = names.count - kept.count
        func place(_ label: Label) -> Label {
            if case .value(let name) = label, !isKept.contains(name) { return .others(others) }
            return label
        }
        var folded: [Label: [Label: Int]] = [:]
        for (truth, row) in table {
            for (answer, count) in row { folded[place(truth), default: [:]][place(answer), default: 0] += count }
        }
        var labels: [Label] = kept.map { .value($0) }
        if others > 0 { labels.append(.others(others)) }
        truths = labels.filter { folded[$0] != nil }
        predictions = labels + (unanswered > 0 ? [.none] : [])
        let (rows, columns) = (truths, predictions)
        counts = rows.map { truth in columns.map { folded[truth]?[$0] ?? 0 } }
        self.n = n
        self.agreeing = agreeing
        self.unanswered = unanswered
        self.withoutTruth = withoutTruth
    }

    /// What a label is compared by; nil for no value.
    private static func text(_ value: Value) -> String? {
        switch value {
        case .null, .error: return nil
        case .number(let number):
            guard !number.double.isNaN else { return nil }
            return Int64(exactly: number.double).map(String.init) ?? number.description
        case .string(let text): return text
        case .bool(let flag): return flag ? "true" : "false"
        case .list, .record: return JSON.text(value)
        case .opaque(let domain): return domain.summary
        }
    }

    /// The labels that were put together: how many pairs lie on their common cell, and how many of these agree.
    private var agreeingTogether: (label: Label, count: Int, agreeing: Int)? {
        guard let row = truths.firstIndex(where: { if case .others = $0 { true } else { false } }),
            let column = predictions.firstIndex(of: truths[row])
        else { return nil }
        let kept = zip(truths, counts).reduce(0) { sum, pair in
            guard case .value = pair.0, let place = predictions.firstIndex(of: pair.0) else { return sum }
            return sum + pair.1[place]
        }
        return (truths[row], counts[row][column], agreeing - kept)
    }

    /// The matrix as a chart: a series for each truth.
    /// - Parameters:
    ///   - truth: what the truths are called.
    ///   - prediction: what the answers are called.
    ///   - notes: further sentences for below the table.
    public func chart(title: String? = nil, truth: String, prediction: String, notes: [String] = []) -> Chart {
        let mixed = agreeingTogether
        let series = zip(truths, counts).map { label, row in
            Chart.Series(
                name: label.text,
                points: zip(predictions, row).map { prediction, count in
                    Chart.Point(
                        x: .category(prediction.text), y: Double(count),
                        label: prediction == label && mixed?.label == label ? mixed.map { String($0.agreeing) } : nil)
                })
        }
        var sentences: [String] = []
        if n > 0 {
            sentences.append(
                "n = \(Chart.count(n)); \(Chart.count(agreeing)) agree ("
                    + "\(Number.fixed(100 * Double(agreeing) / Double(n), decimals: 1)) %)"
                    + (unanswered > 0 ? ", \(Chart.count(unanswered)) have no answer" : ""))
        }
        if let mixed {
            sentences.append(
                "Of the \(Chart.count(mixed.count)) in \(mixed.label.text) × \(mixed.label.text), "
                    + "\(Chart.count(mixed.agreeing)) agree.")
        }
        return Chart(
            mark: .matrix, title: title, xLabel: prediction, yLabel: truth, series: series,
            notes: sentences + notes, unplaced: withoutTruth)
    }
}

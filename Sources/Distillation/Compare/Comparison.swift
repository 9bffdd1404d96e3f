internal import OrderedCollections
public import Tables

/// How several models did on the same rows.
public struct Comparison: Sendable {
    /// One line of the table.
    public struct Entry: Sendable, Hashable {
        public let model: String
        public let grader: String
        public let summary: ScoreSummary
        public let usage: Usage

        public init(model: String, grader: String, summary: ScoreSummary, usage: Usage) {
            self.model = model
            self.grader = grader
            self.summary = summary
            self.usage = usage
        }
    }

    public let entries: [Entry]
    /// The test rows, each with a record a model: its output and scores.
    public let rows: DataSet

    public init(entries: [Entry], rows: DataSet) {
        self.entries = entries
        self.rows = rows
    }

    /// The table as rows: model, grader, n, failures, mean, low, high, tokens.
    public var table: DataSet {
        DataSet(
            rows: entries.map { entry in
                [
                    "model": .string(entry.model), "grader": .string(entry.grader),
                    "n": .integer(entry.summary.n), "failures": .integer(entry.summary.failures),
                    "mean": entry.summary.mean.map { .double($0) } ?? .null,
                    "low": entry.summary.interval.map { .double($0.low) } ?? .null,
                    "high": entry.summary.interval.map { .double($0.high) } ?? .null,
                    "prompt_tokens": .integer(entry.usage.promptTokens),
                    "completion_tokens": .integer(entry.usage.completionTokens),
                ]
            })
    }
}

extension Comparison: DomainValue {
    public static let tag = "comparison"

    public var kindName: String { "a comparison" }

    public var summary: String {
        entries.map { "\($0.model) \($0.summary.mean.map { Number.fixed($0, decimals: 3) } ?? "–")" }.joined(
            separator: " · ")
    }

    public var presentation: [PresentationBlock] {
        var blocks: [PresentationBlock] = [.table(TablePresentation(readableTable, limit: 100))]
        for grader in OrderedSet(entries.map(\.grader)) {
            let bars = entries.filter { $0.grader == grader && $0.summary.mean != nil }
            let scale = max(
                1, bars.compactMap(\.summary.interval?.high).max() ?? 1, bars.compactMap(\.summary.mean).max() ?? 1)
            blocks.append(
                .bars(
                    bars.map { entry in
                        PresentationBlock.Bar(
                            label: entry.model, value: entry.summary.mean ?? 0,
                            interval: entry.summary.interval.map { $0.low...$0.high }, scale: scale)
                    }))
        }
        return blocks
    }

    /// The table as people read it: scores with their interval in one cell.
    private var readableTable: DataSet {
        DataSet(
            rows: entries.map { entry in
                let interval = entry.summary.interval.map {
                    "\(Number.fixed($0.low, decimals: 3)) – \(Number.fixed($0.high, decimals: 3))"
                }
                return [
                    "model": .string(entry.model), "grader": .string(entry.grader), "n": .integer(entry.summary.n),
                    "failures": .integer(entry.summary.failures),
                    "mean": .string(entry.summary.mean.map { Number.fixed($0, decimals: 3) } ?? "–"),
                    "95 % interval": .string(interval ?? "–"),
                    "tokens in": .integer(entry.usage.promptTokens),
                    "tokens out": .integer(entry.usage.completionTokens),
                ]
            })
    }

    public var memberNames: [String] { ["rows", "table"] }

    public func member(_ name: String) -> Value? {
        switch name {
        case "rows": .domain(rows)
        case "table": .domain(table)
        default: nil
        }
    }

    public func encoded(with encoder: inout ValueEncoder) throws -> Value {
        ["table": try encoder.encode(.domain(table)), "rows": try encoder.encode(.domain(rows))]
    }

    /// Reads the saved state.
    public static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        guard let table = try codec.decode(state[field: "table"], blobs: blobs).rows,
            let rows = try codec.decode(state[field: "rows"], blobs: blobs).rows
        else { throw StateError("a comparison without its tables") }
        let entries = table.rows.map { row in
            Entry(
                model: row["model"]?.text ?? "", grader: row["grader"]?.text ?? "",
                summary: ScoreSummary(
                    n: row["n"]?.integer ?? 0, failures: row["failures"]?.integer ?? 0, mean: row["mean"]?.double,
                    low: row["low"]?.double, high: row["high"]?.double),
                usage: Usage(
                    promptTokens: row["prompt_tokens"]?.integer ?? 0,
                    completionTokens: row["completion_tokens"]?.integer ?? 0))
        }
        return .domain(Comparison(entries: entries, rows: rows))
    }
}

extension ScoreSummary {
    /// A summary from its saved numbers.
    init(n: Int, failures: Int, mean: Double?, low: Double?, high: Double?) {
        self.n = n
        self.failures = failures
        self.mean = mean
        if let low, let high {
            interval = Interval(low: low, high: high)
        } else {
            interval = nil
        }
    }
}

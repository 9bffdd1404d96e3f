internal import OrderedCollections
public import Tables

/// How several models did on the same rows.
public struct Comparison: Sendable {
    /// A model's grades by one grader.
    public struct Entry: Sendable, Hashable {
        public let model: String
        public let grader: String
        public let summary: ScoreSummary
        /// For a trained student: how much of the gap to its teacher it recovered.
        public let gap: GapRecovery?
        /// The teacher of that gap.
        public let teacher: String?

        public init(
            model: String, grader: String, summary: ScoreSummary, gap: GapRecovery? = nil, teacher: String? = nil
        ) {
            self.model = model
            self.grader = grader
            self.summary = summary
            self.gap = gap
            self.teacher = teacher
        }
    }

    public let entries: [Entry]
    /// One a model.
    public internal(set) var expenses: [Expense]
    /// The test rows, each with a record a model: its output and scores.
    public let rows: DataSet
    /// What each grader says: differences, slices, the verdict. None where an older version made the comparison.
    public let reports: [ComparisonReport]
    /// The models themselves, without what they remember of their training; fewer than the entries name where an older
    /// version made the comparison or weights are missing.
    public let models: [Model]

    public init(
        entries: [Entry], expenses: [Expense], rows: DataSet, reports: [ComparisonReport] = [], models: [Model] = []
    ) {
        self.entries = entries
        self.expenses = expenses
        self.rows = rows
        self.reports = reports
        self.models = models
    }

    /// The graders' names, in order.
    public var graders: [String] { Array(OrderedSet(entries.map(\.grader))) }

    /// A model's grades by a grader, one a row.
    public func grades(of model: String, by grader: String) -> [Value] {
        rows[column: model]?.values.map { $0[field: grader] } ?? []
    }

    /// All figures as rows, one a model and grader.
    public var table: DataSet {
        DataSet(
            rows: entries.map { entry in
                let expense = expenses.first { $0.model == entry.model }
                var row: Record = [
                    "model": .string(entry.model), "grader": .string(entry.grader),
                    "n": .integer(entry.summary.n), "failures": .integer(entry.summary.failures),
                    "mean": Self.number(entry.summary.mean), "low": Self.number(entry.summary.interval?.low),
                    "high": Self.number(entry.summary.interval?.high),
                    "gap_recovered": Self.number(entry.gap?.share),
                    "gap_to": entry.teacher.map { .string($0) } ?? .null,
                    "gap_low": Self.number(entry.gap?.interval?.low),
                    "gap_high": Self.number(entry.gap?.interval?.high),
                ]
                row.merge(columns(of: expense)) { $1 }
                return row
            })
    }

    private static func number(_ value: Double?) -> Value { value.map { .double($0) } ?? .null }
}

extension Comparison: DomainValue {
    public static let tag = "comparison"

    public var kindName: String { "a comparison" }

    public var isReport: Bool { true }

    public var summary: String {
        let all = graders
        return all.map { grader in
            let means = entries.filter { $0.grader == grader }.map {
                "\($0.model) \($0.summary.mean.map { Number.fixed($0, decimals: 3) } ?? "–")"
            }
            return (all.count > 1 ? "\(grader): " : "") + means.joined(separator: " · ")
        }.joined(separator: "; ")
    }

    public var memberNames: [String] { ["differences", "rows", "slices", "table", "verdict"] }

    public func member(_ name: String) -> Value? {
        switch name {
        case "differences": .domain(DataSet(rows: reports.flatMap(\.differenceRows)))
        case "rows": .domain(rows)
        case "slices":
            .domain(DataSet(rows: reports.flatMap { report in report.slices?.rows(grader: report.grader) ?? [] }))
        case "table": .domain(table)
        case "verdict": .string(reports.map(\.verdict).joined(separator: "\n"))
        default: nil
        }
    }

    public func encoded(with encoder: inout ValueEncoder) throws -> Value {
        [
            "table": try encoder.encode(.domain(table)), "rows": try encoder.encode(.domain(rows)),
            "reports": .list(reports.map(\.state)),
            "models": .list(try models.map { try encoder.encode(.domain($0)) }),
            "expenses": .list(expenses.map(\.value)),
        ]
    }

    /// Reads the saved state.
    public static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        guard let table = try codec.decode(state[field: "table"], blobs: blobs).rows,
            let rows = try codec.decode(state[field: "rows"], blobs: blobs).rows
        else { throw StateError("a comparison without its tables") }
        var expenses: OrderedDictionary<String, Expense> = [:]
        let entries = table.rows.map { row in
            func double(_ name: String) -> Double? { row[name]?.double }
            func interval(_ low: String, _ high: String) -> ScoreSummary.Interval? {
                guard let low = double(low), let high = double(high) else { return nil }
                return ScoreSummary.Interval(low: low, high: high)
            }
            let model = row["model"]?.text ?? ""
            if expenses[model] == nil { expenses[model] = Expense(table: row) }
            return Entry(
                model: model, grader: row["grader"]?.text ?? "",
                summary: ScoreSummary(
                    n: row["n"]?.integer ?? 0, failures: row["failures"]?.integer ?? 0, mean: double("mean"),
                    interval: interval("low", "high")),
                gap: double("gap_recovered").map {
                    GapRecovery(share: $0, interval: interval("gap_low", "gap_high"))
                }, teacher: row["gap_to"]?.text)
        }
        // A model whose weights are gone is missed only by who wants to use it.
        let models = (state[field: "models"].list ?? []).compactMap { model in
            (try? codec.decode(model, blobs: blobs))?.domain(Model.self)
        }
        let kept = (state[field: "expenses"].list ?? []).compactMap(Expense.init)
        return .domain(
            Comparison(
                entries: entries, expenses: kept.isEmpty ? Array(expenses.values) : kept, rows: rows,
                reports: try (state[field: "reports"].list ?? []).map(ComparisonReport.init(state:)), models: models))
    }
}

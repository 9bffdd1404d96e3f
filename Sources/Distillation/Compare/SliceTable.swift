internal import OrderedCollections
public import Tables

/// A property of the rows by which grades are told apart.
public struct SliceKey: Sendable {
    /// What the property is called: "intent".
    public let name: String
    /// Its value for each row.
    public let values: [Value]

    public init(name: String, values: [Value]) {
        self.name = name
        self.values = values
    }
}

/// Grades by a property of the rows, the slice in which the candidate does worst against the reference first.
public struct SliceTable: Sendable, Hashable {
    /// With fewer rows than this a slice is marked: its mean says little.
    public static let few = 10

    /// The rows with one value.
    public struct Slice: Sendable, Hashable {
        public let value: String
        public let rows: Int
        /// One a model.
        public let models: [ModelSlice]

        public var isSmall: Bool { rows < SliceTable.few }
    }

    /// A model's grades in a slice.
    public struct ModelSlice: Sendable, Hashable {
        public let model: String
        public let summary: ScoreSummary
        /// Its mean minus the reference's over rows with both grades, with its 95 % interval, not corrected for the
        /// number of slices; nil for the reference itself.
        public let difference: Double?
        public let interval: ConfidenceInterval?
    }

    /// What the rows are told apart by.
    public let name: String
    /// The model by which slices are ordered.
    public let candidate: String?
    public let slices: [Slice]

    init(_ all: ComparisonReport.Grades, by key: SliceKey, reference: Int?, candidate: Int?) {
        var places: OrderedDictionary<String, [Int]> = [:]
        for (row, value) in key.values.enumerated() { places[Self.text(value), default: []].append(row) }
        let focus = candidate ?? all.models.indices.last
        func grades(_ model: Int, _ rows: [Int]) -> [Value] {
            let grades = all.grades[model]
            return rows.map { grades.indices.contains($0) ? grades[$0] : .null }
        }
        let models = all.models.indices.filter { all.grades.indices.contains($0) }
        let slices = places.map { value, rows in
            Slice(
                value: value, rows: rows.count,
                models: models.map { model in
                    let own = grades(model, rows)
                    let pair = reference.flatMap { reference in
                        reference == model ? nil : PairedDifference(of: own, to: grades(reference, rows))
                    }
                    return ModelSlice(
                        model: all.models[model], summary: ScoreSummary(scores: own), difference: pair?.mean,
                        // A bootstrap of a handful of rows knows only these.
                        interval: pair.flatMap { $0.test == .signFlips && rows.count < Self.few ? nil : $0.interval })
                })
        }
        name = key.name
        self.candidate = focus.map { all.models[$0] }
        /// The lower the worse; a slice without grades comes last.
        func rank(_ slice: Slice) -> Double {
            guard let focus, let place = models.firstIndex(of: focus) else { return .infinity }
            let part = slice.models[place]
            return (reference == nil || reference == focus ? part.summary.mean : part.difference) ?? .infinity
        }
        // Of slices that are equally bad the larger one first.
        self.slices = slices.enumerated().sorted {
            (rank($0.element), -$0.element.rows, $0.offset) < (rank($1.element), -$1.element.rows, $1.offset)
        }.map(\.element)
    }

    private static func text(_ value: Value) -> String {
        switch value {
        case .null: "(none)"
        case .error: "(error)"
        case .string(let text): text
        default: JSON.text(value)
        }
    }

    /// One row a slice and model.
    func rows(grader: String) -> [Record] {
        slices.flatMap { slice in
            slice.models.map { part in
                [
                    "grader": .string(grader), "slice": .string(slice.value), "model": .string(part.model),
                    "n": .integer(part.summary.n), "failures": .integer(part.summary.failures),
                    "mean": .number(part.summary.mean), "low": .number(part.summary.interval?.low),
                    "high": .number(part.summary.interval?.high), "difference": .number(part.difference),
                    "difference_low": .number(part.interval?.low), "difference_high": .number(part.interval?.high),
                    "is_small": .bool(slice.isSmall),
                ]
            }
        }
    }

    var state: Value {
        [
            "name": .string(name), "candidate": candidate.map { .string($0) } ?? .null,
            "rows": .list(rows(grader: "").map { .record($0) }),
        ]
    }

    /// Reads the saved state; nil where there is none.
    init?(state: Value) {
        guard let name = state[field: "name"].text, let rows = state[field: "rows"].list else { return nil }
        self.name = name
        candidate = state[field: "candidate"].text
        var parts: OrderedDictionary<String, [ModelSlice]> = [:]
        for row in rows {
            parts[row[field: "slice"].text ?? "", default: []].append(
                ModelSlice(
                    model: row[field: "model"].text ?? "",
                    summary: ScoreSummary(
                        n: row[field: "n"].integer ?? 0, failures: row[field: "failures"].integer ?? 0,
                        mean: row[field: "mean"].double,
                        interval: ConfidenceInterval(low: row[field: "low"], high: row[field: "high"])),
                    difference: row[field: "difference"].double,
                    interval: ConfidenceInterval(low: row[field: "difference_low"], high: row[field: "difference_high"])
                ))
        }
        slices = parts.map { value, models in
            Slice(
                value: value, rows: models.map { $0.summary.n + $0.summary.failures }.max() ?? 0, models: models)
        }
    }
}

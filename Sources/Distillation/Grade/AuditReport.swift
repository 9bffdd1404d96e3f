internal import OrderedCollections
public import Tables

/// How well a grader agrees with gold, and whether that is enough to trust it.
public struct AuditReport: Sendable, Hashable {
    /// A measure of agreement with its 95 % interval.
    public struct Measure: Sendable, Hashable {
        /// `accuracy`, `mae`, `spearman`, `kappa`, `pass_accuracy` or `pass_kappa`.
        public let name: String
        /// Nil where it is not defined.
        public let value: Double?
        public let interval: ScoreSummary.Interval?

        public init(name: String, value: Double?, interval: ScoreSummary.Interval?) {
            self.name = name
            self.value = value
            self.interval = interval
        }
    }

    /// What a grader must reach.
    public struct Requirement: Sendable, Hashable {
        /// A measure's name, `failures` (a share of the rows) or `rows`.
        public let name: String
        public let bound: Double
        /// What was found; nil where it is not defined.
        public let found: Double?

        public init(name: String, bound: Double, found: Double?) {
            self.name = name
            self.bound = bound
            self.found = found
        }

        /// Whether less is better.
        public var isUpperBound: Bool { name == "mae" || name == "failures" }

        public var isMet: Bool { found.map { isUpperBound ? $0 <= bound : $0 >= bound } ?? false }
    }

    /// How often the grader said what, by what is true.
    public struct Confusion: Sendable, Hashable {
        public let labels: [String]
        /// Rows are the truth, columns the grader, in the order of the labels.
        public let counts: [[Int]]

        public init(labels: [String], counts: [[Int]]) {
            self.labels = labels
            self.counts = counts
        }
    }

    /// The grader's name.
    public let grader: String
    /// How the truth is written: `.human`.
    public let truth: String
    /// Rows that both have judged.
    public let n: Int
    /// Rows that the grader could not judge.
    public let failures: Int
    /// Rows without truth, left out.
    public let withoutTruth: Int
    /// Whether kappa counts how far apart scores are.
    public let isWeighted: Bool
    public let measures: [Measure]
    public let requirements: [Requirement]
    public let confusion: Confusion?

    public init(
        grader: String, truth: String, n: Int, failures: Int, withoutTruth: Int, isWeighted: Bool, measures: [Measure],
        requirements: [Requirement], confusion: Confusion?
    ) {
        self.grader = grader
        self.truth = truth
        self.n = n
        self.failures = failures
        self.withoutTruth = withoutTruth
        self.isWeighted = isWeighted
        self.measures = measures
        self.requirements = requirements
        self.confusion = confusion
    }

    /// Whether the grader may be trusted: every requirement is met.
    public var passes: Bool { requirements.allSatisfy(\.isMet) }

    /// A measure's value by name.
    public subscript(name: String) -> Measure? { measures.first { $0.name == name } }
}

extension AuditReport {
    /// What came out, in one or two sentences.
    public var verdict: String {
        let missed = self.missed
        let rows = n == 1 ? "1 row" : "\(n) rows"
        guard let first = missed.first else {
            let met = requirements.filter { self[$0.name] != nil }.map { reached($0) }.joined(separator: ", ")
            return "\(grader) passes its audit against \(truth): \(met) on \(rows)."
        }
        if missed.count == 1, first.name == "rows" {
            return "Whether \(grader) can be trusted cannot be told: \(rows) were judged, at least "
                + "\(Self.text(first.bound)) are needed."
        }
        return
            "\(grader) fails its audit against \(truth): \(missed.map(missed(by:)).joined(separator: "; ")) (on \(rows))."
    }

    /// What is missing, in a few words: "weighted kappa 0.31, at least 0.6 is asked".
    public var shortVerdict: String {
        passes ? "passed" : missed.map(missed(by:)).joined(separator: "; ")
    }

    /// What is not met. Of no rows nothing is measured, and only that is said.
    private var missed: [Requirement] { requirements.filter { !$0.isMet && (n > 0 || $0.found != nil) } }

    private func reached(_ requirement: Requirement) -> String {
        let measure = self[requirement.name]
        let interval = measure?.interval.map { " (\(Self.text($0.low)) – \(Self.text($0.high)))" } ?? ""
        return "\(title(of: requirement.name)) \(measure?.value.map(Self.text) ?? "–")\(interval), "
            + "\(requirement.isUpperBound ? "at most" : "at least") \(Self.text(requirement.bound)) is asked"
    }

    private func missed(by requirement: Requirement) -> String {
        switch requirement.name {
        case "failures":
            return "\(Self.text(100 * (requirement.found ?? 0))) % of the rows could not be judged, at most "
                + "\(Self.text(100 * requirement.bound)) % may"
        case "rows": return "only \(n) rows were judged, at least \(Self.text(requirement.bound)) are needed"
        default:
            guard requirement.found != nil else {
                return "\(title(of: requirement.name)) is not defined, since all rows have one value on one side"
            }
            return reached(requirement)
        }
    }

    /// What people call a measure.
    public func title(of name: String) -> String {
        switch name {
        case "mae": "mean error"
        case "spearman": "Spearman"
        case "kappa": isWeighted ? "weighted kappa" : "kappa"
        case "pass_accuracy": "accuracy of pass or fail"
        case "pass_kappa": "kappa of pass or fail"
        default: name
        }
    }

    private static func text(_ number: Double) -> String { Number.fixed(number, decimals: 2, trimsZeros: true) }
}

extension AuditReport {
    /// All measures as rows.
    public var table: DataSet {
        DataSet(
            rows: measures.map { measure in
                [
                    "measure": .string(measure.name), "value": measure.value.map { .double($0) } ?? .null,
                    "low": measure.interval.map { .double($0.low) } ?? .null,
                    "high": measure.interval.map { .double($0.high) } ?? .null, "n": .integer(n),
                ]
            })
    }

    /// The confusion table as rows: one a label of the truth, one column a label of the grader.
    public var confusionTable: DataSet? {
        confusion.map { confusion in
            DataSet(
                rows: zip(confusion.labels, confusion.counts).map { label, counts in
                    var row: Record = ["\(truth) ↓ \(grader) →": .string(label)]
                    for (name, count) in zip(confusion.labels, counts) { row[name] = .integer(count) }
                    return row
                })
        }
    }

    /// What people are shown: the sentence, the measures, the confusion.
    public var presentation: [PresentationBlock] {
        var line = "n \(n) · failures \(failures)"
        if withoutTruth > 0 { line += " · without truth \(withoutTruth)" }
        var blocks: [PresentationBlock] = [.prose(verdict), .line(line), .line("")]
        blocks.append(
            .table(
                TablePresentation(
                    DataSet(
                        rows: measures.map { measure in
                            let needed = requirements.first { $0.name == measure.name }
                            return [
                                "measure": .string(title(of: measure.name)),
                                "value": .string(measure.value.map { Number.fixed($0, decimals: 3) } ?? "–"),
                                "95 % interval": .string(
                                    measure.interval.map {
                                        "\(Number.fixed($0.low, decimals: 3)) – \(Number.fixed($0.high, decimals: 3))"
                                    } ?? "–"),
                                "asked": .string(
                                    needed.map {
                                        "\($0.isUpperBound ? "≤" : "≥") \(Self.text($0.bound)) \($0.isMet ? "✓" : "✗")"
                                    } ?? ""),
                            ]
                        }), limit: 20)))
        if let table = confusionTable, table.count <= 12 {
            blocks += [.line(""), .table(TablePresentation(table, limit: 12))]
        }
        return blocks
    }
}

extension AuditReport {
    /// As plain data for the saved state.
    public var state: Value {
        [
            "grader": .string(grader), "truth": .string(truth), "n": .integer(n), "failures": .integer(failures),
            "without_truth": .integer(withoutTruth), "weighted": .bool(isWeighted),
            "measures": .list(
                measures.map { measure in
                    [
                        "name": .string(measure.name), "value": measure.value.map { .double($0) } ?? .null,
                        "low": measure.interval.map { .double($0.low) } ?? .null,
                        "high": measure.interval.map { .double($0.high) } ?? .null,
                    ]
                }),
            "requirements": .list(
                requirements.map { requirement in
                    [
                        "name": .string(requirement.name), "bound": .double(requirement.bound),
                        "found": requirement.found.map { .double($0) } ?? .null,
                    ]
                }),
            "confusion": confusion.map { confusion in
                [
                    "labels": .list(confusion.labels.map { .string($0) }),
                    "counts": .list(confusion.counts.map { .list($0.map { .integer($0) }) }),
                ]
            } ?? .null,
        ]
    }

    /// Reads the saved state; nil where it is something else.
    public init?(state: Value) {
        guard let grader = state[field: "grader"].text, let n = state[field: "n"].integer else { return nil }
        let measures = (state[field: "measures"].list ?? []).compactMap { measure -> Measure? in
            guard let name = measure[field: "name"].text else { return nil }
            let ends = (measure[field: "low"].double, measure[field: "high"].double)
            var interval: ScoreSummary.Interval?
            if case (let low?, let high?) = ends { interval = ScoreSummary.Interval(low: low, high: high) }
            return Measure(name: name, value: measure[field: "value"].double, interval: interval)
        }
        let requirements = (state[field: "requirements"].list ?? []).compactMap { requirement -> Requirement? in
            guard let name = requirement[field: "name"].text, let bound = requirement[field: "bound"].double else {
                return nil
            }
            return Requirement(name: name, bound: bound, found: requirement[field: "found"].double)
        }
        let labels = state[field: "confusion"][field: "labels"].list?.compactMap(\.text)
        let counts = (state[field: "confusion"][field: "counts"].list ?? []).map { row in
            (row.list ?? []).compactMap(\.integer)
        }
        self.init(
            grader: grader, truth: state[field: "truth"].text ?? "", n: n,
            failures: state[field: "failures"].integer ?? 0, withoutTruth: state[field: "without_truth"].integer ?? 0,
            isWeighted: state[field: "weighted"].bool ?? false, measures: measures, requirements: requirements,
            confusion: labels.map { Confusion(labels: $0, counts: counts) })
    }
}

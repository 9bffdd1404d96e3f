internal import OrderedCollections
public import Tables

/// What one grader says of the models that are compared. Grades of different graders never meet in one figure.
public struct ComparisonReport: Sendable, Hashable {
    /// How a model differs from the reference on the same rows.
    public struct Difference: Sendable, Hashable {
        public let model: String
        /// Rows with a grade on both sides, and those without.
        public let n: Int
        public let unpaired: Int
        public let wins: Int
        public let ties: Int
        public let losses: Int
        /// The model's mean minus the reference's, over these rows.
        public let mean: Double?
        /// The 95 % interval of the difference, for this one alone.
        public let interval: ConfidenceInterval?
        public let p: Double?
        /// p by Holm's correction over all differences of the grader.
        public let adjustedP: Double?
        public let test: PairedDifference.Test
        /// Rows to see a difference of the size found with 80 % power; nil where there is none to see.
        public let rowsNeeded: Int?
    }

    public let grader: String
    public let scale: GradeScale
    /// The model that the others are measured against; nil where there is only one.
    public let reference: String?
    public let reason: ReferenceModel.Reason?
    /// How much worse a model may be and still be as good.
    public let margin: Double?
    /// One for each model besides the reference.
    public let differences: [Difference]
    /// What follows, in a sentence.
    public let verdict: String
    /// The grades by a property of the rows, worst first.
    public let slices: SliceTable?

    init(
        grader: String, scale: GradeScale, reference: String?, reason: ReferenceModel.Reason?, margin: Double?,
        differences: [Difference], verdict: String, slices: SliceTable?
    ) {
        self.grader = grader
        self.scale = scale
        self.reference = reference
        self.reason = reason
        self.margin = margin
        self.differences = differences
        self.verdict = verdict
        self.slices = slices
    }

    /// The models' grades by one grader on the same rows.
    public struct Grades: Sendable {
        public let grader: String
        /// The models' names, in order.
        public let models: [String]
        /// A list for each model, a value for each row.
        public let grades: [[Value]]
        /// The ends of the grader's scale, where it has them.
        public let range: ClosedRange<Double>?
        /// Why no verdict can rest on the grader; nil where it may.
        public let distrust: String?

        public init(
            grader: String, models: [String], grades: [[Value]], range: ClosedRange<Double>? = nil,
            distrust: String? = nil
        ) {
            self.grader = grader
            self.models = models
            self.grades = grades
            self.range = range
            self.distrust = distrust
        }
    }

    /// Measures all models against a reference.
    /// - Parameters:
    ///   - candidate: the place of the model that a reader asks about; it leads the verdict and orders the slices.
    ///   - margin: how much worse a model may be; nil for a twentieth of the scale, where that is known.
    ///   - slices: a property of the rows with its name.
    public init(
        _ all: Grades, reference: ReferenceModel?, candidate: Int?, margin: Double? = nil, by slices: SliceKey? = nil
    ) {
        let scale = GradeScale(of: all.grades, range: all.range)
        let margin = margin ?? scale.usualMargin
        var pairs: [Verdict.Pair] = []
        if let reference, all.grades.indices.contains(reference.index) {
            let others = all.models.indices.filter { $0 != reference.index && $0 < all.grades.count }
            let found = others.map {
                PairedDifference(of: all.grades[$0], to: all.grades[reference.index], margin: margin)
            }
            let adjusted = Holm.adjusted(found.map(\.p))
            let worse = Holm.adjusted(found.map { pair in margin.flatMap { pair.pWorse(byMargin: $0) } })
            pairs = others.indices.map { place in
                Verdict.Pair(
                    model: all.models[others[place]], difference: found[place], adjustedP: adjusted[place],
                    adjustedWorseP: worse[place])
            }
        }
        let verdict = Verdict(
            all, scale: scale, reference: reference.map { all.models[$0.index] }, pairs: pairs,
            candidate: candidate.map { all.models[$0] }, margin: margin)
        self.init(
            grader: all.grader, scale: scale, reference: reference.map { all.models[$0.index] },
            reason: reference?.reason, margin: margin,
            differences: pairs.map { pair in
                let paired = pair.difference
                return Difference(
                    model: pair.model, n: paired.n, unpaired: paired.unpaired, wins: paired.wins, ties: paired.ties,
                    losses: paired.losses, mean: paired.mean, interval: paired.interval, p: paired.p,
                    adjustedP: pair.adjustedP, test: paired.test, rowsNeeded: paired.rowsToSee(tests: pairs.count))
            }, verdict: verdict.sentence,
            slices: slices.map { SliceTable(all, by: $0, reference: reference?.index, candidate: candidate) })
    }

    /// The differences as rows.
    var differenceRows: [Record] {
        differences.map { difference in
            [
                "grader": .string(grader), "model": .string(difference.model),
                "to": reference.map { .string($0) } ?? .null, "n": .integer(difference.n),
                "unpaired": .integer(difference.unpaired), "difference": .number(difference.mean),
                "low": .number(difference.interval?.low), "high": .number(difference.interval?.high),
                "p": .number(difference.p), "p_holm": .number(difference.adjustedP),
                "test": .string(difference.test.rawValue), "wins": .integer(difference.wins),
                "ties": .integer(difference.ties), "losses": .integer(difference.losses),
                "rows_needed": difference.rowsNeeded.map { .integer($0) } ?? .null,
            ]
        }
    }
}

extension Value {
    static func number(_ number: Double?) -> Value { number.map { .double($0) } ?? .null }
}

// MARK: State

extension ComparisonReport {
    var state: Value {
        [
            "grader": .string(grader), "low": .double(scale.low), "high": .double(scale.high),
            "is_share": .bool(scale.isShare), "is_known": .bool(scale.isKnown),
            "to": reference.map { .string($0) } ?? .null, "because": reason.map { .string($0.rawValue) } ?? .null,
            "margin": .number(margin), "verdict": .string(verdict),
            "differences": .list(differenceRows.map { .record($0) }), "slices": slices?.state ?? .null,
        ]
    }

    /// Reads the saved state.
    /// - Throws: `StateError` where it is no report's.
    init(state: Value) throws(StateError) {
        guard let grader = state[field: "grader"].text, let verdict = state[field: "verdict"].text else {
            throw StateError("a comparison's report without grader or verdict")
        }
        self.init(
            grader: grader,
            scale: GradeScale(
                low: state[field: "low"].double ?? 0, high: state[field: "high"].double ?? 1,
                isShare: state[field: "is_share"].bool ?? false, isKnown: state[field: "is_known"].bool ?? false),
            reference: state[field: "to"].text,
            reason: state[field: "because"].text.flatMap(ReferenceModel.Reason.init(rawValue:)),
            margin: state[field: "margin"].double,
            differences: (state[field: "differences"].list ?? []).map(Difference.init), verdict: verdict,
            slices: SliceTable(state: state[field: "slices"]))
    }
}

extension ComparisonReport.Difference {
    init(_ state: Value) {
        func count(_ name: String) -> Int { state[field: name].integer ?? 0 }
        model = state[field: "model"].text ?? ""
        (n, unpaired) = (count("n"), count("unpaired"))
        (wins, ties, losses) = (count("wins"), count("ties"), count("losses"))
        mean = state[field: "difference"].double
        interval = ConfidenceInterval(low: state[field: "low"], high: state[field: "high"])
        p = state[field: "p"].double
        adjustedP = state[field: "p_holm"].double
        test = state[field: "test"].text.flatMap(PairedDifference.Test.init(rawValue:)) ?? .signFlips
        rowsNeeded = state[field: "rows_needed"].integer
    }
}

extension ConfidenceInterval {
    /// Nil where one of the ends is no number.
    init?(low: Value, high: Value) {
        guard let low = low.double, let high = high.double else { return nil }
        self.init(low: low, high: high)
    }
}

internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let audit = Builtin(
        "audit", .steps,
        "Holds a grader's grades against gold: accuracy, mean error, Spearman, Cohen's kappa, and whether it may be trusted.",
        [
            Parameter("grader", .grader, "the grader to be audited"),
            Parameter("on", .rows, .named, "gold rows; graded here, from the store what was judged before"),
            Parameter("truth", .anything, .named, evaluation: .row, "what is true: a score, true or false, or a label"),
            .option(
                "kappa", .number(-1...1),
                "the kappa that it must reach: 0.6 where no measure is given; with quadratic weights for scores"),
            .option(
                "spearman", .number(-1...1), "the rank correlation: 0.6 where no measure is given and there is no kappa"
            ),
            .option("accuracy", .number(0...1), "the share of rows that must be the same"),
            .option("mae", .number(0...(.infinity)), "how far apart scores may be on average"),
            .option("failures", .number(0...1), "which share of the rows may fail; 0.05 unless given"),
            .option("min_rows", .whole(1...1_000_000), "how many rows must be judged; 20 unless given"),
        ], example: "audit polite, on: gold, truth: .human", reachesModel: true,
        result: { call throws(Diagnostic) in
            guard let columns = call.columns("on") else { return AuditedGrader.type }
            for name in call.expression("truth")?.columnsRead(StandardLanguage.builtins).sorted() ?? []
            where columns[name] == nil {
                throw call.mistake(
                    .unknownColumn, at: "truth",
                    "Expected a column of the gold rows: \(columns.keys.sorted().joined(separator: ", ")); there is no `.\(name)`.",
                    hint: Suggestion.closest(to: name, among: columns.keys).map { "did you mean `.\($0)`?" })
            }
            return AuditedGrader.type
        },
        run: { call in
            guard let grader = call.value("grader").grader, let truth = call.function("truth") else { return .null }
            var rows = call.rows("on")
            guard rows.count > 0 else {
                throw call.failure(
                    .emptyRows, at: "on", "Expected gold rows; there are none.",
                    hint: "look at what the steps before keep")
            }
            // Grades of that name may be another grader's; a judge's own come from the store.
            rows = try Grading(call, grader).grade(rows)
            let gold = try truth.column(over: rows).values
            let report = try Auditing(call, grader).report(rows, truth: gold)
            if report.n == 0 {
                call.note(
                    "audit: no row has both a grade and a truth; \(report.withoutTruth) have no truth, \(report.failures) no grade."
                )
            }
            return .domain(AuditedGrader(grader: grader, report: report))
        })
}

/// Chooses what is compared: labels with labels, scores with scores, passing with passing.
private struct Auditing {
    private let call: Invocation
    private let grader: Grader

    init(_ call: Invocation, _ grader: Grader) {
        self.call = call
        self.grader = grader
    }

    func report(_ rows: DataSet, truth: [Value]) throws -> AuditReport {
        let audit = Audit(
            grader: grader.column, truth: call.code("truth"), range: grader.range, passThreshold: grader.passThreshold,
            demands: demands)
        let scores = rows[column: grader.column]?.values ?? []
        guard truth.contains(where: { $0.text != nil }) else { return audit.scores(scores, truth: truth) }
        guard case .judge(let judge) = grader.kind, case .label(let labels, _) = judge.judge.form,
            let found = rows[column: "\(grader.column)_\(GradeColumns.label)"]
        else {
            throw call.failure(
                .wrongType, at: "truth",
                "Expected numbers, or true and false, as the truth for `\(grader.column)`, which gives scores; found text.",
                hint: "truth: number(\(call.code("truth")))")
        }
        return audit.labels(found.values, truth: truth, known: labels)
    }

    private var demands: Audit.Demands {
        var demands = Audit.Demands(
            kappa: call.value("kappa").double, spearman: call.value("spearman").double,
            accuracy: call.value("accuracy").double, meanError: call.value("mae").double)
        if let share = call.value("failures").double { demands.failures = share }
        if let rows = call.value("min_rows").integer { demands.rows = rows }
        return demands
    }
}

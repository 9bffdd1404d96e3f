internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let grade = Builtin(
        "grade", .steps,
        "Scores each row with graders; each adds a column of its name, and one for what passes or which label it is.",
        [
            .rows, Parameter("graders", .graders, .rest, "what counts as right"),
            .option(
                "at", .oneOf(["here", "service"]),
                "where OpenAI's graders run: on this machine, or at the kernel's service where it has them; here unless given"
            ),
        ],
        example: "questions.test | generate student | grade correct",
        result: { call throws(Diagnostic) in
            guard var columns = call.columns() else { return .rows(nil) }
            try call.refuseMissingColumns(of: "graders", in: columns)
            for (name, type) in zip(call.plainNames("graders"), call.types("graders")) {
                guard let name, case .domain(let grader) = type, grader.tag == Grader.tag else { return .rows(nil) }
                columns[name] = .number
                for (suffix, type) in grader.adds { columns["\(name)_\(suffix)"] = type }
            }
            return .rows(columns)
        },
        run: { call in
            var rows = call.rows()
            guard rows.count > 0 else {
                throw call.failure(
                    .emptyRows, at: "rows", "Expected rows to grade; there are none.",
                    hint: "look at what the steps before keep")
            }
            let graders = call.values("graders").flatMap(\.graders)
            guard !graders.isEmpty else {
                throw call.failure(.missingArgument, "Expected a grader for `grade`.", hint: "rows | grade correct")
            }
            var names: Set<String> = []
            for grader in graders where !names.insert(grader.column).inserted {
                throw call.failure(
                    .duplicateArgument, at: "graders",
                    "Expected graders with different names; two are called `\(grader.column)`.",
                    hint: "grader …, name: \"other\"")
            }
            for grader in graders {
                rows = try Grading(call, grader, atService: call.value("at").text == "service").grade(rows)
            }
            return .domain(rows)
        })

    static let scores = Builtin(
        "scores", .steps, "Sums up the grades: n, failures, mean with its 95 % interval for each grader.", [.rows],
        example: "before | scores",
        result: { _ in
            .rows([
                "grader": .text, "n": .number, "failures": .number, "mean": .number, "low": .number, "high": .number,
            ])
        },
        run: { call in
            let rows = call.rows()
            let grades = rows.columnNames.filter { rows.grades.contains($0) && !isLabel($0, in: rows) }
            guard !grades.isEmpty else {
                throw call.failure(
                    .unknownColumn, at: "rows", "Expected graded rows; these have no grades.",
                    hint: "rows | grade correct | scores")
            }
            let lines = grades.map { name -> Record in
                let summary = ScoreSummary(scores: rows[column: name]?.values ?? [])
                return [
                    "grader": .string(name), "n": .integer(summary.n), "failures": .integer(summary.failures),
                    "mean": summary.mean.map { .double($0) } ?? .null,
                    "low": summary.interval.map { .double($0.low) } ?? .null,
                    "high": summary.interval.map { .double($0.high) } ?? .null,
                ]
            }
            return .domain(DataSet(rows: lines))
        })

    /// Whether a column has the labels of a label_model, which stand beside its grades; all of them may be errors.
    private static func isLabel(_ name: String, in rows: DataSet) -> Bool {
        guard let column = rows[column: name] else { return false }
        if column.typeName == "text" { return true }
        let end = "_\(GradeColumns.label)"
        return name.hasSuffix(end) && rows.grades.contains(String(name.dropLast(end.count)))
            && !column.values.contains { $0.score != nil }
    }
}

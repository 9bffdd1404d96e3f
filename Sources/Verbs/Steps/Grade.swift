internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let grade = Builtin(
        "grade", .steps, "Scores each row with graders; each adds a column of its name.",
        [.rows, Parameter("graders", .domain(Grader.self, "a grader"), .rest, "what counts as right")],
        example: "questions.test | generate student | grade correct",
        result: { call throws(Diagnostic) in
            guard var columns = call.columns() else { return .rows(nil) }
            try call.refuseMissingColumns(of: "graders", in: columns)
            for name in call.plainNames("graders") {
                guard let name else { return .rows(nil) }
                columns[name] = .number
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
            let graders = call.values("graders").compactMap { $0.domain(Grader.self) }
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
            for grader in graders { rows = try Grading(call, grader).grade(rows) }
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
            guard !rows.grades.isEmpty else {
                throw call.failure(
                    .unknownColumn, at: "rows", "Expected graded rows; these have no grades.",
                    hint: "rows | grade correct | scores")
            }
            let lines = rows.columnNames.filter(rows.grades.contains).map { name -> Record in
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
}

/// Applies one grader to rows.
struct Grading {
    private let call: Invocation
    private let grader: Grader

    init(_ call: Invocation, _ grader: Grader) {
        self.call = call
        self.grader = grader
    }

    /// The rows with the grader's column.
    func grade(_ rows: DataSet) throws -> DataSet {
        if rows[column: grader.column] != nil, !rows.grades.contains(grader.column) {
            throw call.failure(
                .columnExists, at: "graders",
                "Expected a grader whose name is no column; the rows already have `.\(grader.column)`.",
                hint: "let \(grader.column)_grade = grader …")
        }
        let scores = try self.scores(rows)
        report(scores, rows)
        return rows.setting(grader.column, Column(scores), isGrade: true)
    }

    /// The score of each row: a number, or an error. What went wrong is never a 0.
    func scores(_ rows: DataSet) throws -> [Value] {
        switch grader.kind {
        case .stringCheck(let check):
            for part in check.input.itemColumns + check.reference.itemColumns where rows[column: part] == nil {
                throw call.failure(
                    .unknownColumn, at: "graders",
                    "Expected a column of the rows in {{item.\(part)}}: \(rows.columnNames.sorted().joined(separator: ", ")).",
                    hint: Suggestion.closest(to: part, among: rows.columnNames).map { "did you mean {{item.\($0)}}?" })
            }
            return rows.indices.map { index in
                if let error = rows.value(index, GeneratedColumns.output).rowError { return .error(error) }
                return check.score(rows.row(index))
            }
        case .expression(let closure):
            let columns = closure.expression.columnsRead(call.context.builtins)
            for name in columns.sorted() where rows[column: name] == nil {
                let known = rows.columnNames.sorted().joined(separator: ", ")
                throw call.failure(
                    .unknownColumn, at: "graders",
                    "Expected rows with the grader's columns; there is no `.\(name)` in \(known).",
                    hint: GeneratedColumns.all.contains(name)
                        ? "rows | generate student | grade \(grader.column)"
                        : Suggestion.closest(to: name, among: rows.columnNames).map { "did you mean `.\($0)`?" })
            }
            let gold = columns.subtracting(GeneratedColumns.all).subtracting(closure.expression.columnsWithNullInMind)
                .sorted()
            return try rows.indices.map { index in try score(rows, index, closure, gold: gold) }
        }
    }

    private func score(_ rows: DataSet, _ index: Int, _ closure: RowClosure, gold: [String]) throws -> Value {
        if let error = rows.value(index, GeneratedColumns.output).rowError { return .error(error) }
        for name in gold where rows.value(index, name).isNull {
            return .error(RowError("`.\(name)` is null, so nothing can be graded"))
        }
        switch try closure(rows, index, call.context) {
        case .bool(let holds): return .integer(holds ? 1 : 0)
        case .number(let number) where number.double.isFinite: return .number(number)
        case .error(let error): return .error(error)
        case .null
        where rows.value(index, GeneratedColumns.json).isNull
            && closure.expression.columnsRead(call.context.builtins).contains(GeneratedColumns.json):
            // A model's bad JSON is a wrong answer, not a failure of grading.
            return .integer(0)
        case .null: return .error(RowError("the grade is null"))
        case let other: return .error(RowError("the grade is \(other.kindName), not true, false or a number"))
        }
    }

    private func report(_ scores: [Value], _ rows: DataSet) {
        let errors = scores.compactMap(\.rowError)
        if let first = errors.first {
            call.note(
                "\(grader.column): \(errors.count) of \(scores.count) rows could not be graded and do not count; the first: \(first.message)."
            )
        }
        if case .expression(let closure) = grader.kind {
            for note in UnreadAnswers.notes(closure, rows, call.context, name: grader.column) { call.note(note) }
        }
        guard case .expression(let closure) = grader.kind,
            closure.expression.columnsRead(call.context.builtins).contains(GeneratedColumns.json)
        else { return }
        let unreadable = rows.indices.count {
            rows.value($0, GeneratedColumns.json).isNull && rows.value($0, GeneratedColumns.output).rowError == nil
        }
        if unreadable > 0 {
            call.note("\(grader.column): \(unreadable) of \(rows.count) replies are no JSON; they score 0.")
        }
    }
}

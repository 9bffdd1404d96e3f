internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// What a grader gives rows: a score each, and what belongs beside it.
struct GradeColumns {
    /// 1 where a score reaches its threshold, else 0.
    static let pass = "pass"
    /// The label that a label_model gave.
    static let label = "label"

    /// A number or an error for each row.
    var scores: [Value]
    /// More columns by what follows the grader's name and `_`.
    var others: OrderedDictionary<String, [Value]> = [:]
}

/// Applies one grader to rows. What went wrong is never a 0.
struct Grading {
    private let call: Invocation
    private let grader: Grader
    /// Whose grades they are, where rows are graded for several: what remarks say behind the grader.
    private let model: String?
    /// What remarks call the grader.
    private let title: String
    private let isAtService: Bool

    /// - Parameters:
    ///   - model: whose answers they are, where several models are compared.
    ///   - part: the grader of which this is a part.
    ///   - atService: whether a service's own graders are asked where it has them.
    init(
        _ call: Invocation, _ grader: Grader, of model: String? = nil, in part: Grader? = nil, atService: Bool = false
    ) {
        self.call = call
        self.grader = grader
        self.model = model
        let column = part.map { "\($0.column)_\(grader.column)" } ?? grader.column
        title = model.map { "\(column) of \($0)" } ?? column
        isAtService = atService
    }

    /// Which argument names the graders.
    private var parameter: String { ["graders", "with"].first(where: call.has) ?? "grader" }

    /// The rows with the grader's columns.
    func grade(_ rows: DataSet) throws -> DataSet {
        try refuseForeignColumn(grader.column, in: rows)
        let columns = try self.columns(rows)
        var graded = rows
        for (suffix, _) in columns.others { try refuseForeignColumn("\(grader.column)_\(suffix)", in: rows) }
        graded = graded.setting(grader.column, Column(columns.scores), isGrade: true)
        for (suffix, values) in columns.others {
            graded = graded.setting("\(grader.column)_\(suffix)", Column(values), isGrade: true)
        }
        return graded
    }

    private func refuseForeignColumn(_ name: String, in rows: DataSet) throws {
        guard rows[column: name] != nil, !rows.grades.contains(name) else { return }
        throw call.failure(
            .columnExists, at: parameter,
            "Expected a grader whose name is no column; the rows already have `.\(name)`.",
            hint: "let \(grader.column)_grade = grader …")
    }

    /// The grades of rows, with a remark about what could not be graded.
    func columns(_ rows: DataSet) throws -> GradeColumns {
        tellOfBlindness()
        for name in grader.templateColumns where rows[column: name] == nil {
            throw call.failure(
                .unknownColumn, at: parameter,
                "Expected a column of the rows in {{item.\(name)}}: \(rows.columnNames.sorted().joined(separator: ", ")).",
                hint: Suggestion.closest(to: name, among: rows.columnNames).map { "did you mean {{item.\($0)}}?" })
        }
        var columns: GradeColumns
        if isAtService, let found = try GradingAtService(call, grader).columns(rows) {
            columns = found
            reportErrors(columns.scores)
        } else {
            columns = try columnsHere(rows)
        }
        if let threshold = grader.passThreshold {
            let passes = columns.scores.map { score -> Value in
                score.double.map { .integer($0 >= threshold ? 1 : 0) } ?? score
            }
            columns.others[GradeColumns.pass] = passes
            reportPasses(passes, threshold)
        }
        return columns
    }

    /// The grades of rows by graders on this machine.
    private func columnsHere(_ rows: DataSet) throws -> GradeColumns {
        var columns: GradeColumns
        switch grader.kind {
        case .expression(let closure):
            columns = GradeColumns(scores: try scores(rows, by: closure))
            reportErrors(columns.scores)
            reportUnreadable(rows, closure)
        case .stringCheck(let check):
            columns = GradeColumns(
                scores: rows.indices.map { index in
                    rows.value(index, GeneratedColumns.output).rowError.map { .error($0) }
                        ?? check.score(rows.row(index))
                })
            reportErrors(columns.scores)
        case .textSimilarity(let similarity):
            columns = GradeColumns(scores: try TextComparing(call, similarity, title: title).scores(rows))
            reportErrors(columns.scores)
        case .judge(let judge): columns = try Judging(call, judge, name: grader.column, title: title).columns(rows)
        case .multi(let parts, let formula):
            columns = try combined(rows, parts, formula)
            reportErrors(columns.scores)
        case .pairwise:
            throw call.failure(
                .incompatibleModels, at: parameter,
                "Expected a grader of single answers; `\(grader.column)` judges between two.",
                hint: "prefer a, b, with: \(grader.column)")
        }
        return columns
    }

    /// A judge that is shown no answer judges the rows; `compare` refuses it before any model is asked.
    private func tellOfBlindness() {
        guard !grader.askedModels.isEmpty, !grader.readsAnswer(call.context.builtins) else { return }
        call.note(
            "\(title): the judge is shown columns of the rows only; {{sample.output_text}} would show it a model's answer."
        )
    }

    private func scores(_ rows: DataSet, by closure: RowClosure) throws -> [Value] {
        let columns = closure.expression.columnsRead(call.context.builtins)
        for name in columns.sorted() where rows[column: name] == nil {
            let known = rows.columnNames.sorted().joined(separator: ", ")
            throw call.failure(
                .unknownColumn, at: parameter,
                "Expected rows with the grader's columns; there is no `.\(name)` in \(known).",
                hint: GeneratedColumns.all.contains(name)
                    ? "rows | generate student | grade \(grader.column)"
                    : Suggestion.closest(to: name, among: rows.columnNames).map { "did you mean `.\($0)`?" })
        }
        let gold = columns.subtracting(GeneratedColumns.all).subtracting(closure.expression.columnsWithNullInMind)
            .sorted()
        return try rows.indices.map { index in try score(rows, index, closure, gold: gold) }
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

    /// The parts' grades, each in a column of its own, and what the formula makes of them.
    private func combined(_ rows: DataSet, _ parts: [Grader.Part], _ formula: Formula) throws -> GradeColumns {
        var columns = GradeColumns(scores: [])
        for part in parts {
            columns.others[part.name] = try Grading(call, part.grader, of: model, in: grader).columns(rows).scores
        }
        columns.scores = rows.indices.map { index in
            var scores: [String: Double] = [:]
            for name in formula.names {
                let value = columns.others[name]?[index] ?? .null
                guard let score = value.double else {
                    return .error(RowError("\(name): \(value.rowError?.message ?? "there is no score")"))
                }
                scores[name] = score
            }
            do throws(RowError) { return .double(try formula.value(scores)) } catch { return .error(error) }
        }
        return columns
    }

    private func reportErrors(_ scores: [Value]) {
        let errors = scores.compactMap(\.rowError)
        guard let first = errors.first else { return }
        call.note(
            "\(title): \(errors.count) of \(scores.count) rows could not be graded and do not count; the first: \(first.message)."
        )
    }

    private func reportUnreadable(_ rows: DataSet, _ closure: RowClosure) {
        for note in UnreadAnswers.notes(closure, rows, call.context, name: title) { call.note(note) }
        guard closure.expression.columnsRead(call.context.builtins).contains(GeneratedColumns.json) else { return }
        let unreadable = rows.indices.count {
            rows.value($0, GeneratedColumns.json).isNull && rows.value($0, GeneratedColumns.output).rowError == nil
        }
        if unreadable > 0 {
            call.note("\(title): \(unreadable) of \(rows.count) replies are no JSON; they score 0.")
        }
    }

    private func reportPasses(_ passes: [Value], _ threshold: Double) {
        let summary = ScoreSummary(scores: passes)
        guard let mean = summary.mean, let interval = summary.interval else { return }
        func percent(_ share: Double) -> String { Number.fixed(100 * share, decimals: 0) }
        call.note(
            "\(title): \(percent(mean)) % pass (\(Number.double(threshold).grouped) or more), "
                + "\(percent(interval.low)) – \(percent(interval.high)) % of \(summary.n).")
    }
}

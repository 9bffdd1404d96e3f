internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let choose = Builtin(
        "choose", .steps,
        "Picks the teacher or the student among compared models by a stated rule, and says what chance has to do with it.",
        [
            Parameter("result", .domain(Comparison.self, "a comparison"), isSubject: true, "what `compare` found"),
            Parameter(
                "role", .oneOf(["teacher", "student"]), .named,
                "teacher: the highest 0.5·mean + 0.3·p90 + 0.2·coverage·10; student: the smallest with enough high grades"
            ),
            .option("grader", .text, "by whose grades, where there are several"),
            .option(
                "high", .number(-Double.infinity...Double.infinity),
                "student: from which grade on a row counts; 1 for grades of 0 and 1, else 40 % of the scale's end"),
            .option("at_least", .whole(1...1_000_000), "student: how many such rows it must have; 10 unless given"),
        ], example: "choose result, role: \"teacher\"",
        result: { _ in .model },
        run: { call in
            guard let comparison = call.value("result").domain(Comparison.self) else { return .null }
            return try Choosing(call, comparison).run()
        })
}

/// One run of `choose`.
private struct Choosing {
    let call: Invocation
    let comparison: Comparison

    init(_ call: Invocation, _ comparison: Comparison) {
        self.call = call
        self.comparison = comparison
    }

    func run() throws -> Value {
        let grades = comparison.grades(by: try grader())
        let name = call.value("role").text == "student" ? try student(grades) : try teacher(grades)
        guard let model = comparison.models.first(where: { $0.displayName == name }) else {
            throw call.failure(
                .missingState, at: "result",
                "Expected a comparison that has its models; this one no longer has `\(name)`.",
                hint: "run the cell that compares again")
        }
        return .domain(model)
    }

    private func grader() throws -> String {
        let all = comparison.graders
        if let name = call.value("grader").text {
            guard all.contains(name) else {
                throw call.failure(
                    .unknownColumn, at: "grader", "Expected one of the graders: \(all.joined(separator: ", ")).",
                    hint: Suggestion.closest(to: name, among: all).map { "did you mean \"\($0)\"?" })
            }
            return name
        }
        guard let only = all.first, all.count == 1 else {
            throw call.failure(
                .missingArgument,
                "Expected one grader to choose by; the comparison has \(all.joined(separator: ", ")).",
                hint: "grader: \"\(all.first ?? "correct")\"")
        }
        return only
    }

    // MARK: The teacher

    private func teacher(_ grades: ComparisonReport.Grades) throws -> String {
        for option in ["high", "at_least"] where call.has(option) {
            throw call.failure(
                .unknownArgument, at: option, "Expected `\(option):` for a student; a teacher is chosen by its points.",
                hint: "role: \"student\"")
        }
        guard let choice = TeacherChoice(grades), let best = choice.candidates.first else {
            throw call.failure(
                .emptyRows, at: "result", "Expected graded rows; no row has a grade by \(grades.grader).")
        }
        call.note(
            "choose: by \(grades.grader), points are 0.5·mean + 0.3·p90 + 0.2·coverage·10, grades scaled to 0–10.")
        for candidate in choice.candidates {
            let sum = [
                "0.5·\(Self.short(candidate.mean))", "0.3·\(Self.short(candidate.p90))",
                "0.2·\(Self.short(candidate.coverage * 10))",
            ]
            let chosen = candidate.model == best.model ? ", the teacher" : ""
            call.note(
                "choose: \(candidate.model) \(Self.short(candidate.points)) = \(sum.joined(separator: " + "))\(chosen)."
            )
        }
        let close = choice.distances.filter { !$0.isCertain }
        if !close.isEmpty {
            let others = close.map { distance in
                let interval = distance.interval.map { " (\(Self.short($0.low)) to \(Self.short($0.high)))" } ?? ""
                return "\(distance.model), \(Self.short(distance.points)) points behind\(interval)"
            }
            call.note(
                "choose: these rows cannot tell \(best.model) from \(others.joined(separator: " and ")): "
                    + "the cheaper one will do, or compare on more rows.")
        }
        return best.model
    }

    // MARK: The student

    private func student(_ grades: ComparisonReport.Grades) throws -> String {
        let least = call.value("at_least").integer ?? 10
        let sizes = grades.models.map { model in
            let expense = comparison.expenses.first { $0.model == model }
            return (parameters: expense?.parameters, cost: expense?.cost)
        }
        let choice = StudentChoice(grades, sizes: sizes, highGrade: call.value("high").double, leastHigh: least)
        let size =
            switch choice.size {
            case .parameters: "the smallest model by its parameters"
            case .cost: "the cheapest model, as not all sizes are known,"
            case .order: "the first model listed, as neither sizes nor prices are known,"
            }
        call.note(
            "choose: the student is \(size) with at least \(least) grades of \(Self.short(choice.highGrade)) or more by "
                + "\(grades.grader).")
        for candidate in choice.candidates {
            let chosen = candidate.model == choice.chosen?.model
            let amount = candidate.parameters.map { "\(Number.integer(Int64($0)).grouped) parameters, " } ?? ""
            let doubt =
                candidate.isClose(to: least)
                ? candidate.range.map {
                    "; on other rows it could be \(Self.count($0.low)) to \(Self.count($0.high))"
                } ?? "" : ""
            call.note(
                "choose: \(candidate.model), \(amount)\(candidate.high) of \(candidate.n)"
                    + "\(chosen ? ", the student" : "")\(doubt).")
            if chosen { break }
        }
        guard let chosen = choice.chosen else {
            let best = choice.candidates.max { $0.high < $1.high }
            throw call.failure(
                .emptyRows, at: "result",
                "Expected a model with at least \(least) high grades; the best, \(best?.model ?? "none"), has "
                    + "\(best?.high ?? 0) of \(best?.n ?? 0).",
                hint: "compare on more rows, or at_least: \(max(1, best?.high ?? 1))")
        }
        return chosen.model
    }

    private static func count(_ number: Double) -> String { Number.fixed(number, decimals: 0) }

    private static func short(_ number: Double) -> String { Number.fixed(number, decimals: 2, trimsZeros: true) }
}

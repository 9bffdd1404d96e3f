internal import OrderedCollections
internal import Tables

/// A run of an eval: its rows are graded when it starts; polls or steps of the clock let it be seen.
struct EvalRun: Sendable {
    private(set) var record: Record
    let items: [Value]
    private let counts: Value
    private let results: Value

    private static let statuses = ["queued", "in_progress", "completed"]

    /// One row and what was said to it.
    struct Row: Sendable {
        let item: Value
        let input: [Value]
        let answer: String
        let model: String
    }

    init(record: Record, rows: [Row], criteria: [TestingCriterion], evalID: String, score: (ScoreCall) -> Double) {
        self.record = record
        var (passed, failed, errored) = (0, 0, 0)
        var tally = [(passed: Int, failed: Int)](repeating: (0, 0), count: criteria.count)
        let runID = record["id"]?.text ?? ""
        items = rows.enumerated().map { index, row in
            let fields: Value = ["item": row.item, "sample": Samples.value(row.answer)]
            let grades = criteria.map { $0.grade(fields, score: score) }
            let isErrored = grades.contains { $0.missing != nil }
            let isPassed = !isErrored && grades.allSatisfy(\.isPassed)
            if isErrored { errored += 1 } else if isPassed { passed += 1 } else { failed += 1 }
            for (index, grade) in grades.enumerated() where grade.missing == nil {
                if grade.isPassed { tally[index].passed += 1 } else { tally[index].failed += 1 }
            }
            let results = zip(criteria, grades).map { criterion, grade -> Value in
                [
                    "name": .string(criterion.name), "type": criterion.value[field: "type"],
                    "passed": .bool(grade.isPassed), "score": .double(grade.score), "sample": .null,
                ]
            }
            let words = Words.count(row.answer)
            let asked = row.input.reduce(0) { $0 + Words.count(ChatCall.text(of: $1)) }
            return [
                "object": "eval.run.output_item", "id": .string("outputitem_\(runID)_\(index)"),
                "created_at": record["created_at"] ?? .null, "run_id": .string(runID), "eval_id": .string(evalID),
                "datasource_item_id": .integer(index), "datasource_item": row.item,
                "status": isErrored ? "error" : isPassed ? "pass" : "fail", "results": .list(results),
                "sample": [
                    "input": .list(row.input),
                    "output": [["role": "assistant", "content": .string(row.answer)]],
                    "model": .string(row.model), "finish_reason": "stop", "error": .null, "seed": 42,
                    "temperature": 1.0, "top_p": 1.0, "max_completion_tokens": .null,
                    "usage": [
                        "prompt_tokens": .integer(asked), "completion_tokens": .integer(words),
                        "total_tokens": .integer(asked + words), "cached_tokens": 0,
                    ],
                ],
            ]
        }
        counts = [
            "total": .integer(rows.count), "passed": .integer(passed), "failed": .integer(failed),
            "errored": .integer(errored),
        ]
        results = .list(
            zip(criteria, tally).map { criterion, tally in
                [
                    "testing_criteria": .string(criterion.name), "passed": .integer(tally.passed),
                    "failed": .integer(tally.failed),
                ]
            })
    }

    mutating func advance() {
        guard let place = EvalRun.statuses.firstIndex(of: record["status"]?.text ?? ""),
            EvalRun.statuses.indices.contains(place + 1)
        else { return }
        record["status"] = .string(EvalRun.statuses[place + 1])
        guard place + 2 == EvalRun.statuses.count else { return }
        record["result_counts"] = counts
        record["per_testing_criteria_results"] = results
    }

    mutating func cancel() {
        guard record["status"] != "completed" else { return }
        record["status"] = "canceled"
    }

    /// Whether it goes on by itself.
    var isActive: Bool { record["status"] == "queued" || record["status"] == "in_progress" }

    var isOver: Bool { record["status"] == "completed" }
}

/// An eval with its runs.
struct Eval: Sendable {
    var record: Record
    let criteria: [TestingCriterion]
    var runs: OrderedDictionary<String, EvalRun> = [:]
}

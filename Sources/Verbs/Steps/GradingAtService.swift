internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import Tables

/// Grades rows where the models run, by the service's own graders.
struct GradingAtService {
    private let call: Invocation
    private let grader: Grader

    init(_ call: Invocation, _ grader: Grader) {
        self.call = call
        self.grader = grader
    }

    /// The grades of rows; nil, after a remark that says why, where the grader runs here.
    func columns(_ rows: DataSet) throws -> GradeColumns? {
        guard var json = grader.json.record else {
            call.note("\(grader.column): no service has such a grader; it is graded here.")
            return nil
        }
        guard name(&json) else {
            call.note("\(grader.column): its judge runs elsewhere than the kernel's service; it is graded here.")
            return nil
        }
        let lab = try call.lab
        // A row without an answer is not sent: it has its error already.
        let sent = rows.indices.filter { rows.value($0, GeneratedColumns.output).rowError == nil }
        let columns = Set(grader.templateColumns)
        let job = ServiceGradingJob(
            grader: .record(json),
            rows: sent.map { index in
                ServiceGradingJob.Row(
                    item: rows.row(index).filter { columns.contains($0.key) },
                    output: rows.value(index, GeneratedColumns.output).text ?? "")
            })
        let found = try call.withProviderFailures {
            try lab.provider.serviceGrades(job, cancellation: lab.cancellation) { done, total in
                lab.progress.report(
                    Progress("grade \(grader.column) at the service", done: done, total: total, unit: "rows"))
            }
        }
        guard let found, found.grades.count == sent.count else {
            call.note("\(grader.column): the kernel \(lab.kernel.name) has no graders of its own; it is graded here.")
            return nil
        }
        tell(found)
        return read(found, rows, sent)
    }

    private func read(_ found: ServiceGrades, _ rows: DataSet, _ sent: [Int]) -> GradeColumns {
        var scores = rows.indices.map { rows.value($0, GeneratedColumns.output) }
        for (place, index) in sent.enumerated() {
            switch found.grades[place].score {
            case .success(let score): scores[index] = .double(score)
            case .failure(let error): scores[index] = .error(error)
            }
        }
        var others: OrderedDictionary<String, [Value]> = [:]
        switch grader.kind {
        case .multi(let parts, _):
            for part in parts {
                var values = scores.map { $0.rowError.map { .error($0) } ?? Value.null }
                for (place, index) in sent.enumerated() {
                    if let score = found.grades[place].parts[part.name] { values[index] = .double(score) }
                }
                others[part.name] = values
            }
        case .judge(let judge):
            // A service tells whether its label passed, not which it was.
            if case .label = judge.judge.form {
                others[GradeColumns.label] = scores.map { $0.rowError.map { .error($0) } ?? Value.null }
            }
        default: break
        }
        return GradeColumns(scores: scores, others: others)
    }

    private func tell(_ found: ServiceGrades) {
        var words = "\(grader.column): graded by the service"
        let tokens = found.usage.promptTokens + found.usage.completionTokens
        if tokens > 0 {
            words += ", whose judge took \(Number.integer(Int64(tokens)).grouped) tokens that no budget counts"
        }
        if let report = found.report { words += "; \(report)" }
        call.note(words + ".")
    }

    /// Gives judges the service's own names.
    /// - Returns: false where a judge is not at the kernel's service.
    private func name(_ json: inout Record) -> Bool { Self.name(&json, grader) }

    private static func name(_ json: inout Record, _ grader: Grader) -> Bool {
        switch grader.kind {
        case .judge(let judge):
            guard judge.asked.model.specification.provider == nil else { return false }
            json["model"] = .string(judge.asked.model.identity.id)
            return true
        case .multi(let parts, _):
            var graders = json["graders"]?.record ?? [:]
            for part in parts {
                guard var inner = graders[part.name]?.record, name(&inner, part.grader) else { return false }
                graders[part.name] = .record(inner)
            }
            json["graders"] = .record(graders)
            return true
        default: return true
        }
    }
}

package import Distillation
internal import OpenAIWire
internal import OrderedCollections
internal import Tables

/// Grades answers with a service's own graders: by an eval where the service has evals, else row by row.
struct ServiceGrading {
    let profile: ServiceProfile
    let kernel: String
    let surroundings: RemoteSurroundings
    let cancellation: Cancellation

    private var client: ServiceClient {
        ServiceClient(ServiceEndpoint(profile, kernel: kernel), surroundings: surroundings)
    }

    /// Graders that evals take, and those that the grader API takes. Source: openai/openai-openapi, schemas
    /// `CreateEvalRequest.testing_criteria` and `RunGraderRequest.grader`.
    private static let ofEvals: Set<String> = ["string_check", "text_similarity", "score_model", "label_model"]
    private static let ofGraders: Set<String> = ["string_check", "text_similarity", "score_model", "multi"]

    /// - Returns: nil where the service has nothing that runs such a grader, or has it no more.
    func grades(_ job: ServiceGradingJob, progress: (Int, Int) -> Void) throws -> ServiceGrades? {
        let type = job.grader[field: "type"].text ?? ""
        do {
            if profile.features.contains(.evals), Self.ofEvals.contains(type) {
                return try byEval(job, progress)
            }
            if profile.features.contains(.graders), Self.ofGraders.contains(type) {
                return try rowByRow(job, progress)
            }
            return nil
        } catch let refusal as ServiceRefusal where [404, 405, 410, 501].contains(refusal.status) {
            // OpenAI's evals end on 30 November 2026 (developers.openai.com, deprecations): a kernel may still name them.
            return nil
        } catch let refusal as ServiceRefusal {
            throw refusal.words
        }
    }

    // MARK: Evals

    private func byEval(_ job: ServiceGradingJob, _ progress: (Int, Int) -> Void) throws -> ServiceGrades {
        var grader = job.grader.record ?? [:]
        // Evals want to know what passes; whoever grades here decides that by the score.
        if grader["type"] == "text_similarity", grader["pass_threshold"] == nil { grader["pass_threshold"] = 0 }
        let name = "distnb \(job.grader[field: "name"].text ?? "grader")"
        let wire: GraderWire
        do throws(WireError) { wire = try GraderWire(.record(grader)) } catch { throw ProviderError(error.description) }
        let eval: EvalObject = try object(
            call(
                .post, "/evals",
                EvalRequest(
                    name: name,
                    dataSource: .custom(itemSchema: Self.schema(job.rows), includesSample: true), criteria: [wire]
                ).json))
        let rows = job.rows.map { row -> EvalSource.Row in
            var sample: Record = ["output_text": .string(row.output)]
            if let json = try? JSON.parse(row.output) { sample["output_json"] = json }
            return EvalSource.Row(item: row.item, sample: sample)
        }
        let path = "/evals/\(ServiceCall.segment(eval.id))/runs"
        var run: EvalRun = try object(
            call(.post, path, EvalRunRequest(name: name, dataSource: .jsonl(.rows(rows))).json))
        var pauses = LookPauses(least: 1, most: 15)
        var done = 0
        while !run.status.isFinal {
            try surroundings.pause(pauses.pause(hasChanged: false), cancellation: cancellation)
            run = try object(call(.get, "\(path)/\(ServiceCall.segment(run.id))"))
            done = run.counts.map { min(rows.count, $0.passed + $0.failed + $0.errored) } ?? done
            progress(done, rows.count)
        }
        guard run.status == .completed else {
            throw ProviderError(
                "The service's run of the grader ended as `\(run.status)`: \(run.failure?.message ?? "it gives no reason").",
                hint: "without at: \"service\" the same grader runs here")
        }
        let grades = try items(of: run, path, count: rows.count)
        progress(rows.count, rows.count)
        let usage = run.usage.reduce(Usage(promptTokens: 0, completionTokens: 0)) {
            $0 + Usage(promptTokens: $1.promptTokens, completionTokens: $1.completionTokens)
        }
        return ServiceGrades(grades: grades, report: run.report, usage: usage)
    }

    /// The rows' grades; a row that the run does not show is an error, never a 0.
    private func items(of run: EvalRun, _ path: String, count: Int) throws -> [ServiceGrades.Grade] {
        var grades = Array(
            repeating: ServiceGrades.Grade(score: .failure(RowError("the service gave this row no grade"))),
            count: count)
        var after: String?
        while true {
            var query = [(name: "limit", value: "100")]
            if let after { query.append((name: "after", value: after)) }
            let page: EvalOutputItemList = try object(
                call(.get, "\(path)/\(ServiceCall.segment(run.id))/output_items", query: query))
            for item in page.elements {
                guard let index = item.index, grades.indices.contains(index) else { continue }
                grades[index] = ServiceGrades.Grade(score: Self.score(item))
            }
            guard let next = page.next, next != after else { return grades }
            after = next
        }
    }

    private static func score(_ item: EvalOutputItem) -> Result<Double, RowError> {
        if let failure = item.sample?.failure { return .failure(RowError("the service's grader: \(failure.message)")) }
        guard item.status != "error", let result = item.results.first else {
            return .failure(RowError("the service's grader failed"))
        }
        if let score = result.score, score.isFinite { return .success(score) }
        guard result.type == nil || result.type == "label_model", let passed = result.passed else {
            return .failure(RowError("the service's grader gave no score"))
        }
        return .success(passed ? 1 : 0)
    }

    /// The schema of rows: their columns, of any type.
    private static func schema(_ rows: [ServiceGradingJob.Row]) -> Value {
        var properties: Record = [:]
        for name in rows.first?.item.keys ?? [] { properties[name] = [:] }
        return ["type": "object", "properties": .record(properties), "required": []]
    }

    // MARK: Graders

    private func rowByRow(_ job: ServiceGradingJob, _ progress: (Int, Int) -> Void) throws -> ServiceGrades {
        let wire: GraderWire
        do throws(WireError) { wire = try GraderWire(job.grader) } catch { throw ProviderError(error.description) }
        let root = "/fine_tuning/alpha/graders"
        // A grader that the service does not take is told of before the rows are.
        _ = try client.send(
            ServiceCall(.post, "\(root)/validate", body: .json(GraderValidation(wire).json), isRepeatable: true),
            cancellation: cancellation)
        var grades: [ServiceGrades.Grade] = []
        for row in job.rows {
            let request = GraderRunRequest(grader: wire, item: row.item, sample: row.output)
            do {
                let answer: GraderRunResponse = try object(
                    ServiceCall(.post, "\(root)/run", body: .json(request.json), isRepeatable: true))
                grades.append(Self.grade(answer))
            } catch let refusal as ServiceRefusal where refusal.status == 400 || refusal.status == 422 {
                grades.append(ServiceGrades.Grade(score: .failure(RowError(refusal.words.description))))
            }
            progress(grades.count, job.rows.count)
        }
        return ServiceGrades(grades: grades)
    }

    /// A result with a flag is no score, whatever its reward.
    private static func grade(_ answer: GraderRunResponse) -> ServiceGrades.Grade {
        let parts = Dictionary(uniqueKeysWithValues: answer.subRewards.map { ($0.key, $0.value) })
        guard let flag = answer.errors.first else {
            return ServiceGrades.Grade(score: .success(answer.reward), parts: parts)
        }
        let words = flag.split(separator: "_").joined(separator: " ")
        return ServiceGrades.Grade(score: .failure(RowError("the service's grader: \(words)")), parts: parts)
    }

    // MARK: Calls

    /// Azure has evals as a preview that is asked for twice.
    private func call(
        _ method: HTTPExchange.Method, _ path: String, _ body: Value? = Optional.none,
        query: [(name: String, value: String)] = []
    ) -> ServiceCall {
        let isAzure = profile.flavour == .azure
        return ServiceCall(
            method, path, query: (isAzure ? [(name: "api-version", value: "preview")] : []) + query,
            fields: isAzure ? ["aoai-evals": "preview"] : [:], body: body.map { .json($0) } ?? .none)
    }

    private func object<Object: WireObject>(_ call: ServiceCall) throws -> Object {
        let answer = try client.send(call, cancellation: cancellation)
        do throws(WireError) {
            return try Object(bytes: answer.body)
        } catch {
            throw ProviderError("\(client.endpoint.host) answered \(call.path) with what cannot be read. \(error)")
        }
    }
}

extension RemoteProvider {
    package func serviceGrades(
        _ job: ServiceGradingJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> ServiceGrades? {
        try ServiceGrading(
            profile: profile, kernel: kernel.name, surroundings: surroundings, cancellation: cancellation
        ).grades(job, progress: progress)
    }
}

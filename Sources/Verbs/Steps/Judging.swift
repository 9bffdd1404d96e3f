internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Puts rows to a judge: asks, reads, asks once more where a reply cannot be used, and counts what stays unusable.
struct Judging {
    private let call: Invocation
    private let judge: Grader.AskedJudge
    private let name: String
    private let title: String

    /// - Parameters:
    ///   - name: the grader's name, by which the store finds what its judge said.
    ///   - title: what remarks call the grader.
    init(_ call: Invocation, _ judge: Grader.AskedJudge, name: String, title: String) {
        self.call = call
        self.judge = judge
        self.name = name
        self.title = title
    }

    /// The grades: scores, or 1 for labels that pass, with the labels beside them.
    func columns(_ rows: DataSet) throws -> GradeColumns {
        warnOfKinship(rows)
        let questions = rows.indices.map { index -> Result<[ChatMessage], JudgeFailure> in
            if let error = rows.value(index, GeneratedColumns.output).rowError {
                return .failure(.notAsked(error.message))
            }
            do throws(RowError) {
                return .success(try judge.judge.request(for: rows.row(index), system: judge.asked.model.system))
            } catch {
                return .failure(.notAsked(error.message))
            }
        }
        let asking = JudgeAsking(call, judge.asked, form: judge.judge.form, name: name)
        let samples = try asking.judgements(questions)
        var tally = JudgeTally()
        tally.repaired = samples.repaired
        var columns = GradeColumns(scores: [])
        var labels: [Value] = []
        var first: JudgeFailure?
        for row in samples.rows {
            do throws(JudgeFailure) {
                switch try tally.add(row) {
                case .score(let score): columns.scores.append(.double(score))
                case .label(let label):
                    columns.scores.append(.integer(passes(label) ? 1 : 0))
                    labels.append(.string(label))
                }
            } catch {
                first = first ?? error
                columns.scores.append(.error(RowError(error.message)))
                labels.append(.error(RowError(error.message)))
            }
        }
        try report(tally, first)
        if case .label = judge.judge.form { columns.others[GradeColumns.label] = labels }
        return columns
    }

    private func passes(_ label: String) -> Bool {
        if case .label(_, let passing) = judge.judge.form { passing.contains(label) } else { false }
    }

    private func report(_ tally: JudgeTally, _ first: JudgeFailure?) throws {
        if tally.unanswered == tally.rows, tally.rows > 0, let first {
            throw call.failure(
                .providerFailure,
                "Expected judgements by \(judge.asked.model.displayName); all \(tally.rows) rows failed. The first: \(first.message)."
            )
        }
        var isScore = true
        if case .label = judge.judge.form { isScore = false }
        let line = tally.sentences(samples: judge.asked.samples, isScore: isScore) {
            Number.fixed($0, decimals: 2, trimsZeros: true)
        }
        call.note("\(title): \(line)\(first.map { " The first: \($0.message)." } ?? "")")
    }

    /// Models favour their own answers, and those of the models that they taught or that taught them.
    private func warnOfKinship(_ rows: DataSet) {
        let model = judge.asked.model
        var own = 0
        var kin = 0
        var answerer = ""
        for index in rows.indices {
            let sample = rows.value(index, GeneratedColumns.sample)
            guard let id = sample[field: "model_id"].text else { continue }
            let teachers = (sample[field: "teachers"].list ?? []).compactMap(\.text)
            if id == model.identity.id {
                own += 1
            } else if model.lineage.teachers.contains(id) || teachers.contains(model.identity.id) {
                kin += 1
                answerer = sample[field: "model"].text ?? ""
            }
        }
        if own > 0 {
            call.note(
                "\(title): \(model.displayName) judges \(own) answers of its own; models favour these. Let another model judge."
            )
        }
        if kin > 0 {
            call.note(
                "\(title): \(model.displayName) judges \(kin) answers of \(answerer), its teacher or student; models favour these. Let another model judge."
            )
        }
    }
}

/// Asks a judge the questions of rows, so many times each, through the lab's provider and store.
struct JudgeAsking {
    private let call: Invocation
    private let asked: Grader.AskedModel
    private let form: Judge.Form
    private let name: String

    /// What came back.
    struct Samples {
        /// For each question its samples.
        var rows: [[Result<Judgement, JudgeFailure>]]
        /// Replies that could be used the second time only.
        var repaired: Int
    }

    init(_ call: Invocation, _ asked: Grader.AskedModel, form: Judge.Form, name: String) {
        self.call = call
        self.asked = asked
        self.form = form
        self.name = name
    }

    /// The judgements of questions; a sample that cannot be used is asked for once more.
    func judgements(_ questions: [Result<[ChatMessage], JudgeFailure>]) throws -> Samples {
        var samples = Samples(rows: questions.map { _ in [] }, repaired: 0)
        var open: [(row: Int, request: CompletionRequest)] = []
        for (row, question) in questions.enumerated() {
            switch question {
            case .failure(let failure): samples.rows[row] = [.failure(failure)]
            case .success(let messages):
                for ordinal in 0..<asked.samples {
                    open.append(
                        (
                            row,
                            CompletionRequest(
                                model: asked.model.identity, messages: messages, sampling: asked.sampling,
                                ordinal: ordinal)
                        ))
                }
            }
        }
        // Each sample has its place, so that a repaired one stands where it was asked for.
        var results: [Result<Judgement, JudgeFailure>] = []
        var repairs: [(place: Int, request: CompletionRequest)] = []
        for (place, answer) in try complete(open.map(\.request), "judge \(name)").enumerated() {
            results.append(read(answer))
            guard case .failure(.fault(let fault)) = results[place], case .success(let completion) = answer else {
                continue
            }
            let request = open[place].request
            let messages = Judge.repair(request.messages, reply: completion.text, fault: fault, form: form)
            repairs.append(
                (
                    place,
                    CompletionRequest(
                        model: request.model, messages: messages, sampling: request.sampling, ordinal: request.ordinal)
                ))
        }
        for (repair, answer) in zip(repairs, try complete(repairs.map(\.request), "repair \(name)")) {
            let result = read(answer)
            if case .success = result { samples.repaired += 1 }
            // A repair that got no reply leaves what was wrong with the first.
            if case .failure(.unanswered) = result { continue }
            results[repair.place] = result
        }
        for (question, result) in zip(open, results) { samples.rows[question.row].append(result) }
        return samples
    }

    private func read(_ answer: Result<Completion, RowError>) -> Result<Judgement, JudgeFailure> {
        switch answer {
        case .failure(let error): return .failure(.unanswered(error.message))
        case .success(let completion):
            do throws(JudgeFault) {
                return .success(try form.judgement(in: completion.text))
            } catch {
                return .failure(.fault(error))
            }
        }
    }

    private func complete(
        _ requests: [CompletionRequest], _ label: String
    ) throws -> [Result<Completion, RowError>] {
        guard !requests.isEmpty else { return [] }
        return try call.withProviderFailures {
            try SamplingArguments.run(call, asked.model, metadata: ["grader": String(name.prefix(512))], label: label)
                .completions(requests)
        }
    }
}

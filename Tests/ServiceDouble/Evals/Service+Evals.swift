internal import Foundation
internal import OrderedCollections
internal import Synchronization
internal import Tables

extension Route {
    static let evals = [
        evals("POST", "/evals") { service, call throws(Refusal) in try service.createEval(call) },
        evals("GET", "/evals") { service, call throws(Refusal) in
            try Page.reply(service.world.withLock { $0.evals.values.map { .record($0.record) } }, call)
        },
        evals("GET", "/evals/*") { service, call throws(Refusal) in
            try service.withEval(call) { eval throws(Refusal) in HTTPReply(.record(eval.record)) }
        },
        evals("POST", "/evals/*") { service, call throws(Refusal) in
            let body = try call.body()
            return try service.withEval(call) { eval throws(Refusal) in
                for name in ["name", "metadata"] { eval.record[name] = body[name] ?? eval.record[name] }
                return HTTPReply(.record(eval.record))
            }
        },
        evals("DELETE", "/evals/*") { service, call throws(Refusal) in
            let id = call.argument(0)
            guard service.world.withLock({ $0.evals.removeValue(forKey: id) }) != nil else {
                throw .unknown("eval", id)
            }
            return HTTPReply(["object": "eval.deleted", "deleted": true, "eval_id": .string(id)])
        },
        evals("POST", "/evals/*/runs") { service, call throws(Refusal) in try service.createRun(call) },
        evals("GET", "/evals/*/runs") { service, call throws(Refusal) in
            let runs = try service.withEval(call) { eval throws(Refusal) in
                eval.runs.values.map { Value.record($0.record) }
            }
            return try Page.reply(runs, call)
        },
        evals("GET", "/evals/*/runs/*") { service, call throws(Refusal) in
            let progress = service.options.progress
            return try service.withRun(call) { run throws(Refusal) in
                while progress == .atOnce, run.isActive { run.advance() }
                let seen = run.record
                if progress == .byPolls { run.advance() }
                return HTTPReply(.record(seen))
            }
        },
        evals("POST", "/evals/*/runs/*") { service, call throws(Refusal) in
            try service.withRun(call) { run throws(Refusal) in
                run.cancel()
                return HTTPReply(.record(run.record))
            }
        },
        evals("DELETE", "/evals/*/runs/*") { service, call throws(Refusal) in
            _ = try service.withRun(call) { run throws(Refusal) in run.record }
            try service.withEval(call) { eval throws(Refusal) in eval.runs[call.argument(1)] = nil }
            return HTTPReply([
                "object": "eval.run.deleted", "deleted": true, "run_id": .string(call.argument(1)),
            ])
        },
        evals("GET", "/evals/*/runs/*/output_items") { service, call throws(Refusal) in
            let wanted = call.head.query("status")
            let items = try service.withRun(call) { run throws(Refusal) in
                run.isOver ? run.items.filter { wanted == nil || $0[field: "status"].text == wanted } : []
            }
            return try Page.reply(items, call)
        },
        evals("GET", "/evals/*/runs/*/output_items/*") { service, call throws(Refusal) in
            let items = try service.withRun(call) { run throws(Refusal) in run.items }
            guard let item = items.first(where: { $0[field: "id"].text == call.argument(2) }) else {
                throw .unknown("output item", call.argument(2))
            }
            return HTTPReply(item)
        },
    ]

    /// Azure wants the preview to be asked for, twice.
    private static func evals(
        _ method: String, _ pattern: String,
        _ answer: @escaping @Sendable (Service, Call) throws(Refusal) -> HTTPReply
    ) -> Route {
        Route(method, pattern) { service, call throws(Refusal) in
            if service.options.flavour == .azure {
                guard call.head.query("api-version") == "preview" else {
                    throw Refusal(400, "The query parameter api-version must be preview.", code: "BadRequest")
                }
                guard call.head.headers["aoai-evals"] == "preview" else {
                    throw Refusal(400, "The header aoai-evals: preview is missing.", code: "BadRequest")
                }
            }
            return try answer(service, call)
        }
    }
}

extension Service {
    fileprivate func withEval<Result>(
        _ call: Call, _ work: (inout Eval) throws(Refusal) -> Result
    ) throws(Refusal) -> Result {
        let id = call.argument(0)
        return try world.withLock { world throws(Refusal) in
            guard var eval = world.evals[id] else { throw .unknown("eval", id) }
            let result = try work(&eval)
            world.evals[id] = eval
            return result
        }
    }

    fileprivate func withRun<Result>(
        _ call: Call, _ work: (inout EvalRun) throws(Refusal) -> Result
    ) throws(Refusal) -> Result {
        try withEval(call) { eval throws(Refusal) in
            let id = call.argument(1)
            guard var run = eval.runs[id] else { throw .unknown("run", id) }
            let result = try work(&run)
            eval.runs[id] = run
            return result
        }
    }

    fileprivate func createEval(_ call: Call) throws(Refusal) -> HTTPReply {
        let body = try call.body()
        let config = body["data_source_config"] ?? .null
        guard let type = config[field: "type"].text, ["custom", "logs", "stored_completions"].contains(type) else {
            throw Refusal(
                400, "Invalid 'data_source_config.type'.", param: "data_source_config.type", code: "invalid_value")
        }
        guard let given = body["testing_criteria"]?.list, !given.isEmpty else {
            throw Refusal(
                400, "Missing required parameter: 'testing_criteria'.", param: "testing_criteria",
                code: "missing_required_parameter")
        }
        var criteria: [TestingCriterion] = []
        for (index, value) in given.enumerated() {
            criteria.append(try TestingCriterion(value, place: "testing_criteria[\(index)]"))
        }
        if let metadata = body["metadata"], !metadata.isNull { try ChatCheck.checkMetadata(metadata) }
        // The answer has the whole schema where the request had that of the item.
        var answered = config.record ?? [:]
        if type == "custom" {
            answered["schema"] = [
                "type": "object",
                "properties": ["item": answered.removeValue(forKey: "item_schema") ?? [:]],
                "required": ["item"],
            ]
        }
        let created = Int(options.now().timeIntervalSince1970)
        let record = world.withLock { world -> Record in
            let id = world.id("eval_")
            let record: Record = [
                "object": "eval", "id": .string(id), "name": body["name"] ?? "", "created_at": .integer(created),
                "data_source_config": .record(answered), "testing_criteria": .list(given),
                "metadata": body["metadata"] ?? [:],
            ]
            world.evals[id] = Eval(record: record, criteria: criteria)
            return record
        }
        return HTTPReply(.record(record), status: 201)
    }

    fileprivate func createRun(_ call: Call) throws(Refusal) -> HTTPReply {
        let body = try call.body()
        let source = body["data_source"] ?? .null
        let eval = try withEval(call) { eval throws(Refusal) in eval }
        let rows = try rows(of: source, call)
        let created = Int(options.now().timeIntervalSince1970)
        let record = world.withLock { world -> Record in
            [
                "object": "eval.run", "id": .string(world.id("evalrun_")), "eval_id": .string(call.argument(0)),
                "name": body["name"] ?? "", "created_at": .integer(created), "status": "queued",
                "model": source[field: "model"], "data_source": source, "metadata": body["metadata"] ?? [:],
                "report_url": .string("https://double.example/evals/\(call.argument(0))"), "error": .null,
                "per_model_usage": [], "per_testing_criteria_results": [],
                "result_counts": ["total": 0, "passed": 0, "failed": 0, "errored": 0],
            ]
        }
        let run = EvalRun(
            record: record, rows: rows, criteria: eval.criteria, evalID: call.argument(0), score: options.score)
        try withEval(call) { eval throws(Refusal) in eval.runs[record["id"]?.text ?? ""] = run }
        return HTTPReply(.record(record), status: 201)
    }

    // MARK: Rows

    private func rows(of source: Value, _ call: Call) throws(Refusal) -> [EvalRun.Row] {
        let type = source[field: "type"].text
        guard type == "jsonl" || type == "completions" else {
            throw Refusal(
                400, "Invalid 'data_source.type': the double knows jsonl and completions.",
                param: "data_source.type", code: "invalid_value")
        }
        let model = source[field: "model"].text ?? ""
        if type == "completions", !models.contains(model) {
            throw Refusal(404, "The model `\(model)` does not exist.", param: "model", code: "model_not_found")
        }
        let template = source[field: "input_messages"][field: "template"].list ?? []
        return try items(of: source[field: "source"], call).map { row in
            let item = row[field: "item"]
            let sample = row[field: "sample"]
            guard type == "completions" else {
                let said = sample[field: "output_text"].text ?? ChatCall.text(of: ["content": sample])
                return EvalRun.Row(item: item, input: [], answer: said, model: "")
            }
            let messages: [Value] = template.map { message in
                let content = message[field: "content"]
                var filler = Template(text: content.text ?? content[field: "text"].text ?? "")
                return [
                    "role": message[field: "role"],
                    "content": .string(filler.filled(with: ["item": item, "sample": sample])),
                ]
            }
            let body: Record = ["model": .string(model), "messages": .list(messages)]
            let answer = ChatAnswer(body: body, key: SHA256Name.of(JSON.text(.record(body))), says: options.answer)
            return EvalRun.Row(
                item: item, input: messages, answer: answer.choices.first?.text ?? "", model: model)
        }
    }

    /// Rows `{item, sample?}`.
    private func items(of source: Value, _ call: Call) throws(Refusal) -> [Value] {
        switch source[field: "type"].text {
        case "file_content": return source[field: "content"].list ?? []
        case "file_id":
            let id = source[field: "id"].text ?? ""
            guard let file = world.withLock({ $0.files.files[id] }) else { throw .unknown("File", id) }
            return try TrainingFile(file.bytes, name: file.record["filename"]?.text ?? "").rows
        case "stored_completions":
            let pairs = (source[field: "metadata"].record ?? [:]).compactMap { name, value in
                value.text.map { (name, $0) }
            }
            let found = world.withLock {
                $0.completions.find(model: source[field: "model"].text, metadata: pairs, at: call.visit.ordinal)
            }
            return found.prefix(source[field: "limit"].integer ?? .max).map { completion in
                let said = completion[field: "choices"].list?.first?[field: "message"][field: "content"].text ?? ""
                return ["item": completion, "sample": Samples.value(said)]
            }
        default:
            throw Refusal(
                400, "Invalid 'data_source.source.type'.", param: "data_source.source.type", code: "invalid_value")
        }
    }
}

internal import Foundation
internal import OrderedCollections
internal import Synchronization
internal import Tables

extension Route {
    static let fineTuning = [
        Route("POST", "/fine_tuning/jobs") { service, call throws(Refusal) in try service.createJob(call) },
        Route("GET", "/fine_tuning/jobs") { service, call throws(Refusal) in
            let pairs = call.head.metadataPairs
            let jobs = service.world.withLock { world in
                world.jobs.values.map(\.record).filter { record in
                    pairs.allSatisfy { (record["metadata"] ?? .null)[field: $0.0].text == $0.1 }
                }
            }
            return try Page.reply(jobs.map { .record($0) }, call, order: "desc")
        },
        Route("GET", "/fine_tuning/jobs/*") { service, call throws(Refusal) in
            let options = service.options
            return try service.withJob(call) { job, world throws(Refusal) in
                while options.progress == .atOnce, job.isActive { world.advance(&job, options) }
                let seen = job.record
                if options.progress == .byPolls { world.advance(&job, options) }
                // What was before the step is seen first, so that every status is seen once.
                return HTTPReply(.record(seen))
            }
        },
        Route("GET", "/fine_tuning/jobs/*/events") { service, call throws(Refusal) in
            let events = try service.withJob(call) { job, _ throws(Refusal) in job.events }
            return try Page.reply(events, call, order: "desc")
        },
        Route("GET", "/fine_tuning/jobs/*/checkpoints") { service, call throws(Refusal) in
            let checkpoints = try service.withJob(call) { job, _ throws(Refusal) in job.checkpoints }
            return try Page.reply(checkpoints, call, order: "desc", limit: 10)
        },
        Route("POST", "/fine_tuning/jobs/*/cancel") { service, call throws(Refusal) in
            try service.withJob(call) { job, world throws(Refusal) in
                try job.cancel { world.id($0) }
                return HTTPReply(.record(job.record))
            }
        },
        Route("POST", "/fine_tuning/jobs/*/pause") { service, call throws(Refusal) in
            try service.withJob(call) { job, world throws(Refusal) in
                try job.pause { world.id($0) }
                return HTTPReply(.record(job.record))
            }
        },
        Route("POST", "/fine_tuning/jobs/*/resume") { service, call throws(Refusal) in
            try service.withJob(call) { job, world throws(Refusal) in
                try job.resume { world.id($0) }
                return HTTPReply(.record(job.record))
            }
        },
    ]
}

extension HTTPHead {
    /// The pairs of `metadata[k]=v` in the query.
    var metadataPairs: [(String, String)] {
        query.compactMap { name, value in
            guard name.hasPrefix("metadata["), name.hasSuffix("]") else { return nil }
            return (String(name.dropFirst(9).dropLast()), value)
        }
    }
}

extension World {
    /// Brings a job on by one step; what it leaves behind is kept.
    mutating func advance(_ job: inout FineTuningJob, _ options: ServiceDouble.Options) {
        let before = job.trained.count
        job.advance(options.training, azure: options.flavour == .azure) { id($0) }
        if job.trained.count > before { trainedModels.formUnion(job.trained) }
        if job.status == "succeeded", job.record["result_files"] == [], let results = job.results {
            let file = id("file-")
            _ = files.add(
                id: file, name: "results.csv", purpose: "fine-tune-results", bytes: Array(results.utf8),
                created: job.record["created_at"]?.integer ?? 0)
            job.attach(results: file)
        }
    }
}

extension Service {
    /// Works on the job that a call names.
    fileprivate func withJob<Result>(
        _ call: Call, _ work: (inout FineTuningJob, inout World) throws(Refusal) -> Result
    ) throws(Refusal) -> Result {
        let id = call.argument(0)
        return try world.withLock { world throws(Refusal) in
            guard var job = world.jobs[id] else {
                throw Refusal(
                    404, "Could not find fine tune: \(id)", param: "fine_tuning_job_id", code: "fine_tune_not_found")
            }
            let result = try work(&job, &world)
            world.jobs[id] = job
            return result
        }
    }

    fileprivate func createJob(_ call: Call) throws(Refusal) -> HTTPReply {
        let body = try call.body()
        let order = try order(body)
        let hyperparameters: Value = [
            "batch_size": .integer(order.batch),
            "learning_rate_multiplier": hyperparameter("learning_rate_multiplier", body),
            "n_epochs": .integer(order.epochs),
        ]
        let created = Int(options.now().timeIntervalSince1970)
        let status: Value = options.flavour == .azure ? "pending" : "validating_files"
        let record = world.withLock { world -> Record in
            let record: Record = [
                "object": "fine_tuning.job", "id": .string(world.id("ftjob-")), "model": .string(order.model),
                "created_at": .integer(created), "finished_at": .null, "fine_tuned_model": .null,
                "organization_id": "org-double", "result_files": [], "status": status,
                "validation_file": body["validation_file"] ?? .null, "training_file": body["training_file"] ?? .null,
                "hyperparameters": hyperparameters, "trained_tokens": .null, "error": .null,
                "user_provided_suffix": order.suffix.map { .string($0) } ?? .null, "seed": .integer(order.seed),
                "estimated_finish": .null, "integrations": [],
                "metadata": body["metadata"] ?? .null,
                "method": [
                    "type": .string(order.method),
                    .init(order.method): ["hyperparameters": hyperparameters],
                ],
            ]
            let job = FineTuningJob(record: record, order: order) { world.id($0) }
            world.jobs[job.name] = job
            return record
        }
        return HTTPReply(.record(record))
    }

    // MARK: What is asked for

    private func hyperparameter(_ name: String, _ body: Record) -> Value {
        let method = body["method"] ?? .null
        let type = method[field: "type"].text ?? "supervised"
        let newer = method[field: type][field: "hyperparameters"][field: name]
        return newer.isNull ? (body["hyperparameters"] ?? .null)[field: name] : newer
    }

    private func number(_ name: String, _ range: ClosedRange<Int>, _ body: Record, auto: Int) throws(Refusal) -> Int {
        let value = hyperparameter(name, body)
        if value.isNull || value.text == "auto" || (options.flavour == .azure && value == -1) { return auto }
        guard let number = value.integer, range.contains(number) else {
            throw Refusal(
                400, "Invalid '\(name)': from \(range.lowerBound) to \(range.upperBound), or \"auto\".",
                param: "hyperparameters.\(name)", code: "invalid_value")
        }
        return number
    }

    private func order(_ body: Record) throws(Refusal) -> FineTuningJob.Order {
        guard let model = body["model"]?.text else {
            throw Refusal(400, "You must provide a model parameter.", param: "model")
        }
        let isTrained = world.withLock { $0.trainedModels.contains(model) }
        guard options.trainableModels.contains(model) || isTrained else {
            throw Refusal(
                400, "Model \(model) is not available for fine-tuning or does not exist.", param: "model",
                code: "model_not_available")
        }
        let method = (body["method"] ?? .null)[field: "type"].text ?? "supervised"
        guard ["supervised", "dpo", "reinforcement"].contains(method) else {
            throw Refusal(400, "Invalid 'method.type'.", param: "method.type", code: "invalid_value")
        }
        if let suffix = body["suffix"]?.text, suffix.unicodeScalars.count > 64 {
            throw Refusal(400, "Invalid 'suffix': at most 64 characters.", param: "suffix", code: "invalid_value")
        }
        let seed = body["seed"] ?? .null
        guard seed.isNull || (seed.integer.map { (0...2_147_483_647).contains($0) } ?? false) else {
            throw Refusal(400, "Invalid 'seed': from 0 to 2147483647.", param: "seed", code: "invalid_value")
        }
        if let metadata = body["metadata"], !metadata.isNull { try ChatCheck.checkMetadata(metadata) }
        let epochs = try number("n_epochs", 1...50, body, auto: 3)
        guard let training = try file("training_file", body) else {
            throw Refusal(
                400, "Missing required parameter: 'training_file'.", param: "training_file",
                code: "missing_required_parameter")
        }
        let validation = try file("validation_file", body)
        var fault = training.fault(method: method, param: "training_file")
        if fault == nil { fault = validation?.fault(method: method, param: "validation_file") }
        return FineTuningJob.Order(
            model: model, suffix: body["suffix"]?.text, seed: seed.integer ?? 42, epochs: epochs,
            batch: try number("batch_size", 1...256, body, auto: max(1, training.rows.count / 500)),
            examples: training.rows.count, words: training.words, method: method, fault: fault,
            hasValidation: validation != nil)
    }

    private func file(_ name: String, _ body: Record) throws(Refusal) -> TrainingFile? {
        guard let value = body[name], !value.isNull else { return nil }
        let file = value.text.flatMap { id in world.withLock { $0.files.files[id] } }
        guard let file, file.record["purpose"] == "fine-tune" else {
            throw Refusal(
                400, "invalid \(name): \(value.text ?? JSON.text(value))", param: name, code: "invalid_\(name)")
        }
        guard file.record["status"] == "processed" else {
            throw Refusal(
                400, "File '\(value.text ?? "")' is still being processed and is not ready to be used.", param: name,
                code: "file_not_ready")
        }
        return try TrainingFile(file.bytes, name: file.record["filename"]?.text ?? "")
    }
}

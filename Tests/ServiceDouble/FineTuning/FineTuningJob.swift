internal import Foundation
internal import OrderedCollections
internal import Tables

/// A job, which goes a step on each time it is looked at, or each time the test's clock steps.
struct FineTuningJob: Sendable {
    /// What it is asked for, checked.
    struct Order: Sendable {
        let model: String
        let suffix: String?
        let seed: Int
        let epochs: Int
        let batch: Int
        let examples: Int
        let words: Int
        let method: String
        /// Why its files cannot be trained on.
        let fault: Value?
        let hasValidation: Bool
    }

    let order: Order
    private(set) var record: Record
    /// Oldest first.
    private(set) var events: [Value] = []
    private(set) var checkpoints: [Value] = []
    private var runs = 0

    /// Models that training left behind: the last one first.
    private(set) var trained: [String] = []
    /// The measurements, once it has succeeded.
    private(set) var results: String?

    init(record: Record, order: Order, id: (String) -> String) {
        self.record = record
        self.order = order
        tell("Created fine-tuning job: \(name)", id)
        tell("Validating training file: \(record["training_file"]?.text ?? "")", id)
    }

    var name: String { record["id"]?.text ?? "" }
    var status: String { record["status"]?.text ?? "" }
    var isOver: Bool { ["succeeded", "failed", "cancelled"].contains(status) }
    /// Whether it goes on by itself.
    var isActive: Bool { !isOver && status != "paused" }
    private var created: Int { record["created_at"]?.integer ?? 0 }

    private var steps: Int { max(1, (order.examples + order.batch - 1) / order.batch * order.epochs) }

    // MARK: A step

    /// Goes on by one step.
    /// - Parameters:
    ///   - training: how jobs go.
    ///   - id: makes ids with a prefix.
    mutating func advance(_ training: ServiceDouble.Training, azure: Bool, id: (String) -> String) {
        switch status {
        case "validating_files", "pending":
            if let fault = order.fault { return fail(fault, id) }
            tell("Files validated, moving job to queued state", id)
            record["status"] = "queued"
        case "queued":
            record["status"] = "running"
            tell("Fine-tuning job started", id)
        case "running":
            runs += 1
            if runs == training.failsAfter, let failure = training.failure {
                return fail(
                    ["code": .string(failure.code), "message": .string(failure.message), "param": .null], id)
            }
            let running = max(1, training.runningSteps)
            measure(from: steps * (runs - 1) / running, to: steps * runs / running, azure: azure, id)
            if runs >= running { succeed(azure: azure, id) }
        default: break
        }
    }

    mutating func cancel(_ id: (String) -> String) throws(Refusal) {
        try refuseIfOver("cancelled")
        record["status"] = "cancelled"
        record["finished_at"] = .integer(created + 60 * (runs + 1))
        tell("Fine-tuning job cancelled", id)
    }

    mutating func pause(_ id: (String) -> String) throws(Refusal) {
        try refuseIfOver("paused")
        guard status == "running" else {
            throw Refusal(400, "Job \(name) is \(status); only a running job is paused.", param: "fine_tuning_job_id")
        }
        record["status"] = "paused"
        tell("Fine-tuning job paused", id)
    }

    mutating func resume(_ id: (String) -> String) throws(Refusal) {
        guard status == "paused" else {
            throw Refusal(400, "Job \(name) is \(status); only a paused job is resumed.", param: "fine_tuning_job_id")
        }
        record["status"] = "running"
        tell("Fine-tuning job resumed", id)
    }

    private func refuseIfOver(_ what: String) throws(Refusal) {
        guard isOver else { return }
        throw Refusal(
            400, "Job has already completed: \(name) is \(status) and cannot be \(what).", param: "fine_tuning_job_id",
            code: "invalid_request_error")
    }

    // MARK: What it leaves behind

    private mutating func tell(_ message: String, level: String = "info", data: Record? = nil, _ id: (String) -> String)
    {
        events.append([
            "object": "fine_tuning.job.event", "id": .string(id("ftevent-")),
            "created_at": .integer(created + events.count), "level": .string(level), "message": .string(message),
            "data": data.map { .record($0) } ?? [:], "type": data == nil ? "message" : "metrics",
        ])
    }

    private mutating func fail(_ error: Value, _ id: (String) -> String) {
        record["status"] = "failed"
        record["error"] = error
        record["finished_at"] = .integer(created + 60)
        tell("The job failed: \(error[field: "message"].text ?? "")", level: "error", id)
    }

    private static func loss(_ step: Int) -> Double { (200 / (1 + 0.05 * Double(step))).rounded() / 100 }

    private func metrics(_ step: Int, isFull: Bool) -> Record {
        var metrics: Record = [
            "step": .integer(step), "train_loss": .double(FineTuningJob.loss(step)),
            "train_mean_token_accuracy": .double(1 - FineTuningJob.loss(step) / 4),
        ]
        guard order.hasValidation else { return metrics }
        metrics["valid_loss"] = .double(FineTuningJob.loss(step) + 0.1)
        metrics["valid_mean_token_accuracy"] = .double(0.975 - FineTuningJob.loss(step) / 4)
        if isFull {
            metrics["full_valid_loss"] = .double(FineTuningJob.loss(step) + 0.15)
            metrics["full_valid_mean_token_accuracy"] = .double(0.96 - FineTuningJob.loss(step) / 4)
        }
        return metrics
    }

    private func model(azure: Bool, step: Int? = nil) -> String {
        let short = SHA256Name.of(name).prefix(8)
        if azure {
            let suffix = order.suffix.map { "-\($0)" } ?? ""
            return "\(order.model).ft-\(short)\(suffix)" + (step.map { ":ckpt-step-\($0)" } ?? "")
        }
        return "ft:\(order.model):org-double:\(order.suffix ?? ""):\(short)" + (step.map { ":ckpt-step-\($0)" } ?? "")
    }

    private mutating func measure(from begin: Int, to end: Int, azure: Bool, _ id: (String) -> String) {
        guard begin < end else { return }
        let epoch = max(1, steps / order.epochs)
        for step in (begin + 1)...end {
            let isEpoch = step % epoch == 0
            let metrics = metrics(step, isFull: isEpoch)
            var data = metrics
            data["total_steps"] = .integer(steps)
            tell("Step \(step)/\(steps): training loss=\(FineTuningJob.loss(step))", data: data, id)
            // The last one is the model itself.
            guard isEpoch, step < steps else { continue }
            let model = model(azure: azure, step: step)
            trained.append(model)
            checkpoints.append([
                "object": "fine_tuning.job.checkpoint", "id": .string(id("ftckpt_")),
                "created_at": .integer(created + events.count), "fine_tuned_model_checkpoint": .string(model),
                "fine_tuning_job_id": .string(name), "metrics": .record(metrics), "step_number": .integer(step),
            ])
            tell("Checkpoint created at step \(step)", id)
        }
    }

    private mutating func succeed(azure: Bool, _ id: (String) -> String) {
        let model = model(azure: azure)
        trained.insert(model, at: 0)
        checkpoints.append([
            "object": "fine_tuning.job.checkpoint", "id": .string(id("ftckpt_")),
            "created_at": .integer(created + events.count), "fine_tuned_model_checkpoint": .string(model),
            "fine_tuning_job_id": .string(name), "metrics": .record(metrics(steps, isFull: true)),
            "step_number": .integer(steps),
        ])
        record["status"] = "succeeded"
        record["fine_tuned_model"] = .string(model)
        record["finished_at"] = .integer(created + 60 * (runs + 2))
        record["trained_tokens"] = .integer(order.words * order.epochs)
        tell("New fine-tuned model created", id)
        tell("The job has successfully completed", id)
        results = csv
    }

    mutating func attach(results file: String) { record["result_files"] = [.string(file)] }

    /// `results.csv` with the columns that Azure documents.
    private var csv: String {
        let names = [
            "step", "train_loss", "train_mean_token_accuracy", "valid_loss", "validation_mean_token_accuracy",
            "full_valid_loss", "full_valid_mean_token_accuracy",
        ]
        let rows = (1...steps).map { step in
            let metrics = metrics(step, isFull: step % max(1, steps / order.epochs) == 0)
            return names.map { name in
                let field = name == "validation_mean_token_accuracy" ? "valid_mean_token_accuracy" : name
                return metrics[field].map { JSON.text($0) } ?? ""
            }.joined(separator: ",")
        }
        return ([names.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
    }
}

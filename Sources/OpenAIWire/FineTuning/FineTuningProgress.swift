internal import OrderedCollections
internal import Tables

/// How grave an event is.
public struct EventLevel: WireWord {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let info: EventLevel = "info"
    public static let warning: EventLevel = "warn"
    public static let error: EventLevel = "error"
}

/// Something that happened to a job. Source: openai/openai-openapi, schema `FineTuningJobEvent`.
public struct FineTuningEvent: WireObject, Listed {
    public static let form = WireForm("a fine-tuning event", .needs("message", .text))
    public static let listing = Listing.hasMore

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A message, or metrics where there are any.
    /// - Parameter created: seconds since 1970.
    public init(
        id: String, created: Int, level: EventLevel = .info, message: String, metrics: TrainingMetrics? = nil
    ) {
        fields = WireFields([
            "object": "fine_tuning.job.event", "id": .string(id), "created_at": .integer(created),
            "level": .string(level.rawValue), "message": .string(message),
            "type": metrics == nil ? "message" : "metrics", "data": metrics?.json ?? [:],
        ])
    }

    public var id: String { fields.text("id") ?? "" }

    /// Seconds since 1970.
    public var created: Int? { fields.whole("created_at") }
    public var level: EventLevel { fields.word("level") ?? .info }
    public var message: String { fields.text("message") ?? "" }

    /// What was measured, where the event is of metrics.
    public var metrics: TrainingMetrics? {
        fields.text("type") == "metrics" ? fields.object("data") : nil
    }
}

/// What was measured at a step; what was not is nil.
public struct TrainingMetrics: WireObject {
    public static let form = WireForm("training metrics")

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameters:
    ///   - loss: the mean cross entropy of a batch, in nats per token.
    ///   - accuracy: the share of a batch's tokens that the model would have chosen.
    ///   - validLoss: the same of a batch of the validation file; `fullValidLoss` of all of it, at an epoch's end.
    public init(
        step: Int, loss: Double? = nil, accuracy: Double? = nil, validLoss: Double? = nil,
        validAccuracy: Double? = nil, fullValidLoss: Double? = nil, fullValidAccuracy: Double? = nil
    ) {
        fields = WireFields([
            "step": .integer(step), "train_loss": loss.map(Value.double),
            "train_mean_token_accuracy": accuracy.map(Value.double), "valid_loss": validLoss.map(Value.double),
            "valid_mean_token_accuracy": validAccuracy.map(Value.double),
            "full_valid_loss": fullValidLoss.map(Value.double),
            "full_valid_mean_token_accuracy": fullValidAccuracy.map(Value.double),
        ])
    }

    public var step: Int? { fields.whole("step") }
    public var loss: Double? { fields.number("train_loss") }
    public var accuracy: Double? { fields.number("train_mean_token_accuracy") }
    public var validLoss: Double? { fields.number("valid_loss") }

    /// Azure's events call it `validation_mean_token_accuracy`.
    public var validAccuracy: Double? {
        fields.number("valid_mean_token_accuracy") ?? fields.number("validation_mean_token_accuracy")
    }

    public var fullValidLoss: Double? { fields.number("full_valid_loss") }
    public var fullValidAccuracy: Double? { fields.number("full_valid_mean_token_accuracy") }
}

/// A model as it was at a step, which can be used by its name. Source: openai/openai-openapi, schema
/// `FineTuningJobCheckpoint`.
public struct FineTuningCheckpoint: WireObject, Listed {
    public static let form = WireForm(
        "a checkpoint", .needs("id", .text), .needs("fine_tuned_model_checkpoint", .text))
    public static let listing = Listing.cursors

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameter created: seconds since 1970.
    public init(id: String, created: Int, job: String, model: String, step: Int, metrics: TrainingMetrics) {
        fields = WireFields([
            "object": "fine_tuning.job.checkpoint", "id": .string(id), "created_at": .integer(created),
            "fine_tuned_model_checkpoint": .string(model), "fine_tuning_job_id": .string(job),
            "metrics": metrics.json, "step_number": .integer(step),
        ])
    }

    public var id: String { fields.text("id") ?? "" }

    /// Seconds since 1970.
    public var created: Int? { fields.whole("created_at") }

    /// The name under which the model of this step answers.
    public var model: String { fields.text("fine_tuned_model_checkpoint") ?? "" }
    public var step: Int? { fields.whole("step_number") }
    public var metrics: TrainingMetrics? { fields.object("metrics") }
}

/// A page of `GET /fine_tuning/jobs/{id}/events`.
public typealias FineTuningEventList = WirePage<FineTuningEvent>

/// A page of `GET /fine_tuning/jobs/{id}/checkpoints`.
public typealias FineTuningCheckpointList = WirePage<FineTuningCheckpoint>

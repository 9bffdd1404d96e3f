public import OrderedCollections
internal import Tables

/// How far a job is.
public struct JobStatus: WireWord {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let validatingFiles: JobStatus = "validating_files"
    public static let queued: JobStatus = "queued"
    public static let running: JobStatus = "running"
    public static let paused: JobStatus = "paused"
    /// Azure's, before the job is queued.
    public static let pending: JobStatus = "pending"
    public static let succeeded: JobStatus = "succeeded"
    public static let failed: JobStatus = "failed"
    public static let cancelled: JobStatus = "cancelled"

    /// Whether the job will not change any more. A status that is unknown here may still change.
    public var isFinal: Bool {
        // Azure has written it with one l.
        [.succeeded, .failed, .cancelled, "canceled"].contains(self)
    }
}

/// A fine-tuning job. Source: openai/openai-openapi, schema `FineTuningJob`.
public struct FineTuningJob: WireObject, Listed {
    public static let form = WireForm(
        "a fine-tuning job", .needs("id", .text), .needs("status", .text), .mayHave("fine_tuned_model", .text))
    public static let listing = Listing.hasMore

    /// Why a job failed.
    public struct Failure: Sendable, Equatable {
        public let code: String
        public let message: String
        /// The parameter that is at fault, such as `training_file`.
        public let param: String?

        public init(code: String, message: String, param: String? = nil) {
            self.code = code
            self.message = message
            self.param = param
        }
    }

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A job as a server answers it.
    /// - Parameters:
    ///   - created: seconds since 1970, as are `finished` and `estimatedFinish`.
    ///   - method: its hyperparameters are also written in the older place.
    public init(
        id: String, created: Int, model: String, trainingFile: String, validationFile: String? = nil,
        method: FineTuningMethod, status: JobStatus, fineTunedModel: String? = nil, finished: Int? = nil,
        estimatedFinish: Int? = nil, trainedTokens: Int? = nil, resultFiles: [String] = [], failure: Failure? = nil,
        seed: Int, metadata: Metadata? = nil, organization: String
    ) {
        let error = failure.map { failure -> Value in
            [
                "code": .string(failure.code), "message": .string(failure.message),
                "param": failure.param.map(Value.string).orNull,
            ]
        }
        let older = method.hyperparameters?.fields.record.filter { $0.key != "beta" } ?? [:]
        fields = WireFields([
            "object": "fine_tuning.job", "id": .string(id), "created_at": .integer(created), "error": error.orNull,
            "fine_tuned_model": fineTunedModel.map(Value.string).orNull,
            "finished_at": finished.map(Value.integer).orNull, "hyperparameters": .record(older),
            "model": .string(model), "organization_id": .string(organization), "result_files": .texts(resultFiles),
            "status": .string(status.rawValue), "trained_tokens": trainedTokens.map(Value.integer).orNull,
            "training_file": .string(trainingFile), "validation_file": validationFile.map(Value.string).orNull,
            "seed": .integer(seed), "estimated_finish": estimatedFinish.map(Value.integer).orNull,
            "integrations": [], "method": method.json, "metadata": metadata.map(Value.pairs),
        ])
    }

    public var id: String { fields.text("id") ?? "" }

    /// Seconds since 1970.
    public var created: Int? { fields.whole("created_at") }
    public var finished: Int? { fields.whole("finished_at") }
    public var estimatedFinish: Int? { fields.whole("estimated_finish") }

    /// The model that is tuned.
    public var model: String? { fields.text("model") }
    public var trainingFile: String? { fields.text("training_file") }
    public var validationFile: String? { fields.text("validation_file") }
    public var status: JobStatus { fields.word("status") ?? "" }

    /// The tuned model's name, once there is one.
    public var fineTunedModel: String? { fields.text("fine_tuned_model").flatMap { $0.isEmpty ? nil : $0 } }

    /// The tokens that were trained on, which are what is paid for; nil while it runs.
    public var trainedTokens: Int? { fields.whole("trained_tokens") }

    /// The ids of files with the metrics.
    public var resultFiles: [String] { fields.texts("result_files") ?? [] }
    public var seed: Int? { fields.whole("seed") }
    public var suffix: String? { fields.text("suffix") }
    public var metadata: Metadata { fields.pairs("metadata") ?? [:] }

    /// Where Azure trains: `Standard`, `GlobalStandard` or `Developer`.
    public var trainingType: String? { fields.text("trainingType") }

    public var method: FineTuningMethod {
        fields.object("method") ?? FineTuningMethod(.supervised, fields.object("hyperparameters"))
    }

    /// The hyperparameters that the service settled on.
    public var hyperparameters: Hyperparameters? { method.hyperparameters ?? fields.object("hyperparameters") }

    /// Why it failed. Services write an empty error for jobs that have not failed: that is none.
    public var failure: Failure? {
        let error = self[field: "error"]
        let code = error[field: "code"].text ?? ""
        let message = error[field: "message"].text ?? ""
        guard !code.isEmpty || !message.isEmpty else { return nil }
        return Failure(code: code, message: message, param: error[field: "param"].text)
    }
}

/// A page of `GET /fine_tuning/jobs`.
public typealias FineTuningJobList = WirePage<FineTuningJob>

public import OrderedCollections
internal import Tables

/// How far a run is.
public struct EvalRunStatus: WireWord {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let queued: EvalRunStatus = "queued"
    public static let inProgress: EvalRunStatus = "in_progress"
    public static let completed: EvalRunStatus = "completed"
    public static let canceled: EvalRunStatus = "canceled"
    public static let failed: EvalRunStatus = "failed"

    /// Whether the run will not change any more. A status that is unknown here may still change.
    public var isFinal: Bool { [.completed, .canceled, .failed, "cancelled"].contains(self) }
}

/// The body of `POST /evals/{id}/runs`. Source: openai/openai-openapi, schema `CreateEvalRunRequest`.
public struct EvalRunRequest: WireObject {
    public static let form = WireForm(
        "a request for an eval's run", .mayHave("name", .text), .needs("data_source", .object(EvalDataSource.self)))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    public init(name: String? = nil, metadata: Metadata? = nil, dataSource: EvalDataSource) {
        fields = WireFields([
            "name": name.map(Value.string), "metadata": metadata.map(Value.pairs), "data_source": dataSource.json,
        ])
    }

    public var name: String? { fields.text("name") }
    public var metadata: Metadata { fields.pairs("metadata") ?? [:] }
    public var dataSource: EvalDataSource { fields.child("data_source") }
}

/// A run of an eval. Source: openai/openai-openapi, schema `EvalRun`.
public struct EvalRun: WireObject, Listed {
    public static let form = WireForm("an eval's run", .needs("id", .text), .needs("status", .text))
    public static let listing = Listing.cursors

    /// How many rows passed, failed and could not be graded.
    public struct Counts: Sendable, Equatable {
        public let total: Int
        public let passed: Int
        public let failed: Int
        public let errored: Int

        public init(total: Int, passed: Int, failed: Int, errored: Int) {
            self.total = total
            self.passed = passed
            self.failed = failed
            self.errored = errored
        }
    }

    /// How a grader found the rows.
    public struct Criterion: Sendable, Equatable {
        /// The grader's name.
        public let name: String
        public let passed: Int
        public let failed: Int

        public init(name: String, passed: Int, failed: Int) {
            self.name = name
            self.passed = passed
            self.failed = failed
        }
    }

    /// What a model was used for the run, the judges among them.
    public struct ModelUsage: Sendable, Equatable {
        public let model: String
        public let calls: Int
        public let promptTokens: Int
        public let completionTokens: Int
        public let cachedTokens: Int

        public init(model: String, calls: Int, promptTokens: Int, completionTokens: Int, cachedTokens: Int = 0) {
            self.model = model
            self.calls = calls
            self.promptTokens = promptTokens
            self.completionTokens = completionTokens
            self.cachedTokens = cachedTokens
        }
    }

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A run as a server answers it.
    /// - Parameters:
    ///   - created: seconds since 1970.
    ///   - report: the address of a page for people.
    public init(
        id: String, eval: String, name: String, created: Int, status: EvalRunStatus, model: String, report: String,
        counts: Counts, criteria: [Criterion] = [], usage: [ModelUsage] = [], dataSource: EvalDataSource,
        metadata: Metadata = [:], failure: EvalFailure? = nil
    ) {
        fields = WireFields([
            "object": "eval.run", "id": .string(id), "eval_id": .string(eval), "report_url": .string(report),
            "status": .string(status.rawValue), "model": .string(model), "name": .string(name),
            "created_at": .integer(created),
            "result_counts": [
                "total": .integer(counts.total), "errored": .integer(counts.errored),
                "failed": .integer(counts.failed), "passed": .integer(counts.passed),
            ],
            "per_model_usage": .list(usage.map(Self.json)),
            "per_testing_criteria_results": .list(criteria.map(Self.json)),
            "data_source": dataSource.json, "error": (failure?.json).orNull, "metadata": .pairs(metadata),
        ])
    }

    public var id: String { fields.text("id") ?? "" }
    public var eval: String? { fields.text("eval_id") }
    public var name: String? { fields.text("name") }

    /// Seconds since 1970.
    public var created: Int? { fields.whole("created_at") }
    public var status: EvalRunStatus { fields.word("status") ?? "" }
    public var model: String? { fields.text("model") }
    public var report: String? { fields.text("report_url") }
    public var metadata: Metadata { fields.pairs("metadata") ?? [:] }
    public var dataSource: EvalDataSource? { fields.object("data_source") }
    public var failure: EvalFailure? { EvalFailure(self[field: "error"]) }

    /// The counts; nil where one of them is missing.
    public var counts: Counts? {
        let counts = self[field: "result_counts"]
        guard let total = counts[field: "total"].integer, let passed = counts[field: "passed"].integer,
            let failed = counts[field: "failed"].integer, let errored = counts[field: "errored"].integer
        else { return nil }
        return Counts(total: total, passed: passed, failed: failed, errored: errored)
    }

    /// The graders' results, where the run has some already.
    public var criteria: [Criterion] {
        (self[field: "per_testing_criteria_results"].list ?? []).compactMap { result in
            guard let name = result[field: "testing_criteria"].text, let passed = result[field: "passed"].integer,
                let failed = result[field: "failed"].integer
            else { return nil }
            return Criterion(name: name, passed: passed, failed: failed)
        }
    }

    /// What was used of each model, where the run has used some already.
    public var usage: [ModelUsage] {
        (self[field: "per_model_usage"].list ?? []).compactMap { usage in
            // Answers of OpenAI's have `run_model_name` as well.
            guard let model = usage[field: "model_name"].text ?? usage[field: "run_model_name"].text else { return nil }
            return ModelUsage(
                model: model, calls: usage[field: "invocation_count"].integer ?? 0,
                promptTokens: usage[field: "prompt_tokens"].integer ?? 0,
                completionTokens: usage[field: "completion_tokens"].integer ?? 0,
                cachedTokens: usage[field: "cached_tokens"].integer ?? 0)
        }
    }

    private static func json(_ criterion: Criterion) -> Value {
        [
            "testing_criteria": .string(criterion.name), "passed": .integer(criterion.passed),
            "failed": .integer(criterion.failed),
        ]
    }

    private static func json(_ usage: ModelUsage) -> Value {
        [
            "model_name": .string(usage.model), "invocation_count": .integer(usage.calls),
            "prompt_tokens": .integer(usage.promptTokens), "completion_tokens": .integer(usage.completionTokens),
            "total_tokens": .integer(usage.promptTokens.addingReportingOverflow(usage.completionTokens).partialValue),
            "cached_tokens": .integer(usage.cachedTokens),
        ]
    }
}

/// Why a run, or a sample in it, failed.
public struct EvalFailure: Sendable, Equatable {
    public let code: String
    public let message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// Reads `error`; nil where it says nothing.
    init?(_ json: Value) {
        let code = json[field: "code"].text ?? ""
        let message = json[field: "message"].text ?? ""
        guard !code.isEmpty || !message.isEmpty else { return nil }
        self.init(code: code, message: message)
    }

    var json: Value { ["code": .string(code), "message": .string(message)] }
}

/// The answer to the deletion of an eval or a run.
public struct DeletedEval: WireObject {
    public static let form = WireForm("the answer to an eval's deletion", .mayHave("deleted", .flag))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// An eval was deleted.
    public static func eval(_ id: String) -> DeletedEval {
        DeletedEval(fields: WireFields(["object": "eval.deleted", "deleted": true, "eval_id": .string(id)]))
    }

    /// A run was deleted.
    public static func run(_ id: String) -> DeletedEval {
        DeletedEval(fields: WireFields(["object": "eval.run.deleted", "deleted": true, "run_id": .string(id)]))
    }

    /// Whether it is gone; a server that answers without saying so has deleted it.
    public var isDeleted: Bool { fields.flag("deleted") ?? true }
}

/// A page of `GET /evals/{id}/runs`.
public typealias EvalRunList = WirePage<EvalRun>

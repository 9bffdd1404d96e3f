public import OrderedCollections
public import Tables

/// The body, and the answer, of `POST /fine_tuning/alpha/graders/validate`: a grader.
public struct GraderValidation: WireObject {
    public static let form = WireForm("a grader to validate", .needs("grader", .record))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    public init(_ grader: GraderWire) { fields = WireFields(["grader": grader.json]) }

    /// The grader.
    /// - Throws: `WireError` where it is none, or not one that is run here.
    public func grader() throws(WireError) -> GraderWire {
        do throws(WireError) {
            return try GraderWire(self[field: "grader"])
        } catch {
            throw error.inside("grader")
        }
    }
}

/// The body of `POST /fine_tuning/alpha/graders/run`. Source: openai/openai-openapi, schema `RunGraderRequest`.
public struct GraderRunRequest: WireObject {
    public static let form = WireForm(
        "a request to run a grader", .needs("grader", .record), .mayHave("item", .record),
        .needs("model_sample", .text))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameters:
    ///   - item: what templates call `item`.
    ///   - sample: the text that is graded; JSON also fills `sample.output_json`.
    public init(grader: GraderWire, item: Record? = nil, sample: String) {
        fields = WireFields([
            "grader": grader.json, "item": item.map(Value.record), "model_sample": .string(sample),
        ])
    }

    public var item: Record { self[field: "item"].record ?? [:] }
    public var sample: String { fields.text("model_sample") ?? "" }

    /// The grader.
    /// - Throws: `WireError` where it is none, or not one that is run here.
    public func grader() throws(WireError) -> GraderWire {
        do throws(WireError) {
            return try GraderWire(self[field: "grader"])
        } catch {
            throw error.inside("grader")
        }
    }
}

/// The answer to `POST /fine_tuning/alpha/graders/run`. Source: openai/openai-openapi, schema `RunGraderResponse`.
public struct GraderRunResponse: WireObject {
    public static let form = WireForm(
        "a grader's result", .needs("reward", .number), .mayHave("metadata", .record))

    /// What can go wrong, in the schema's words and order.
    public static let errorFlags = [
        "formula_parse_error", "sample_parse_error", "truncated_observation_error", "unresponsive_reward_error",
        "invalid_variable_error", "other_error", "python_grader_server_error", "python_grader_runtime_error",
        "model_grader_server_error", "model_grader_refusal_error", "model_grader_parse_error",
    ]

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A result as a server answers it.
    /// - Parameters:
    ///   - errors: those of `errorFlags` that happened.
    ///   - details: what a judge's server said, where it failed.
    ///   - seconds: how long it took.
    ///   - subRewards: the scores of a `multi`'s graders by their names.
    ///   - usage: the tokens of each judge.
    public init(
        reward: Double, name: String, type: String, errors: Set<String> = [], details: String? = nil,
        seconds: Double, scores: Record = [:], subRewards: Record = [:], tokens: Int? = nil, model: String? = nil,
        usage: Record = [:]
    ) {
        var flags: Record = [:]
        for flag in Self.errorFlags { flags[flag] = .bool(errors.contains(flag)) }
        flags["python_grader_server_error_type"] = .null
        flags["python_grader_runtime_error_details"] = .null
        flags["model_grader_server_error_details"] = details.map(Value.string).orNull
        fields = WireFields([
            "reward": .double(reward),
            "metadata": [
                "name": .string(name), "type": .string(type), "errors": .record(flags),
                "execution_time": .double(seconds), "scores": .record(scores),
                "token_usage": tokens.map(Value.integer).orNull,
                "sampled_model_name": model.map(Value.string).orNull,
            ],
            "sub_rewards": .record(subRewards), "model_grader_token_usage_per_model": .record(usage),
        ])
    }

    public var reward: Double { fields.number("reward") ?? 0 }

    /// The names of the flags that are up, unknown ones included. A result with flags is no score: OpenAI writes 0 as
    /// the reward of what could not be graded.
    public var errors: [String] {
        (self[field: "metadata"][field: "errors"].record ?? [:]).filter { $0.value.bool == true }.map(\.key)
    }

    public var subRewards: OrderedDictionary<String, Double> {
        (self[field: "sub_rewards"].record ?? [:]).compactMapValues(\.double)
    }
}

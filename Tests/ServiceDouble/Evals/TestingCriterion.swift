internal import OrderedCollections
internal import Tables

/// One judgement that is wanted of a model: what a test's function of scores sees.
public struct ScoreCall: Sendable {
    /// The grader's name.
    public let grader: String
    public let model: String
    /// The judge's messages, filled in.
    public let messages: [String]
    /// The lowest and the highest score.
    public let range: (low: Double, high: Double)

    /// A score within the range that depends on the messages alone; whole.
    public var echo: Double {
        let digits = SHA256Name.of(messages.joined(separator: "\n")).prefix(8)
        let fraction = Double(UInt64(digits, radix: 16) ?? 0) / 4_294_967_296
        return (range.low + fraction * (range.high - range.low)).rounded()
    }
}

/// A grader, as far as the double knows them: `string_check` and `score_model`.
struct TestingCriterion: Sendable {
    let value: Value
    let name: String
    private let type: String

    /// A grade, or why there is none.
    struct Grade: Sendable {
        var score: Double
        var isPassed: Bool
        /// The first template variable that names nothing.
        var missing: String?
    }

    /// - Parameter place: the parameter that holds it.
    init(_ value: Value, place: String) throws(Refusal) {
        self.value = value
        func text(_ field: String) throws(Refusal) -> String {
            guard let text = value[field: field].text else {
                throw Refusal(
                    400, "Missing required parameter: '\(place).\(field)'.", param: "\(place).\(field)",
                    code: "missing_required_parameter")
            }
            return text
        }
        type = try text("type")
        name = try text("name")
        switch type {
        case "string_check":
            let operation = try text("operation")
            _ = try (text("input"), text("reference"))
            guard ["eq", "ne", "like", "ilike"].contains(operation) else {
                throw Refusal(
                    400, "Invalid value for '\(place).operation': eq, ne, like or ilike.",
                    param: "\(place).operation", code: "invalid_value")
            }
        case "score_model":
            _ = try text("model")
            guard value[field: "input"].list?.isEmpty == false else {
                throw Refusal(
                    400, "Missing required parameter: '\(place).input'.", param: "\(place).input",
                    code: "missing_required_parameter")
            }
        default:
            throw Refusal(
                400, "Invalid value for '\(place).type': '\(type)'; the double knows string_check and score_model.",
                param: "\(place).type", code: "invalid_value")
        }
    }

    /// Grades one sample.
    /// - Parameters:
    ///   - fields: `item` and `sample`, which templates read.
    ///   - score: what the judge says.
    func grade(_ fields: Value, score: (ScoreCall) -> Double) -> Grade {
        var missing: String?
        func filled(_ field: Value) -> String {
            var template = Template(text: field.text ?? "")
            defer { missing = missing ?? template.missing }
            return template.filled(with: fields)
        }
        switch type {
        case "string_check":
            let (input, reference) = (filled(value[field: "input"]), filled(value[field: "reference"]))
            let isPassed =
                switch value[field: "operation"].text {
                case "eq": input == reference
                case "ne": input != reference
                case "like": input.contains(reference)
                default: input.lowercased().contains(reference.lowercased())
                }
            return Grade(score: isPassed ? 1 : 0, isPassed: isPassed, missing: missing)
        default:
            let bounds = value[field: "range"].list?.compactMap(\.double) ?? []
            let range = bounds.count == 2 ? (low: bounds[0], high: bounds[1]) : (low: 0, high: 1)
            let messages = (value[field: "input"].list ?? []).map { message in
                filled(message[field: "content"].text.map { .string($0) } ?? message[field: "content"][field: "text"])
            }
            let given = score(
                ScoreCall(grader: name, model: value[field: "model"].text ?? "", messages: messages, range: range))
            // As the hosted service does: a score out of range is moved into it.
            let clamped = min(max(given, range.low), range.high)
            let threshold = value[field: "pass_threshold"].double ?? range.high
            return Grade(score: clamped, isPassed: clamped >= threshold, missing: missing)
        }
    }
}

/// A text with `{{…}}`.
struct Template {
    let text: String
    /// The first variable that named nothing.
    private(set) var missing: String?

    init(text: String) { self.text = text }

    mutating func filled(with fields: Value) -> String {
        var result = ""
        var rest = text[...]
        while let begin = rest.firstRange(of: "{{"), let end = rest[begin.upperBound...].firstRange(of: "}}") {
            result += rest[..<begin.lowerBound]
            let path = rest[begin.upperBound..<end.lowerBound].filter { !$0.isWhitespace }
            let value = path.split(separator: ".").reduce(fields) { $0[field: String($1)] }
            if value.isNull { missing = missing ?? String(path) }
            result += value.text ?? (value.isNull ? "" : JSON.text(value))
            rest = rest[end.upperBound...]
        }
        return result + rest
    }
}

extension Route {
    static let graders = [
        Route("POST", "/fine_tuning/alpha/graders/validate") { _, call throws(Refusal) in
            let grader = try call.body()["grader"] ?? .null
            _ = try TestingCriterion(grader, place: "grader")
            return HTTPReply(["grader": grader])
        },
        Route("POST", "/fine_tuning/alpha/graders/run") { service, call throws(Refusal) in
            let body = try call.body()
            let criterion = try TestingCriterion(body["grader"] ?? .null, place: "grader")
            guard let sample = body["model_sample"]?.text else {
                throw Refusal(
                    400, "Missing required parameter: 'model_sample'.", param: "model_sample",
                    code: "missing_required_parameter")
            }
            let fields: Value = ["item": body["item"] ?? [:], "sample": Samples.value(sample)]
            let grade = criterion.grade(fields, score: service.options.score)
            var errors: Record = [:]
            for name in [
                "formula_parse_error", "sample_parse_error", "truncated_observation_error",
                "unresponsive_reward_error", "other_error", "python_grader_server_error",
                "python_grader_runtime_error", "model_grader_server_error", "model_grader_refusal_error",
                "model_grader_parse_error",
            ] {
                errors[name] = false
            }
            errors["invalid_variable_error"] = .bool(grade.missing != nil)
            for name in [
                "python_grader_server_error_type", "python_grader_runtime_error_details",
                "model_grader_server_error_details",
            ] {
                errors[name] = .null
            }
            return HTTPReply([
                "reward": .double(grade.score), "sub_rewards": [:], "model_grader_token_usage_per_model": [:],
                "metadata": [
                    "name": .string(criterion.name), "type": criterion.value[field: "type"], "errors": .record(errors),
                    "execution_time": 0.0, "scores": [:], "token_usage": .null, "sampled_model_name": .null,
                ],
            ])
        },
    ]
}

/// What templates see of a model's answer.
enum Samples {
    static func value(_ text: String) -> Value {
        ["output_text": .string(text), "output_json": (try? JSON.parse(text)) ?? .null]
    }
}

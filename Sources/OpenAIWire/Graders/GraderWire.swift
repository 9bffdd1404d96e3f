internal import OrderedCollections
public import Tables

/// OpenAI's grader JSON (`testing_criteria`, and the graders of reinforcement fine-tuning), read as people already have
/// it.
///
/// What was read is kept as it stands, unknown fields included, and written back the same; `kind` is what it means.
/// Source: openai/openai-openapi, schemas `GraderStringCheck` and its siblings.
public struct GraderWire: Sendable, Equatable {
    /// What a grader does.
    public indirect enum Kind: Sendable, Equatable {
        /// `string_check`: two templates and an operation, `eq`, `ne`, `like` or `ilike`.
        case stringCheck(input: String, reference: String, operation: String)
        /// `text_similarity`: how alike two filled templates are, by a metric's name.
        case textSimilarity(input: String, reference: String, metric: String, passThreshold: Double?)
        /// `score_model`: a model gives a number within a range.
        case scoreModel(ModelRequest, range: ClosedRange<Double>, passThreshold: Double?)
        /// `label_model`: a model gives a label; some labels pass.
        case labelModel(ModelRequest, labels: [String], passing: [String])
        /// `multi`: named graders, and a formula of their scores.
        case multi([Part], formula: String)
    }

    /// What a grader asks of a model.
    public struct ModelRequest: Sendable, Equatable {
        /// The model's name as it stands in the JSON.
        public let model: String
        public let messages: [GraderMessage]
        public let sampling: GraderSampling
    }

    /// A named grader of a `multi`.
    public struct Part: Sendable, Equatable {
        public let name: String
        public let grader: GraderWire
    }

    /// What it means.
    public let kind: Kind
    /// The fields as they were read, in their order.
    private let fields: Record

    /// Every grader type that OpenAI has and that is run here.
    public static let types = ["string_check", "text_similarity", "score_model", "label_model", "multi"]

    /// The grader's own name, where it has one.
    public var name: String? { fields["name"]?.text }

    /// OpenAI's word for what it does.
    public var type: String { fields["type"]?.text ?? "" }

    /// The JSON as it was read.
    public var json: Value { .record(fields) }

    /// The JSON under a name.
    public func json(name: String) -> Value {
        var named = fields
        named["name"] = .string(name)
        return .record(named)
    }

    /// Reads a grader.
    /// - Throws: `WireError` that names the field.
    public init(_ json: Value) throws(WireError) {
        guard let fields = json.record else {
            throw WireError("a grader object with a `type`, found \(json.kindName)")
        }
        guard let type = fields["type"]?.text else {
            throw WireError("a grader's `type`, such as \"string_check\"")
        }
        self.fields = fields
        let reader = GraderFields(fields, type: type)
        switch type {
        case "string_check":
            kind = .stringCheck(
                input: try reader.text("input"), reference: try reader.text("reference"),
                operation: try reader.word("operation", among: ["eq", "ne", "like", "ilike"]))
        case "text_similarity":
            kind = .textSimilarity(
                input: try reader.text("input"), reference: try reader.text("reference"),
                metric: try reader.word("evaluation_metric", among: Self.metrics),
                passThreshold: try reader.number("pass_threshold"))
        case "score_model":
            kind = .scoreModel(
                try reader.modelRequest(), range: try reader.range(),
                passThreshold: try reader.number("pass_threshold"))
        case "label_model":
            let labels = try reader.labels("labels")
            let passing = try reader.labels("passing_labels")
            if let stranger = passing.first(where: { !labels.contains($0) }) {
                throw WireError(
                    "`passing_labels` that are among the labels \(labels.joined(separator: ", ")), found `\(stranger)`")
            }
            kind = .labelModel(try reader.modelRequest(), labels: labels, passing: passing)
        case "multi":
            kind = .multi(try reader.parts(), formula: try reader.text("calculate_output"))
        case "python":
            throw WireError(
                "a grader that is data; Python is not run here, so `\(fields["name"]?.text ?? "python")` becomes an "
                    + "expression on rows",
                hint: "grader .output_json.intent == .intent, or a number: grader similarity(.output, .answer)")
        default:
            throw WireError("a grader's type: \(Self.types.joined(separator: ", ")); there is no `\(type)`")
        }
    }

    /// OpenAI's names for how texts are compared.
    public static let metrics = [
        "cosine", "fuzzy_match", "bleu", "gleu", "meteor", "rouge_1", "rouge_2", "rouge_3", "rouge_4", "rouge_5",
        "rouge_l",
    ]

    /// Reads whatever holds graders: one, a list, an eval with `testing_criteria`, a request with `grader`.
    /// - Throws: `WireError` that names the grader and the field.
    public static func graders(in json: Value) throws(WireError) -> Graders {
        if let record = json.record, record["type"]?.text == nil {
            if let criteria = record["testing_criteria"] { return try graders(in: criteria) }
            if let grader = record["grader"] { return try graders(in: grader) }
        }
        guard let elements = json.list else { return .one(try GraderWire(json)) }
        let found = try list(elements)
        guard !found.isEmpty else { throw WireError("graders; the list is empty") }
        return .several(found)
    }

    /// Reads each of some graders.
    /// - Throws: `WireError` that names the grader and the field.
    static func list(_ elements: [Value]) throws(WireError) -> [GraderWire] {
        var found: [GraderWire] = []
        for (index, element) in elements.enumerated() {
            do throws(WireError) {
                found.append(try GraderWire(element))
            } catch {
                throw error.inside("the grader `\(element[field: "name"].text ?? "number \(index + 1)")`")
            }
        }
        return found
    }

    /// What a piece of JSON holds.
    public enum Graders: Sendable, Equatable {
        case one(GraderWire)
        /// A list, as `testing_criteria` is one.
        case several([GraderWire])
    }
}

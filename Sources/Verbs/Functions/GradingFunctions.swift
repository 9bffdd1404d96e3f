internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Functions that say how good an answer is: what graders are made of.
extension Builtin {
    static let gradingFunctions: [Builtin] = [
        .function(
            "similarity", .grading,
            "How alike two texts are, from 0 to 1: by a metric of OpenAI's `text_similarity`, else as `dedupe` measures it.",
            [
                .text, Parameter("other", .text, "the text to compare it with: the reference, for a metric"),
                Parameter(
                    "metric", .oneOf(TextMetric.allCases.map(\.rawValue)), isRequired: false,
                    "shared letters: fuzzy_match; shared runs of words: bleu, gleu, meteor, rouge_1 to rouge_5, rouge_l"
                ),
            ], example: "similarity(\"It arrives on Monday.\", \"It comes on Monday.\", \"rouge_l\")", result: .number
        ) { values, pause in
            let (text, other) = (values[0].text ?? "", values[1].text ?? "")
            guard let metric = values[2].text.flatMap(TextMetric.init(rawValue:)) else {
                return .double(NearDuplicates.similarity(text, other))
            }
            if let blindness = metric.blindness(to: other) {
                throw RowError("\(blindness); fuzzy_match and gleu read every script")
            }
            return .double(try metric.score(text, reference: other, pause: pause))
        },
        checked(
            "label",
            "Which of some labels an answer names: alone, as in \"Answer: B\" or \"(B)\", or in its last sentence that mentions "
                + "any; null where it names none or several.",
            [.answer, Parameter("labels", .list, "the labels, as texts or numbers")],
            example: "label(\"The answer is: (B).\", [\"A\", \"B\", \"C\"])",
            result: { call throws(Diagnostic) in
                if let labels = call.expression("labels")?.constant?.list {
                    try call.refuse(at: "labels", hint: "label(.output, [\"yes\", \"no\"])") {
                        _ = try answerLabels(labels)
                    }
                }
                if case .list(let element) = call.type("labels") { return element }
                return .any
            }
        ) { values in
            let labels = values[1].list ?? []
            let index = try answerLabels(labels).index(in: values[0].text ?? "")
            return index.map { labels[$0] } ?? .null
        },
        .function(
            "last_number", .grading,
            "The last number in a text, as graders of sums need it: signs, thousands separators, decimals and fractions are "
                + "read, units left out; null where there is none.",
            [.text], example: "last_number(\"so $1,200 in all\")", result: .number,
            compute: { values in AnswerNumber.last(in: values[0].text ?? "").map { .number($0) } ?? .null }),
        checked(
            "is_json",
            "Whether a text is JSON and nothing else, and fits a schema where one is given (a subset of JSON Schema).",
            [.answer, .schema],
            example: "is_json(\"{\\\"n\\\": 1}\", {type: \"object\", required: [\"n\"]})",
            result: { call throws(Diagnostic) in
                try call.refuseBadSchema()
                return .bool
            }
        ) { values in .bool(try jsonProblem(values) == nil) },
        checked(
            "json_problem", "Why `is_json` says false of a text, as a sentence; null where it says true.",
            [.answer, .schema], example: "json_problem(\"[1, 2]\", {type: \"array\", maxItems: 1})",
            result: { call throws(Diagnostic) in
                try call.refuseBadSchema()
                return .text
            }
        ) { values in try jsonProblem(values).map { .string($0) } ?? .null },
        .function(
            "sentences", .grading, "The sentences of a text, as a list.", [.text],
            example: "sentences(\"It is on its way. Dr. Lee has it at 3.5 kg!\")", result: .list(.text),
            compute: { values in .list(Sentences.split(values[0].text ?? "").map { .string($0) }) }),
        .function(
            "entities", .grading,
            "What a text names, by rule: numbers, dates, and names written with capitals; made for English.", [.text],
            example: "entities(\"Order 10441 left Berlin on 3 May 2026.\")", result: .list(.text),
            compute: { values in .list(NamedEntities.all(in: values[0].text ?? "").map { .string($0.text) }) }),
        .function(
            "entity_coverage", .grading,
            "The share, from 0 to 1, of what a source names (see `entities`) that a summary names too.",
            [
                Parameter("summary", .text, isSubject: true, "the text to grade"),
                Parameter("source", Acceptance.text.or(.list), "the text it sums up, or a list of what it should name"),
            ], example: "entity_coverage(\"Lee flew to Oslo.\", \"On 3 May Lee flew from Rome to Oslo.\")",
            result: .number,
            compute: { values in
                let entities =
                    values[1].list?.filter { !$0.isNull }.compactMap { NamedEntities.entity($0.plainText) }
                    ?? NamedEntities.all(in: values[1].text ?? "")
                guard !entities.isEmpty else { throw RowError("the source names nothing that a summary could name") }
                let covered = NamedEntities.covered(entities, by: values[0].text ?? "")
                return .double(Double(covered.count) / Double(entities.count))
            }),
    ]

    /// A function whose arguments are looked at more closely before anything runs.
    private static func checked(
        _ name: String, _ summary: String, _ parameters: [Parameter], example: String,
        result: @escaping @Sendable (CheckedCall) throws(Diagnostic) -> StaticType,
        compute: @escaping @Sendable ([Value]) throws -> Value
    ) -> Builtin {
        Builtin(
            name, .grading, summary, parameters, example: example, compute: { values, _ in try compute(values) },
            result: result, run: { call in try compute(parameters.map { call.value($0.name) }) })
    }

    /// - Throws: `ArgumentMistake`.
    private static func answerLabels(_ labels: [Value]) throws -> AnswerLabels {
        for label in labels where label.text == nil && label.double == nil {
            throw ArgumentMistake(
                .wrongType, at: "labels", "Expected labels that are texts or numbers, found \(label.kindName).",
                hint: "[\"yes\", \"no\"]")
        }
        do throws(AnswerLabels.Mistake) {
            return try AnswerLabels(labels.map(\.plainText))
        } catch {
            throw ArgumentMistake(
                .outOfRange, at: "labels", "Expected \(error.message).", hint: "[\"yes\", \"no\"]")
        }
    }

    /// - Throws: `ArgumentMistake`.
    fileprivate static func jsonSchema(_ schema: Value) throws -> JSONSchema {
        do throws(JSONSchema.Mistake) {
            return try JSONSchema(schema)
        } catch {
            let close = error.word.flatMap { word in
                JSONSchema.foreignTypes[word.lowercased()].flatMap { error.words.contains($0) ? $0 : nil }
                    ?? Suggestion.closest(to: word, among: error.words)
            }
            throw ArgumentMistake(
                .outOfRange, at: "schema", "Expected \(error.message).",
                hint: close.map { "did you mean `\($0)`?" } ?? "{type: \"object\", required: [\"intent\"]}")
        }
    }

    /// Why a text is no JSON or does not fit the schema.
    private static func jsonProblem(_ values: [Value]) throws -> String? {
        let schema = values[1].isNull ? nil : try jsonSchema(values[1])
        let value: Value
        do {
            value = try JSON.parse(values[0].text ?? "")
        } catch {
            return "the text is no JSON: \(error)"
        }
        return try schema?.mismatch(value) { pattern, text in
            do {
                return try RegularExpression.with(pattern) { try $0.firstMatch(in: text) != nil }
            } catch let mistake as ArgumentMistake {
                throw ArgumentMistake(mistake.code, at: "schema", mistake.message, hint: mistake.hint)
            }
        }
    }
}

extension Parameter {
    /// What a model answered.
    fileprivate static let answer = Parameter("text", .text, isSubject: true, "the answer")

    fileprivate static let schema = Parameter(
        "schema", .record, isRequired: false,
        "what the JSON must be: type, enum, const, properties, required, additionalProperties, items, minItems, maxItems, "
            + "uniqueItems, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, pattern, anyOf, "
            + "allOf, oneOf, not")
}

extension CheckedCall {
    /// Tells of an argument's mistake where it stands.
    fileprivate func refuse(at parameter: String, hint: String, _ work: () throws -> Void) throws(Diagnostic) {
        do {
            try work()
        } catch let mistake as ArgumentMistake {
            throw self.mistake(mistake.code, at: parameter, mistake.message, hint: mistake.hint)
        } catch {
            throw self.mistake(.wrongType, at: parameter, "\(error)", hint: hint)
        }
    }

    fileprivate func refuseBadSchema() throws(Diagnostic) {
        guard let schema = expression("schema")?.constant else { return }
        try refuse(at: "schema", hint: "{type: \"object\"}") { _ = try Builtin.jsonSchema(schema) }
    }
}

extension Expression {
    /// The value, where it is made of literals alone.
    fileprivate var constant: Value? {
        switch kind {
        case .list(let elements):
            let values = elements.compactMap(\.constant)
            return values.count == elements.count ? .list(values) : nil
        case .record(let entries):
            var record = Record()
            for entry in entries {
                guard let value = entry.value.constant else { return nil }
                record[entry.name] = value
            }
            return .record(record)
        default: return literalValue
        }
    }
}

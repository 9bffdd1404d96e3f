import Foundation
import OrderedCollections
import Tables
import Testing

/// What Tests/References/openai_schema_reference.py wrote: OpenAI's schema, reduced, and examples of it.
struct OpenAISchema {
    let fixture: Value

    private static let loaded = Result {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/openai-schema", withExtension: "json"))
        return OpenAISchema(fixture: try JSON.parse([UInt8](Data(contentsOf: url))))
    }

    static func load() throws -> OpenAISchema { try loaded.get() }

    /// An example of OpenAI's, with the component whose example it is.
    struct Example {
        let at: String
        let schema: String
        let json: Value
        /// Whether it fits by Python's jsonschema.
        let fits: Bool
    }

    func examples() throws -> [Example] {
        try #require(fixture[field: "examples"].list).map { example in
            Example(
                at: try #require(example[field: "at"].text), schema: try #require(example[field: "schema"].text),
                json: example[field: "json"], fits: try #require(example[field: "fits"].bool))
        }
    }

    /// Why a value does not fit a component; nil where it does.
    func mismatch(_ value: Value, _ component: String) -> String? {
        let schema = fixture[field: "schemas"][field: component]
        guard !schema.isNull else { return "there is no component \(component)" }
        return mismatch(value, schema, at: "$")
    }

    /// Reads the words of JSON Schema 2020-12 that the reduced schema has; `allWordsAreKnown` fails for others.
    static let words: Set<String> = [
        "$ref", "type", "enum", "const", "properties", "required", "additionalProperties", "items", "minItems",
        "maxItems", "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "pattern", "anyOf", "oneOf",
        "allOf",
    ]

    private func mismatch(_ value: Value, _ schema: Value, at path: String) -> String? {
        if let flag = schema.bool { return flag ? nil : "\(path): nothing is allowed here" }
        for (word, rule) in schema.record ?? [:] {
            if let failure = failure(value, word, rule, schema, path) { return failure }
        }
        return nil
    }

    func fits(_ value: Value, _ schema: Value) -> Bool { mismatch(value, schema, at: "") == nil }

    private func failure(_ value: Value, _ word: String, _ rule: Value, _ schema: Value, _ path: String) -> String? {
        func unless(_ fits: Bool) -> String? {
            fits ? nil : "\(path): \(word) \(JSON.text(rule)) of \(JSON.text(value))"
        }
        let count = value.text.map(\.unicodeScalars.count)
        switch word {
        case "$ref":
            let name = rule.text?.replacingOccurrences(of: "#/schemas/", with: "") ?? ""
            return mismatch(value, fixture[field: "schemas"][field: name], at: path)
        case "type":
            let names = rule.text.map { [$0] } ?? rule.list?.compactMap(\.text) ?? []
            return unless(names.contains { isType($0, value) })
        case "enum": return unless((rule.list ?? []).contains { $0 == value })
        case "const": return unless(rule == value)
        case "properties":
            for (name, inner) in rule.record ?? [:] {
                guard let field = value.record?[name] else { continue }
                if let failure = mismatch(field, inner, at: "\(path).\(name)") { return failure }
            }
            return nil
        case "required":
            guard let record = value.record else { return nil }
            let missing = (rule.list ?? []).compactMap(\.text).first { record[$0] == nil }
            return missing.map { "\(path): `\($0)` is missing" }
        case "additionalProperties":
            let known = schema[field: "properties"].record ?? [:]
            for (name, field) in value.record ?? [:] where known[name] == nil {
                if let failure = mismatch(field, rule, at: "\(path).\(name)") { return failure }
            }
            return nil
        case "items":
            for (index, element) in (value.list ?? []).enumerated() {
                if let failure = mismatch(element, rule, at: "\(path)[\(index)]") { return failure }
            }
            return nil
        case "minItems": return unless(value.list.map { $0.count >= rule.integer ?? 0 } ?? true)
        case "maxItems": return unless(value.list.map { $0.count <= rule.integer ?? 0 } ?? true)
        case "minimum": return unless(value.double.map { $0 >= rule.double ?? 0 } ?? true)
        case "maximum": return unless(value.double.map { $0 <= rule.double ?? 0 } ?? true)
        case "exclusiveMinimum": return unless(value.double.map { $0 > rule.double ?? 0 } ?? true)
        case "minLength": return unless(count.map { $0 >= rule.integer ?? 0 } ?? true)
        case "maxLength": return unless(count.map { $0 <= rule.integer ?? 0 } ?? true)
        case "pattern":
            guard let text = value.text, let pattern = rule.text else { return nil }
            return unless(text.range(of: pattern, options: .regularExpression) != nil)
        case "anyOf":
            let failures = (rule.list ?? []).map { mismatch(value, $0, at: path) }
            return failures.contains(nil) ? nil : failures.compactMap(\.self).joined(separator: " | ")
        case "oneOf":
            let number = (rule.list ?? []).count { fits(value, $0) }
            return number == 1 ? nil : "\(path): fits \(number) of oneOf, \(JSON.text(value))"
        case "allOf": return (rule.list ?? []).lazy.compactMap { mismatch(value, $0, at: path) }.first
        default: return "\(path): the word \(word) is unknown"
        }
    }

    private func isType(_ name: String, _ value: Value) -> Bool {
        switch name {
        case "object": value.record != nil
        case "array": value.list != nil
        case "string": value.text != nil
        case "boolean": value.bool != nil
        case "null": value.isNull
        case "number": value.double != nil
        case "integer": value.double.map { $0.isFinite && $0 == $0.rounded() } ?? false
        default: false
        }
    }
}

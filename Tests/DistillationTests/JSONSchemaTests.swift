import Foundation
import Tables
import Testing

@testable import Distillation

@Suite struct JSONSchemaTests {
    /// Foundation's regular expressions; the language gives its own.
    private static func matches(_ pattern: String, _ text: String) throws -> Bool {
        let expression = try NSRegularExpression(pattern: pattern)
        return expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }

    @Test func valuesAreValidWherePythonsJSONSchemaSaysSo() throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/json-schema", withExtension: "json"))
        let fixture = try JSON.parse([UInt8](Data(contentsOf: url)))
        let values = try #require(fixture[field: "values"].list)
        let cases = try #require(fixture[field: "cases"].list)
        #expect(values.count * cases.count > 3_000)
        for row in cases {
            let schema = try JSONSchema(row[field: "schema"])
            let valid = try #require(row[field: "valid"].list)
            for (value, expected) in zip(values, valid) {
                let mismatch = try schema.mismatch(value, matches: Self.matches)
                #expect(
                    (mismatch == nil) == expected.bool,
                    "\(JSON.text(row[field: "schema"], .compact)) of \(JSON.text(value, .compact)): \(mismatch ?? "valid")"
                )
            }
        }
    }

    @Test(
        arguments: [
            (#"{"type": "text"}"#, "array, boolean, integer, null, number, object, string in `type`, found \"text\""),
            (#"{"properties": {"a": {"minimum": "1"}}}"#, "a number in `properties.a.minimum`, found \"1\""),
            (#"{"anyOf": []}"#, "a list of schemas in `anyOf`, found a list"),
            (#"{"items": {"minLength": -1}}"#, "a whole number from 0 in `items.minLength`, found a whole number"),
            (#"[1]"#, "a schema such as {type: \"object\"}, found a list"),
        ]) func wrongSchemasAreRefusedWithTheirPlace(schema: String, message: String) throws
    {
        let value = try JSON.parse(schema)
        do throws(JSONSchema.Mistake) {
            _ = try JSONSchema(value)
            Issue.record("\(schema) was read")
        } catch {
            #expect(error.message == message)
        }
    }

    @Test func rulesThatAreNotReadAreRefused() {
        #expect(throws: JSONSchema.Mistake.self) { try JSONSchema(["$ref": "#/a"]) }
        #expect(throws: JSONSchema.Mistake.self) { try JSONSchema(["propertis": [:]]) }
    }

    @Test func mismatchesSayWhere() throws {
        let schema = try JSONSchema([
            "properties": ["items": ["items": ["required": ["id"], "properties": ["id": ["type": "integer"]]]]]
        ])
        func mismatch(_ value: Value) throws -> String? { try schema.mismatch(value, matches: Self.matches) }
        #expect(
            try mismatch(["items": [["id": 1], ["id": "x"]]]) == "items[1].id: expected integer, found \"x\"")
        #expect(try mismatch(["items": [[:]]]) == "items[0]: expected the field `id`, which is missing")
        #expect(try mismatch(["items": [["id": 1]]]) == nil)
    }
}

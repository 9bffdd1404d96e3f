internal import OrderedCollections
public import Tables

/// OpenAI's grader JSON (`testing_criteria`), read as people already have it.
///
/// Source: openai/openai-openapi, schemas `GraderStringCheck` and its siblings.
public enum GraderWire: Sendable, Equatable {
    /// `string_check`: two templates and an operation.
    case stringCheck(name: String, input: String, reference: String, operation: String)

    /// Grader types that OpenAI has and this version does not run.
    public static let otherTypes = ["text_similarity", "score_model", "label_model", "python", "multi"]

    /// Reads a grader.
    /// - Throws: `WireError` that names the field.
    public init(_ json: Value) throws(WireError) {
        guard json.record != nil else { throw WireError("a grader object with a `type`, found \(json.kindName)") }
        guard let type = json[field: "type"].text else {
            throw WireError("a grader's `type`, such as \"string_check\"")
        }
        guard type == "string_check" else {
            if Self.otherTypes.contains(type) {
                throw WireError("a grader of type string_check; `\(type)` is not run by this version")
            }
            throw WireError("a grader's type: string_check; there is no `\(type)`")
        }
        guard let input = json[field: "input"].text else { throw WireError("text in the grader's `input`") }
        guard let reference = json[field: "reference"].text else { throw WireError("text in the grader's `reference`") }
        guard let operation = json[field: "operation"].text else {
            throw WireError("the grader's `operation`: eq, ne, like or ilike")
        }
        self = .stringCheck(
            name: json[field: "name"].text ?? "string_check", input: input, reference: reference, operation: operation)
    }

    /// The JSON that OpenAI's API takes.
    public var json: Value {
        switch self {
        case .stringCheck(let name, let input, let reference, let operation):
            [
                "type": "string_check", "name": .string(name), "input": .string(input),
                "reference": .string(reference), "operation": .string(operation),
            ]
        }
    }
}

/// JSON that does not follow OpenAI's format.
public struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was expected, and found where that helps.
    public let expected: String

    public init(_ expected: String) { self.expected = expected }

    public var description: String { "Expected \(expected)." }
}

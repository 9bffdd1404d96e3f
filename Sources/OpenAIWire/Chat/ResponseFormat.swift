internal import OrderedCollections
public import Tables

/// The form in which a model is made to answer.
public struct ResponseFormat: WireObject {
    public static let form = WireForm("a response format", .needs("type", .text))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// Plain text, as without any format.
    public static let text = ResponseFormat(fields: WireFields(["type": "text"]))

    /// Any JSON object. The prompt must speak of JSON, or OpenAI refuses.
    public static let jsonObject = ResponseFormat(fields: WireFields(["type": "json_object"]))

    /// JSON that fits a schema.
    /// - Parameters:
    ///   - name: letters, digits, `_` and `-`, at most 64.
    ///   - isStrict: whether the service holds the model to the schema; a subset of JSON Schema is possible then.
    public static func jsonSchema(name: String, schema: Value, isStrict: Bool? = nil) -> ResponseFormat {
        ResponseFormat(
            fields: WireFields([
                "type": "json_schema",
                "json_schema": .record(
                    WireFields(["name": .string(name), "schema": schema, "strict": isStrict.map(Value.bool)]).record),
            ]))
    }

    /// `text`, `json_object`, `json_schema` or what a server adds.
    public var type: String { fields.text("type") ?? "" }

    /// The schema of `json_schema`.
    public var schema: Value? {
        let schema = self[field: "json_schema"][field: "schema"]
        return Value.when(!schema.isNull, schema)
    }
}

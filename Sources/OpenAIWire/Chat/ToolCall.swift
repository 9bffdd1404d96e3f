internal import OrderedCollections
public import Tables

/// A call of a tool that a model asks for.
public struct ToolCall: WireObject {
    public static let form = WireForm("a tool call")

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A call of a function.
    /// - Parameter arguments: the text of a JSON object, as the model wrote it; it may be no JSON.
    public init(id: String, name: String, arguments: String) {
        fields = WireFields([
            "id": .string(id), "type": "function",
            "function": ["name": .string(name), "arguments": .string(arguments)],
        ])
    }

    public var id: String? { fields.text("id") }

    /// The function's name; nil of another kind of tool.
    public var name: String? { self[field: "function"][field: "name"].text }

    /// The text of the arguments as the model wrote it.
    public var arguments: String? {
        let arguments = self[field: "function"][field: "arguments"]
        // Some servers answer with the object itself in place of its text.
        return arguments.text ?? arguments.record.map { JSON.text(.record($0)) }
    }
}

/// A tool that a model may call.
public struct ChatTool: WireObject {
    public static let form = WireForm("a tool", .needs("type", .text))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A function.
    /// - Parameter parameters: a JSON schema of its arguments; nil for a function without any.
    public init(function name: String, description: String? = nil, parameters: Value? = nil) {
        fields = WireFields([
            "type": "function",
            "function": .record(
                WireFields([
                    "name": .string(name), "description": description.map(Value.string), "parameters": parameters,
                ]).record),
        ])
    }

    public var type: String { fields.text("type") ?? "" }
}

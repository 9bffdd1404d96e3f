internal import OrderedCollections
internal import Tables

/// A message of a request, of a stored completion or of a training row.
public struct ChatMessage: WireObject {
    public static let form = WireForm(
        "a message", .needs("role", .text), .mayHave("content", ChatContent.form),
        .mayHave("tool_calls", .objects(ToolCall.self)))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A message of any role.
    public init(role: ChatRole, content: ChatContent, name: String? = nil) {
        fields = WireFields([
            "role": .string(role.rawValue), "content": content.json, "name": name.map(Value.string),
        ])
    }

    /// What the model is told to be.
    public static func system(_ text: String) -> ChatMessage { ChatMessage(role: .system, content: .text(text)) }

    /// What reasoning models are told to be.
    public static func developer(_ text: String) -> ChatMessage { ChatMessage(role: .developer, content: .text(text)) }

    public static func user(_ text: String) -> ChatMessage { ChatMessage(role: .user, content: .text(text)) }

    /// A reply.
    /// - Parameters:
    ///   - text: what it says; nil where it only calls tools.
    ///   - weight: in a training row, 0 where this reply is not learnt and 1 where it is.
    public static func assistant(_ text: String?, toolCalls: [ToolCall] = [], weight: Int? = nil) -> ChatMessage {
        ChatMessage(
            fields: WireFields([
                "role": "assistant", "content": text.map(Value.string).orNull,
                "tool_calls": .when(!toolCalls.isEmpty, .objects(toolCalls)), "weight": weight.map(Value.integer),
            ]))
    }

    /// What a tool answered to a call.
    public static func tool(_ text: String, callID: String) -> ChatMessage {
        ChatMessage(
            fields: WireFields(["role": "tool", "content": .string(text), "tool_call_id": .string(callID)]))
    }

    public var role: ChatRole { fields.word("role") ?? "" }

    /// What it says; nil where it says nothing, as a reply that only calls tools.
    public var content: ChatContent? { ChatContent(self[field: "content"]) }

    /// The text of its content; empty where it says nothing.
    public var text: String { content?.plainText ?? "" }

    public var name: String? { fields.text("name") }
    public var toolCalls: [ToolCall] { fields.children("tool_calls") }
    public var toolCallID: String? { fields.text("tool_call_id") }
    public var refusal: String? { fields.text("refusal") }

    /// In a training row, whether this reply is learnt (0 or 1); nil where the row doesn't say.
    public var weight: Int? { fields.whole("weight") }
}

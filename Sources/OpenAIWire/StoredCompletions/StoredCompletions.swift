public import OrderedCollections
internal import Tables

/// A page of `GET /chat/completions`.
public typealias StoredCompletionsPage = WirePage<ChatCompletion>

/// The body of `POST /chat/completions/{id}`: the metadata that replaces the old.
public struct MetadataUpdate: WireObject {
    public static let form = WireForm(
        "an update of metadata",
        .mayHave("metadata", .other("an object of texts") { $0.record?.values.allSatisfy { $0.text != nil } == true }))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    public init(metadata: Metadata) { fields = WireFields(["metadata": .pairs(metadata)]) }

    public var metadata: Metadata { fields.pairs("metadata") ?? [:] }
}

/// A message of `GET /chat/completions/{id}/messages`: what was said to the model, with an id.
///
/// The schema says that the messages are replies; OpenAI answers those of the request, whatever their role.
public struct StoredMessage: WireObject, Listed {
    public static let form = WireForm("a stored message", .mayHave("content", ChatContent.form))
    public static let listing = Listing.cursors

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A message of a request under an id. Its parts, where it has some, stand in `content_parts`.
    public init(id: String, message: ChatMessage) {
        var record = message.fields.record
        record["id"] = .string(id)
        record["content"] = message.content.map { .string($0.plainText) } ?? .null
        if case .parts(let parts)? = message.content { record["content_parts"] = .objects(parts) }
        if record["refusal"] == nil { record["refusal"] = .null }
        fields = WireFields(record)
    }

    public var id: String { fields.text("id") ?? "" }
    public var role: ChatRole { fields.word("role") ?? .user }

    /// What it says, its parts where it has some.
    public var content: ChatContent? {
        if let parts = fields.objects("content_parts", as: ContentPart.self) { return .parts(parts) }
        return ChatContent(self[field: "content"])
    }

    /// The message as it can be sent again.
    public var message: ChatMessage {
        var record = fields.record
        for name in ["id", "content_parts", "refusal"] where name != "refusal" || record[name]?.isNull == true {
            record.removeValue(forKey: name)
        }
        if let content { record["content"] = content.json }
        if record["role"]?.text == nil { record["role"] = .string(role.rawValue) }
        return ChatMessage(fields: WireFields(record))
    }
}

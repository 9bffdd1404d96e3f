internal import OrderedCollections
internal import Tables

/// What is listed in pages: its id is the cursor with which the next page is asked for.
public protocol Listed: WireObject {
    var id: String { get }

    /// Which fields its pages have besides `object` and `data`.
    static var listing: Listing { get }
}

/// The fields of a page besides `object` and `data`, which differ between OpenAI's lists.
public enum Listing: Sendable {
    /// None: the list comes whole.
    case whole
    /// `has_more`.
    case hasMore
    /// `first_id`, `last_id` and `has_more`.
    case cursors
}

/// A page of a list: `{object: "list", data, first_id, last_id, has_more}`.
///
/// Source: openai/openai-openapi, schemas `ChatCompletionList`, `ListFilesResponse` and their siblings.
public struct WirePage<Element: Listed>: WireObject {
    public static var form: WireForm { WireForm("a list", .needs("data", .objects(Element.self))) }

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A page.
    /// - Parameter hasMore: whether elements follow the last one.
    public init(_ elements: [Element], hasMore: Bool = false) {
        let hasCursors = Element.listing == .cursors
        // The schema wants texts as cursors; of a page without elements they are empty.
        fields = WireFields([
            "object": "list", "data": .objects(elements),
            "first_id": .when(hasCursors, .string(elements.first?.id ?? "")),
            "last_id": .when(hasCursors, .string(elements.last?.id ?? "")),
            "has_more": .when(Element.listing != .whole, .bool(hasMore)),
        ])
    }

    public var elements: [Element] { fields.children("data") }

    /// Whether elements follow; lists without the field are whole.
    public var hasMore: Bool { fields.flag("has_more") ?? false }

    /// The `after` of the request for the next page; nil where this is the last one.
    public var next: String? {
        guard hasMore else { return nil }
        let last = fields.text("last_id") ?? elements.last?.id ?? ""
        return last.isEmpty ? nil : last
    }
}

/// The answer to a deletion: `{id, object, deleted}`.
public struct DeletedObject: WireObject {
    public static let form = WireForm("the answer to a deletion", .mayHave("deleted", .flag))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    private init(id: String, object: String) {
        fields = WireFields(["object": .string(object), "id": .string(id), "deleted": true])
    }

    /// A stored completion was deleted.
    public static func completion(_ id: String) -> DeletedObject {
        DeletedObject(id: id, object: "chat.completion.deleted")
    }

    /// A file was deleted.
    public static func file(_ id: String) -> DeletedObject { DeletedObject(id: id, object: "file") }

    /// A fine-tuned model was deleted.
    public static func model(_ id: String) -> DeletedObject { DeletedObject(id: id, object: "model") }

    public var id: String? { fields.text("id") }

    /// Whether it is gone; a server that answers without saying so has deleted it.
    public var isDeleted: Bool { fields.flag("deleted") ?? true }
}

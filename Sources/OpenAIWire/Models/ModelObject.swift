internal import OrderedCollections
internal import Tables

/// A model of `GET /models`. Compatible servers add much; it stays in the fields.
public struct ModelObject: WireObject, Listed {
    public static let form = WireForm("a model", .needs("id", .text))
    public static let listing = Listing.whole

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameter created: seconds since 1970.
    public init(id: String, created: Int, ownedBy: String) {
        fields = WireFields([
            "id": .string(id), "object": "model", "created": .integer(created), "owned_by": .string(ownedBy),
        ])
    }

    public var id: String { fields.text("id") ?? "" }

    /// Seconds since 1970.
    public var created: Int? { fields.whole("created") }
    public var ownedBy: String? { fields.text("owned_by") }
}

/// The answer to `GET /models`.
public typealias ModelList = WirePage<ModelObject>

public import OrderedCollections

/// The parameters of a list's address: which elements, from where, how many.
///
/// Used by the lists of stored completions, files, jobs, events, checkpoints, evals, runs and output items; each knows
/// some of them.
public struct ListQuery: Sendable, Equatable {
    /// Which comes first by the time of creation.
    public enum Order: String, Sendable { case oldestFirst = "asc", newestFirst = "desc" }

    /// The id after which the page begins; nil for the first page.
    public var after: String?
    /// How many elements a page has at most; nil for the server's own choice (20).
    public var limit: Int?
    public var order: Order?
    /// Only completions of this model.
    public var model: String?
    /// Only what has these pairs.
    public var metadata: Metadata
    /// Other filters by their names, such as `purpose` of files and `status` of output items.
    public var others: OrderedDictionary<String, String>

    public init(
        after: String? = nil, limit: Int? = nil, order: Order? = nil, model: String? = nil, metadata: Metadata = [:],
        others: OrderedDictionary<String, String> = [:]
    ) {
        self.after = after
        self.limit = limit
        self.order = order
        self.model = model
        self.metadata = metadata
        self.others = others
    }

    /// Reads what stands after the `?`, already split and decoded.
    /// - Throws: `WireError` for a limit that is no whole number from 1, and for an unknown order.
    public init(items: [(name: String, value: String)]) throws(WireError) {
        self.init()
        for (name, value) in items {
            switch name {
            case "after": after = value
            case "model": model = value
            case "limit":
                guard let limit = Int(value), limit >= 1 else {
                    throw WireError("a whole number from 1 as `limit`, found \(value)")
                }
                self.limit = limit
            case "order":
                guard let order = Order(rawValue: value) else {
                    throw WireError("asc or desc as `order`, found \(value)")
                }
                self.order = order
            default:
                if name.hasPrefix("metadata["), name.hasSuffix("]") {
                    metadata[String(name.dropFirst("metadata[".count).dropLast())] = value
                } else {
                    others[name] = value
                }
            }
        }
    }

    /// The parameters in the order in which OpenAI's own client writes them, not yet percent-encoded.
    public var items: [(name: String, value: String)] {
        var items: [(name: String, value: String)] = []
        if let after { items.append(("after", after)) }
        if let limit { items.append(("limit", String(limit))) }
        for (key, value) in metadata { items.append(("metadata[\(key)]", value)) }
        if let model { items.append(("model", model)) }
        if let order { items.append(("order", order.rawValue)) }
        for (name, value) in others { items.append((name, value)) }
        return items
    }

    /// What stands after the `?`, percent-encoded by RFC 3986; empty without parameters.
    public var text: String {
        items.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

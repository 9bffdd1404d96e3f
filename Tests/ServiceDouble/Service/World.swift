internal import Tables

/// What the service keeps.
struct World: Sendable {
    private var serial = 0
    var completions = StoredCompletions()

    /// A new id: a prefix and 24 digits.
    mutating func id(_ prefix: String) -> String {
        serial += 1
        return prefix + SHA256Name.of("\(prefix) \(serial)").prefix(24)
    }
}

/// A list with paging, as the API gives them.
enum Page {
    /// The part of a list that a query asks for, by `after`, `limit` and `order`.
    /// - Parameter items: in the order in which they came to be.
    static func reply(
        _ items: [Value], _ call: Call, order standard: String = "asc", limit standardLimit: Int = 20
    ) throws(Refusal) -> HTTPReply {
        let order = call.head.query("order") ?? standard
        guard ["asc", "desc"].contains(order) else {
            throw Refusal(400, "Invalid value for 'order': expected 'asc' or 'desc'.", param: "order")
        }
        var limit = standardLimit
        if let text = call.head.query("limit") {
            guard let given = Int(text), (1...100).contains(given) else {
                throw Refusal(400, "Invalid 'limit': expected an integer from 1 to 100.", param: "limit")
            }
            limit = given
        }
        var rest = order == "asc" ? items[...] : items.reversed()[...]
        if let after = call.head.query("after") {
            guard let place = rest.firstIndex(where: { $0[field: "id"].text == after }) else {
                throw Refusal(404, "There is no item '\(after)' to list after.", param: "after")
            }
            rest = rest[(place + 1)...]
        }
        let page = Array(rest.prefix(limit))
        return HTTPReply([
            "object": "list", "data": .list(page), "first_id": page.first?[field: "id"] ?? .null,
            "last_id": page.last?[field: "id"] ?? .null, "has_more": .bool(rest.count > limit),
        ])
    }
}

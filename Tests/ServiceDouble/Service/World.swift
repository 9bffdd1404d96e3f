internal import OrderedCollections
internal import Tables

/// What the service keeps.
struct World: Sendable {
    private var serial = 0
    var completions = StoredCompletions()
    var files = StoredFiles()
    var jobs: OrderedDictionary<String, FineTuningJob> = [:]
    /// What jobs left behind: models and checkpoints.
    var trainedModels: Set<String> = []
    var evals: OrderedDictionary<String, Eval> = [:]
    var deployments: OrderedDictionary<String, Deployment> = [:]

    /// A new id: a prefix and 24 digits.
    mutating func id(_ prefix: String) -> String {
        serial += 1
        return prefix + SHA256Name.of("\(prefix) \(serial)").prefix(24)
    }

    /// Jobs, runs and deployments go on by one step.
    mutating func step(_ options: ServiceDouble.Options) {
        for (name, job) in jobs where !job.isOver {
            var job = job
            advance(&job, options)
            jobs[name] = job
        }
        for (name, eval) in evals {
            for run in eval.runs.keys { evals[name]?.runs[run]?.advance() }
        }
        for name in deployments.keys { deployments[name]?.advance() }
    }
}

/// A list with paging, as the API gives them.
enum Page {
    /// The part of a list that a query asks for, by `after`, `limit` and `order`.
    /// - Parameter items: in the order in which they came to be.
    static func reply(
        _ items: [Value], _ call: Call, order standard: String = "asc", limit standardLimit: Int = 20, most: Int = 100
    ) throws(Refusal) -> HTTPReply {
        let order = call.head.query("order") ?? standard
        guard ["asc", "desc"].contains(order) else {
            throw Refusal(400, "Invalid value for 'order': expected 'asc' or 'desc'.", param: "order")
        }
        var limit = standardLimit
        if let text = call.head.query("limit") {
            guard let given = Int(text), (1...most).contains(given) else {
                throw Refusal(400, "Invalid 'limit': expected an integer from 1 to \(most).", param: "limit")
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

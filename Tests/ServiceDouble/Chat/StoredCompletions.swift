internal import OrderedCollections
internal import Synchronization
internal import Tables

/// Completions that were asked to be kept.
struct StoredCompletions: Sendable {
    private struct Entry {
        var record: Record
        let messages: [Value]
        /// The first request, by its ordinal, that can find it.
        let visibleFrom: Int
    }

    private var entries: OrderedDictionary<String, Entry> = [:]

    mutating func add(_ completion: Record, request: Record, visibleFrom: Int) {
        guard let id = completion["id"]?.text else { return }
        var record = completion
        record["metadata"] = request["metadata"].flatMap { $0.isNull ? nil : $0 } ?? [:]
        record["request_id"] = .string("req_\(visibleFrom)")
        for (name, standard) in [
            ("temperature", 1.0), ("top_p", 1.0), ("presence_penalty", 0.0), ("frequency_penalty", 0.0),
        ] as [(String, Double)] {
            record[name] = request[name] ?? .double(standard)
        }
        for name in ["seed", "tools", "tool_choice", "response_format"] { record[name] = request[name] ?? .null }
        record["input_user"] = request["user"] ?? .null
        entries[id] = Entry(record: record, messages: request["messages"]?.list ?? [], visibleFrom: visibleFrom)
    }

    /// Those that a request finds, oldest first.
    /// - Parameters:
    ///   - ordinal: the request's.
    ///   - metadata: pairs that they have to have.
    func find(model: String?, metadata: [(String, String)], at ordinal: Int) -> [Value] {
        entries.values.compactMap { entry in
            guard entry.visibleFrom <= ordinal, model == nil || entry.record["model"]?.text == model,
                metadata.allSatisfy({ (entry.record["metadata"] ?? .null)[field: $0.0].text == $0.1 })
            else { return nil }
            return .record(entry.record)
        }
    }

    func get(_ id: String, at ordinal: Int) -> Value? {
        guard let entry = entries[id], entry.visibleFrom <= ordinal else { return nil }
        return .record(entry.record)
    }

    func messages(of id: String, at ordinal: Int) -> [Value]? {
        guard let entry = entries[id], entry.visibleFrom <= ordinal else { return nil }
        return entry.messages.enumerated().map { index, message in
            var record = message.record ?? [:]
            record["id"] = .string("\(id)-\(index)")
            record["name"] = record["name"] ?? .null
            record["content_parts"] = .null
            return .record(record)
        }
    }

    mutating func update(_ id: String, metadata: Value) -> Value? {
        entries[id]?.record["metadata"] = metadata
        return entries[id].map { .record($0.record) }
    }

    mutating func remove(_ id: String) -> Bool { entries.removeValue(forKey: id) != nil }

    var count: Int { entries.count }
}

extension Route {
    static let storedCompletions = [
        Route("GET", "/chat/completions") { service, call throws(Refusal) in
            let found = service.world.withLock {
                $0.completions.find(
                    model: call.head.query("model"), metadata: call.head.metadataPairs, at: call.visit.ordinal)
            }
            return try Page.reply(found, call)
        },
        Route("GET", "/chat/completions/*") { service, call throws(Refusal) in
            let id = call.argument(0)
            guard let found = service.world.withLock({ $0.completions.get(id, at: call.visit.ordinal) }) else {
                throw .unknown("completion", id)
            }
            return HTTPReply(found)
        },
        Route("GET", "/chat/completions/*/messages") { service, call throws(Refusal) in
            let id = call.argument(0)
            guard let found = service.world.withLock({ $0.completions.messages(of: id, at: call.visit.ordinal) })
            else { throw .unknown("completion", id) }
            return try Page.reply(found, call)
        },
        Route("POST", "/chat/completions/*") { service, call throws(Refusal) in
            let id = call.argument(0)
            guard let metadata = try call.body()["metadata"] else {
                throw Refusal(
                    400, "Missing required parameter: 'metadata'.", param: "metadata",
                    code: "missing_required_parameter")
            }
            if !metadata.isNull { try ChatCheck.checkMetadata(metadata) }
            guard let found = service.world.withLock({ $0.completions.update(id, metadata: metadata) }) else {
                throw .unknown("completion", id)
            }
            return HTTPReply(found)
        },
        Route("DELETE", "/chat/completions/*") { service, call throws(Refusal) in
            let id = call.argument(0)
            guard service.world.withLock({ $0.completions.remove(id) }) else { throw .unknown("completion", id) }
            return HTTPReply(["object": "chat.completion.deleted", "id": .string(id), "deleted": true])
        },
    ]
}

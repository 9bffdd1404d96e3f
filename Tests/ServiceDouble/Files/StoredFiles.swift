internal import OrderedCollections
internal import Tables

/// Files that were uploaded, or that jobs wrote.
struct StoredFiles: Sendable {
    struct File: Sendable {
        var record: Record
        let bytes: [UInt8]
        /// How many times it is looked at before it is ready.
        var polls: Int
    }

    private(set) var files: OrderedDictionary<String, File> = [:]

    /// https://platform.openai.com/docs/api-reference/files/create
    static let purposes: Set<String> = ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]

    mutating func add(
        id: String, name: String, purpose: String, bytes: [UInt8], created: Int, expires: Int? = nil, polls: Int = 0,
        waiting: String = "uploaded"
    ) -> Record {
        let record: Record = [
            "id": .string(id), "object": "file", "bytes": .integer(bytes.count), "created_at": .integer(created),
            "expires_at": expires.map { .integer($0) } ?? .null, "filename": .string(name),
            "purpose": .string(purpose), "status": .string(polls > 0 ? waiting : "processed"), "status_details": .null,
        ]
        files[id] = File(record: record, bytes: bytes, polls: polls)
        return record
    }

    /// A file's record; to look at it brings it on.
    mutating func look(_ id: String) -> Record? {
        guard var file = files[id] else { return nil }
        if file.polls > 0 {
            file.polls -= 1
            if file.polls == 0 { file.record["status"] = "processed" }
            files[id] = file
        }
        return file.record
    }

    mutating func remove(_ id: String) -> Bool { files.removeValue(forKey: id) != nil }
}

/// Rows of a file for training, as the service checks them.
struct TrainingFile: Sendable {
    /// The rows, where every line is a JSON object.
    let rows: [Value]

    /// - Throws: what an upload is refused with.
    init(_ bytes: [UInt8], name: String) throws(Refusal) {
        guard name.hasSuffix(".jsonl") else {
            throw Refusal(400, "Invalid file format for the fine-tuning API: it must be .jsonl.", param: "file")
        }
        var rows: [Value] = []
        for (index, line) in bytes.split(separator: 0x0A).enumerated() {
            // Azure wants a byte order mark, which is no part of the first line.
            let text = index == 0 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
            guard let value = try? JSON.parse(Array(text)), value.record != nil else {
                throw Refusal(
                    400,
                    "Expected file to have JSONL format, where every line is a JSON dictionary. "
                        + "Line \(index + 1) is not a dictionary.",
                    param: "file", code: "invalid_jsonl")
            }
            rows.append(value)
        }
        self.rows = rows
    }

    /// Why a job cannot train on it: `error` of the job.
    func fault(method: String, param: String) -> Value? {
        func fault(_ code: String, _ message: String) -> Value {
            ["code": .string(code), "message": .string(message), "param": .string(param)]
        }
        for (index, row) in rows.enumerated() where !(method == "dpo" ? isPreference(row) : isConversation(row)) {
            return fault(
                "invalid_file_format", "Invalid file format. Example \(index + 1) is no example of method \(method).")
        }
        guard rows.count >= 10 else {
            return fault(
                "invalid_n_examples", "The file has \(rows.count) example(s), but must have at least 10 examples.")
        }
        return nil
    }

    private func isConversation(_ row: Value) -> Bool {
        guard let messages = row[field: "messages"].list, messages.allSatisfy({ $0[field: "role"].text != nil }) else {
            return false
        }
        return messages.contains { message in
            let weight = message[field: "weight"]
            return message[field: "role"].text == "assistant" && (weight.isNull || weight == 0 || weight == 1)
        }
    }

    private func isPreference(_ row: Value) -> Bool {
        row[field: "input"][field: "messages"].list?.isEmpty == false
            && row[field: "preferred_output"].list?.isEmpty == false
            && row[field: "non_preferred_output"].list?.isEmpty == false
    }

    /// Words in all messages.
    var words: Int {
        rows.reduce(0) { sum, row in
            (row[field: "messages"].list ?? []).reduce(sum) { $0 + Words.count(ChatCall.text(of: $1)) }
        }
    }
}

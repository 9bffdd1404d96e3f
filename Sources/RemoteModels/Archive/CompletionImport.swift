public import Distillation
internal import OrderedCollections
internal import Tables

/// Reads completions out of files: OpenAI's stored completions (pages or lines, with their messages), requests and
/// results of the Batch API, our own exports, tapes.
public struct CompletionImport: Sendable {
    /// What could not be used, and why.
    public struct Skipped: Sendable, Equatable {
        /// In words that fit behind a number: "without an answer".
        public let reason: String
        public var count: Int
        /// Where the first one stands: "results.jsonl, line 3".
        public let first: String
    }

    /// What could be used, each once.
    public private(set) var completions: [StoredCompletion] = []
    public private(set) var skipped: [Skipped] = []

    private let endpoint: String?
    private let now: Double
    private var known: Set<CompletionKey> = []
    private var found: [(json: Value, request: Value?, batchID: String?, place: String)] = []
    /// Bodies of requests by `custom_id`.
    private var requests: [String: (body: Value, place: String)] = [:]
    /// Messages by the completion's id, each with its number.
    private var messages: [String: [(number: Int, message: Value)]] = [:]

    /// - Parameters:
    ///   - endpoint: the service that answered, where the files do not say; nil where that is not known.
    ///   - now: when a completion was made that does not say; seconds since 1970.
    public init(endpoint: String?, now: Double) {
        self.endpoint = endpoint
        self.now = now
    }

    /// Completions that answer the request they answered there.
    public var answering: Int { completions.count { $0.key == $0.request.key } }

    /// Reads a file; what belongs together may stand in several.
    /// - Throws: `ProviderError` for a file that holds no JSON, and for a tape that was changed.
    public mutating func add(_ bytes: [UInt8], name: String) throws {
        if Tape.isTape(bytes) {
            for stored in try Tape(bytes, name: name).completions { keep(stored) }
            return
        }
        // A page, or anything else that is one JSON value; else a value in each line.
        if let whole = try? JSON.parse(bytes) { return add(whole, place: name) }
        var lines = 0
        var wrong: String?
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            do throws(JSONError) {
                add(try JSON.parse(Array(line)), place: "\(name), line \(index + 1)")
                lines += 1
            } catch {
                wrong =
                    wrong
                    ?? "line \(index + 1), column \(error.column): expected \(error.expected), found \(error.found)"
                skip("that are no JSON", "\(name), line \(index + 1)")
            }
        }
        guard lines > 0 else {
            throw ProviderError(
                "\(name) holds no JSON\(wrong.map { ": \($0)" } ?? "; it is empty").",
                hint:
                    "import takes OpenAI's stored completions, batches and distnb's own exports, as JSON or JSON Lines")
        }
    }

    /// Puts together what belongs together. To be called once, behind the last file.
    public mutating func finish() {
        var answered: Set<String> = []
        for (json, request, batchID, place) in found {
            var request = request
            if let batchID {
                answered.insert(batchID)
                guard let body = requests[batchID]?.body else {
                    skip("of a batch whose requests are in none of the files", place)
                    continue
                }
                request = body
            }
            let apart = json[field: "id"].text.flatMap { messages[$0] }.map { parts in
                Value.list(parts.sorted { $0.number < $1.number }.map(\.message))
            }
            do throws(CompletionJSON.Unusable) {
                let read = try CompletionJSON.completions(
                    json, request: request, messages: apart, endpoint: endpoint, now: now)
                for stored in read { keep(stored) }
            } catch {
                skip(error.reason, place)
            }
        }
        for (id, request) in requests.sorted(by: { $0.value.place < $1.value.place }) where !answered.contains(id) {
            skip("requests of a batch without a result", request.place)
        }
        (found, requests, messages) = ([], [:], [:])
    }

    private mutating func add(_ json: Value, place: String) {
        if let elements = json[field: "data"].list ?? json.list {
            for (index, element) in elements.enumerated() { add(element, place: "\(place), element \(index + 1)") }
        } else if let id = json[field: "custom_id"].text, !json[field: "body"].isNull {
            requests[id] = (json[field: "body"], place)
        } else if let id = json[field: "custom_id"].text, json.record?.keys.contains("response") == true {
            let response = json[field: "response"]
            guard response[field: "status_code"].integer ?? 200 == 200, !response[field: "body"].isNull else {
                requests.removeValue(forKey: id)
                return skip("requests that the service answered with an error", place)
            }
            found.append((response[field: "body"], nil, id, place))
        } else if !json[field: "request"].isNull, !json[field: "response"].isNull {
            func body(_ name: String) -> Value {
                let value = json[field: name]
                return value[field: "body"].isNull ? value : value[field: "body"]
            }
            found.append((body("response"), body("request"), nil, place))
        } else if json[field: "choices"].list != nil {
            found.append((json, nil, nil, place))
        } else if json[field: "role"].text != nil, let id = json[field: "id"].text,
            let dash = id.lastIndex(of: "-"), let number = Int(id[id.index(after: dash)...])
        {
            // What `GET /chat/completions/{id}/messages` lists: its ids are the completion's with a number.
            messages[String(id[..<dash]), default: []].append((number, json))
        } else if json[field: "object"].text == "response" {
            skip("of the Responses API, which say nothing that `generate` asks", place)
        } else if json[field: "messages"].list != nil {
            skip("rows for training, which name no model (read them with `load`)", place)
        } else {
            skip("that are no completions", place)
        }
    }

    private mutating func keep(_ stored: StoredCompletion) {
        if known.insert(stored.key).inserted {
            completions.append(stored)
        } else {
            skip("that came twice", stored.modelName)
        }
    }

    private mutating func skip(_ reason: String, _ place: String) {
        if let index = skipped.firstIndex(where: { $0.reason == reason }) {
            skipped[index].count += 1
        } else {
            skipped.append(Skipped(reason: reason, count: 1, first: place))
        }
    }
}

internal import OrderedCollections
internal import Tables

/// What a client sends: JSON-RPC 2.0.
enum IncomingMessage {
    /// Asks for an answer; the id is a number or text.
    case request(id: Value, method: String, parameters: Value)
    case notification(method: String, parameters: Value)
    /// An answer to something the server asked.
    case response

    /// Reads a message.
    /// - Throws: `ResponseError` where it is none, with the id where there is one.
    init(_ body: [UInt8]) throws(ResponseError) {
        let json: Value
        do {
            json = try JSON.parse(body)
        } catch {
            throw ResponseError(.parseError, "Expected a JSON-RPC message; it is no JSON: \(error).")
        }
        guard json.record != nil else {
            throw ResponseError(.invalidRequest, "Expected a JSON-RPC message, found \(json.kindName).")
        }
        let id = json[field: "id"]
        guard id.isNull || id.text != nil || id.integer != nil else {
            throw ResponseError(.invalidRequest, "Expected text or a whole number as `id`, found \(id.kindName).")
        }
        guard let method = json[field: "method"].text else {
            guard !id.isNull, json.record?["result"] != nil || json.record?["error"] != nil else {
                throw ResponseError(.invalidRequest, "Expected a `method`.", id: id)
            }
            self = .response
            return
        }
        let parameters = json[field: "params"]
        self =
            id.isNull
            ? .notification(method: method, parameters: parameters)
            : .request(id: id, method: method, parameters: parameters)
    }
}

/// Why a request has no result.
struct ResponseError: Error, Sendable {
    enum Code: Int, Sendable {
        case parseError = -32700
        case invalidRequest = -32600
        case methodNotFound = -32601
        case invalidParameters = -32602
        case serverNotInitialized = -32002
    }

    let code: Code
    let message: String
    /// What it answers, where the error itself knows.
    let id: Value

    init(_ code: Code, _ message: String, id: Value = .null) {
        self.code = code
        self.message = message
        self.id = id
    }
}

/// What the server sends.
enum OutgoingMessage {
    static func result(_ value: Value, to id: Value) -> Value {
        ["jsonrpc": "2.0", "id": id, "result": value]
    }

    static func error(_ error: ResponseError, to id: Value) -> Value {
        [
            "jsonrpc": "2.0", "id": id,
            "error": ["code": .integer(error.code.rawValue), "message": .string(error.message)],
        ]
    }

    static func notification(_ method: String, _ parameters: Value) -> Value {
        ["jsonrpc": "2.0", "method": .string(method), "params": parameters]
    }
}

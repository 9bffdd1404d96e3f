internal import OrderedCollections
public import Tables

/// What a service says about a request that it refused, whatever shape it says it in.
///
/// Read are OpenAI's `{"error": {message, type, param, code}}`, Azure's with `innererror` and its gateway's
/// `{"statusCode", "message"}`, vLLM's `{"object": "error", …}`, FastAPI's `{"detail"}`, llama.cpp's with a number as
/// code, Ollama's `{"error": "text"}`, and the plain text and HTML pages of proxies. There is always a message.
public struct APIErrorBody: Sendable, Equatable {
    /// What went wrong, in the service's words.
    public var message: String
    /// The kind of error, such as `invalid_request_error`.
    public var type: String?
    /// The error's name, such as `rate_limit_exceeded`. Some services write the HTTP status here: see `status`.
    public var code: String?
    /// The parameter that is at fault.
    public var param: String?
    /// The HTTP status that the body itself names.
    public var status: Int?
    /// What Azure's content filter found, such as `violence`; none where it was not the filter.
    public var filtered: [String]
    /// The body's JSON; nil where it is none.
    public var json: Value?

    /// An error as our servers answer it.
    /// - Parameter type: such as `invalid_request_error`, `server_error`, `requests`.
    public init(message: String, type: String, param: String? = nil, code: String? = nil) {
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        status = nil
        filtered = []
        json = [
            "error": [
                "message": .string(message), "type": .string(type), "param": param.map(Value.string).orNull,
                "code": code.map(Value.string).orNull,
            ]
        ]
    }

    /// Reads a body. Never fails: a body without any message says so.
    public init(bytes: [UInt8]) {
        self = (try? JSON.parse(bytes)).map(APIErrorBody.init(json:)) ?? APIErrorBody(text: bytes)
    }

    /// Reads JSON. Never fails.
    public init(json: Value) {
        let error = json[field: "error"]
        let fields = error.record == nil ? json : error
        let inner = fields[field: "innererror"].isNull ? fields[field: "inner_error"] : fields[field: "innererror"]
        let words = [
            fields[field: "message"].text, error.text, json[field: "message"].text, Self.detail(json[field: "detail"]),
            json[field: "error_description"].text, json.text, Self.first(json[field: "errors"]),
            inner[field: "message"].text,
        ]
        let named = words.lazy.compactMap(\.self).map(Self.shortened).first { !$0.isEmpty }
        message = named ?? (json.isNull ? Self.silence : Self.shortened(JSON.text(json)))
        type = Self.word(fields[field: "type"]) ?? Self.word(json[field: "type"])
        param = Self.word(fields[field: "param"])
        let code = Self.word(fields[field: "code"]) ?? Self.word(json[field: "code"])
        self.code = code ?? Self.word(inner[field: "code"])
        let statuses = [
            fields[field: "status"].integer, json[field: "statusCode"].integer, json[field: "status"].integer,
            code.flatMap { Int($0) },
        ]
        status = statuses.lazy.compactMap(\.self).first { (400..<600).contains($0) }
        let filter = inner[field: "content_filter_result"].record ?? inner[field: "content_filter_results"].record
        filtered = (filter ?? [:]).filter { $0.value[field: "filtered"].bool == true }.map(\.key)
        self.json = json
    }

    /// Reads JSON that came where something else was expected, such as a piece of a stream; nil where it tells of no
    /// error.
    public init?(unexpected json: Value) {
        let error = json[field: "error"]
        let tells = error.record != nil || !(error.text ?? "").isEmpty || json[field: "object"].text == "error"
        guard tells else { return nil }
        self.init(json: json)
    }

    private init(text bytes: [UInt8]) {
        let words = PageText(bytes).words
        message = words.isEmpty ? Self.silence : Self.shortened(words)
        type = nil
        code = nil
        param = nil
        status = nil
        filtered = []
        json = nil
    }

    /// Whether a content filter refused the request: the same request will be refused again.
    public var isContentFilter: Bool {
        !filtered.isEmpty
            || [code, type].contains { word in
                ["content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"].contains(word ?? "")
            }
    }

    /// The longest message that is kept, in characters: some services send the whole request back.
    public static let messageLimit = 2000

    private static let silence = "the server gave no reason"

    private static func shortened(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        let words = start[...last]
        return words.count > messageLimit ? "\(words.prefix(messageLimit))…" : String(words)
    }

    /// A text that says something, or a number as text.
    private static func word(_ value: Value) -> String? {
        switch value {
        case .string(let text): text.isEmpty ? nil : text
        case .number(let number): number.integer.map(String.init) ?? number.description
        default: nil
        }
    }

    private static func first(_ errors: Value) -> String? {
        guard let first = errors.list?.first else { return nil }
        return first.text ?? first[field: "message"].text
    }

    /// FastAPI's `detail`: a text, or a list of `{loc, msg, type}`.
    private static func detail(_ value: Value) -> String? {
        if let text = value.text { return text }
        if let message = value[field: "message"].text ?? value[field: "msg"].text { return message }
        guard let list = value.list else { return nil }
        let parts = list.compactMap { part -> String? in
            guard let message = part[field: "msg"].text else { return part.text }
            let place = (part[field: "loc"].list ?? []).compactMap { word($0) }.joined(separator: ".")
            return place.isEmpty ? message : "\(place): \(message)"
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}

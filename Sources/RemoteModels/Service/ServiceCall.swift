internal import OrderedCollections
package import Tables

/// One call of a service's API.
package struct ServiceCall: Sendable {
    /// What a path is put after.
    package enum Root: Sendable, Hashable {
        /// The service's endpoint: `https://api.openai.com/v1`.
        case endpoint
        /// Scheme, host and port of it alone: `https://NAME.openai.azure.com`.
        case host
    }

    /// What is sent with it.
    package enum Body: Sendable {
        case none
        case json(Value)
        /// Bytes of another type: `multipart/form-data; boundary=…`.
        case bytes([UInt8], type: String)
    }

    package var method: HTTPExchange.Method
    /// Begins with a slash; parts that come from elsewhere are encoded: see `segment`.
    package var path: String
    package var root: Root
    /// In their order; encoded when they are sent.
    package var query: [(name: String, value: String)]
    package var fields: [String: String]
    package var body: Body
    /// A key by which the service knows a call that comes a second time.
    package var idempotencyKey: String?
    /// Whether it may be sent again where it is not known what became of it.
    package var isRepeatable: Bool
    /// Seconds for the whole exchange; nil for the kernel's limit.
    package var timeout: Double?
    /// The most bytes of an answer.
    package var answerLimit: Int

    /// - Parameter isRepeatable: nil for what HTTP says of the method, and for calls with a key that they may be.
    package init(
        _ method: HTTPExchange.Method, _ path: String, root: Root = .endpoint,
        query: [(name: String, value: String)] = [], fields: [String: String] = [:], body: Body = .none,
        idempotencyKey: String? = nil, isRepeatable: Bool? = nil, timeout: Double? = nil, answerLimit: Int = 1 << 26
    ) {
        self.method = method
        self.path = path
        self.root = root
        self.query = query
        self.fields = fields
        self.body = body
        self.idempotencyKey = idempotencyKey
        // RFC 9110, 9.2.2: GET, PUT and DELETE are idempotent.
        self.isRepeatable = isRepeatable ?? (method != .post || idempotencyKey != nil)
        self.timeout = timeout
        self.answerLimit = answerLimit
    }

    /// A text as one part of a path: all but RFC 3986's unreserved letters is encoded.
    package static func segment(_ text: String) -> String { PercentEncoding.of(text) }
}

/// What a service answered to a call that it took.
package struct ServiceAnswer: Sendable {
    package let status: Int
    /// The fields of the head by name, in lower case.
    package let fields: [String: String]
    package let body: [UInt8]

    package init(status: Int, fields: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    package subscript(_ name: String) -> String? { fields[name] }
}

/// Bytes of a text that have no meaning of their own in an address (RFC 3986, 2.1 and 2.3).
enum PercentEncoding {
    static func of(_ text: String) -> String {
        var encoded: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}

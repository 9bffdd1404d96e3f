/// One request over HTTP and what came of it.
package enum HTTPExchange {
    package enum Method: String, Sendable, Hashable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// What is sent.
    package struct Request: Sendable, Hashable {
        package var method: Method
        /// Absolute, encoded.
        package var url: String
        package var fields: [String: String]
        /// nil for a request without a body.
        package var body: [UInt8]?
        package var patience: Patience
        /// The most bytes of a response's body; more is a failure.
        package var answerLimit: Int

        package init(
            _ method: Method, _ url: String, fields: [String: String] = [:], body: [UInt8]? = nil,
            patience: Patience = Patience(), answerLimit: Int = 1 << 24
        ) {
            self.method = method
            self.url = url
            self.fields = fields
            self.body = body
            self.patience = patience
            self.answerLimit = answerLimit
        }
    }

    /// How long is waited, in seconds.
    package struct Patience: Sendable, Hashable {
        /// For a connection.
        package var connect: Double
        /// For the next byte.
        package var stall: Double
        /// For the whole exchange; nil for as long as bytes come.
        package var whole: Double?

        package init(connect: Double = 15, stall: Double = 120, whole: Double? = 120) {
            self.connect = connect
            self.stall = stall
            self.whole = whole
        }
    }

    /// What came back, whole.
    package struct Response: Sendable, Hashable {
        package var status: Int
        /// The fields of the head by name, in lower case; of a field that comes twice the last one.
        package var fields: [String: String]
        package var body: [UInt8]

        package init(_ status: Int, fields: [String: String] = [:], body: [UInt8] = []) {
            self.status = status
            self.fields = fields
            self.body = body
        }
    }

    /// Why no whole response came.
    package struct Failure: Error, Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case network(NetworkFailure)
            /// The response is larger than was allowed.
            case tooLarge
            /// There is no libcurl on this machine.
            case noLibrary
        }

        package var kind: Kind
        /// What the library says about it.
        package var reason: String
        /// Whether the whole request had left, so that the other side may have done what it asks for.
        package var hasLeft: Bool
        /// What had arrived.
        package var part: Response?

        package init(_ kind: Kind, reason: String = "", hasLeft: Bool, part: Response? = nil) {
            self.kind = kind
            self.reason = reason
            self.hasLeft = hasLeft
            self.part = part
        }

        /// Whether nobody was there to take the request.
        package var isUnreachable: Bool {
            switch kind {
            case .network(.unresolved), .network(.proxy), .network(.refused): true
            case .network(.timedOut): !hasLeft
            default: false
            }
        }
    }
}

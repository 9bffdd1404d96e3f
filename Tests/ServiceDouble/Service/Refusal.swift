internal import OrderedCollections
internal import Tables

/// An error of the API, as the service's flavour words it.
struct Refusal: Error {
    let status: Int
    let message: String
    var type: String
    var param: String?
    var code: String?
    var innerCode: String?

    init(
        _ status: Int, _ message: String, type: String = "invalid_request_error", param: String? = nil,
        code: String? = nil
    ) {
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
    }

    static func rateLimited(_ message: String, type: String = "requests") -> Refusal {
        Refusal(429, message, type: type, code: "rate_limit_exceeded")
    }

    static func server(_ status: Int) -> Refusal {
        Refusal(status, "The server had an error while processing your request.", type: "server_error")
    }

    static func unknown(_ what: String, _ id: String) -> Refusal {
        Refusal(404, "No such \(what): \(id)", param: "id", code: "not_found")
    }

    static let contentFilter: Refusal = {
        var refusal = Refusal(
            400, "The prompt was filtered: it triggered the content management policy.", param: "prompt",
            code: "content_filter")
        refusal.innerCode = "ResponsibleAIPolicyViolation"
        return refusal
    }()

    /// The body.
    func value(_ flavour: ServiceDouble.Flavour) -> Value {
        // Azure's gateway says little; what comes from the model's own service is as OpenAI has it.
        let isGateway = flavour == .azure && [401, 403, 404, 429].contains(status) && code != "insufficient_quota"
        var error: Record = ["message": .string(message)]
        if isGateway {
            error["code"] = .string(status == 404 ? code ?? "404" : String(status))
            return ["error": .record(error)]
        }
        error["type"] = .string(type)
        error["param"] = param.map { .string($0) } ?? .null
        error["code"] = code.map { .string($0) } ?? .null
        if flavour == .azure, let innerCode {
            error["status"] = .integer(status)
            error["innererror"] = [
                "code": .string(innerCode),
                "content_filter_result": ["violence": ["filtered": true, "severity": "medium"]],
            ]
        }
        return ["error": .record(error)]
    }

    func reply(_ flavour: ServiceDouble.Flavour) -> HTTPReply { HTTPReply(value(flavour), status: status) }
}

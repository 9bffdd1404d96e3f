import OpenAIWire
import Tables
import Testing

/// What services answer to a request that they refuse, as they are known to answer.
@Suite struct ErrorBodyTests {
    struct Case: Sendable {
        let body: String
        let message: String
        var type: String?
        var code: String?
        var param: String?
        var status: Int?
        var filtered: [String] = []
    }

    static let cases = [
        // OpenAI.
        Case(
            body:
                #"{"error": {"message": "No such model.", "type": "invalid_request_error", "param": "model", "code": "model_not_found"}}"#,
            message: "No such model.", type: "invalid_request_error", code: "model_not_found", param: "model"),
        Case(
            body: #"{"error": {"message": "Slow down.", "type": "requests", "param": null, "code": null}}"#,
            message: "Slow down.", type: "requests"),
        // Azure: a limit, a filter, the gateway, the management endpoint.
        Case(
            body: #"{"error": {"code": "429", "message": "Requests have exceeded the limit."}}"#,
            message: "Requests have exceeded the limit.", code: "429", status: 429),
        Case(
            body:
                #"{"error": {"message": "Filtered.", "type": null, "param": "prompt", "code": "content_filter", "status": 400, "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": false, "severity": "safe"}, "violence": {"filtered": true, "severity": "medium"}}}}}"#,
            message: "Filtered.", code: "content_filter", param: "prompt", status: 400, filtered: ["violence"]),
        Case(
            body: #"{"statusCode": 401, "message": "Access denied."}"#, message: "Access denied.", status: 401),
        Case(
            body: #"{"error": {"code": "DeploymentNotFound", "message": "There is no such deployment."}}"#,
            message: "There is no such deployment.", code: "DeploymentNotFound"),
        Case(
            body:
                #"{"error": {"code": "InsufficientQuota", "message": "", "innererror": {"code": "X", "message": "None left."}}}"#,
            message: "None left.", code: "InsufficientQuota"),
        // vLLM, new and old.
        Case(
            body:
                #"{"object": "error", "message": "max_tokens must be at least 1.", "type": "BadRequestError", "param": null, "code": 400}"#,
            message: "max_tokens must be at least 1.", type: "BadRequestError", code: "400", status: 400),
        Case(
            body: #"{"error": {"message": "Too long.", "type": "BadRequestError", "param": null, "code": 400}}"#,
            message: "Too long.", type: "BadRequestError", code: "400", status: 400),
        // FastAPI.
        Case(body: #"{"detail": "Not Found"}"#, message: "Not Found"),
        Case(
            body:
                #"{"detail": [{"loc": ["body", "messages", 0], "msg": "field required", "type": "missing"}, {"loc": [], "msg": "also"}]}"#,
            message: "body.messages.0: field required; also"),
        // llama.cpp, Ollama, others.
        Case(
            body:
                #"{"error": {"code": 400, "message": "The request exceeds the context.", "type": "exceed_context_size_error", "n_prompt_tokens": 1407, "n_ctx": 256}}"#,
            message: "The request exceeds the context.", type: "exceed_context_size_error", code: "400", status: 400),
        Case(body: #"{"error": "model \"x\" not found"}"#, message: #"model "x" not found"#),
        Case(body: #"{"errors": [{"message": "Bad key."}]}"#, message: "Bad key."),
        Case(body: #""just text""#, message: "just text"),
        // Proxies.
        Case(body: "upstream connect error or disconnect\n", message: "upstream connect error or disconnect"),
        Case(
            body:
                "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body></html>",
            message: "502 Bad Gateway"),
        Case(
            body:
                "<!DOCTYPE html><STYLE>h1 { color: red }</STYLE><script>var a = '<p>';</script><H1 class=\"x\">Error <b>520</b></H1><p>More.",
            message: "Error 520"),
        Case(
            body: "<!-- made by <x> --><p>Blocked  by\n the <i>firewall</i>.</p>", message: "Blocked by the firewall ."),
        // Nothing to go by.
        Case(body: "", message: "the server gave no reason"), Case(body: "null", message: "the server gave no reason"),
        Case(body: " \n<p></p>", message: "the server gave no reason"),
        Case(body: #"{"ok": false}"#, message: #"{"ok":false}"#), Case(body: "[]", message: "[]"),
        Case(body: #"{"error": {}}"#, message: #"{"error":{}}"#),
    ]

    @Test(arguments: cases) func bodiesOfEveryShapeAreUnderstood(example: Case) {
        let body = APIErrorBody(bytes: Array(example.body.utf8))
        #expect(body.message == example.message)
        #expect(body.type == example.type && body.code == example.code && body.param == example.param)
        #expect(body.status == example.status && body.filtered == example.filtered)
        #expect(body.isContentFilter == !example.filtered.isEmpty)
    }

    @Test func longMessagesAreCut() {
        let body = APIErrorBody(bytes: Array(String(repeating: "é", count: 100_000).utf8))
        #expect(body.message.count <= APIErrorBody.messageLimit + 1 && body.message.hasSuffix("…"))
    }

    @Test func bytesThatAreNoTextAreStillAMessage() {
        #expect(!APIErrorBody(bytes: [0xFF, 0x00, 0xC3, 0x3C]).message.isEmpty)
    }

    @Test func aReplyIsNoError() throws {
        #expect(APIErrorBody(unexpected: ["choices": [], "error": nil]) == nil)
        #expect(APIErrorBody(unexpected: ["id": "x"]) == nil)
        #expect(APIErrorBody(unexpected: ["error": "no"])?.message == "no")
        #expect(APIErrorBody(unexpected: ["object": "error", "message": "no"])?.message == "no")
    }
}

import Foundation
import OrderedCollections
import ServiceDouble
import Tables
import Testing

@Suite struct JobTests {
    /// A form with a file, as `multipart/form-data`.
    private func upload(_ client: PlainClient, _ text: String, name: String = "rows.jsonl") -> PlainClient.Reply {
        let body =
            "--mark\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n"
            + "--mark\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n\(text)\r\n--mark--\r\n"
        client.send(
            "POST", "/v1/files", Array(body.utf8), ["Content-Type": "multipart/form-data; boundary=\"mark\""])
        return client.read()
    }

    private func rows(_ count: Int) -> String {
        (0..<count).map { row in
            #"{"messages": [{"role": "user", "content": "q\#(row)"}, {"role": "assistant", "content": "a"}]}"#
        }.joined(separator: "\n")
    }

    @Test func aFileComesBackByteForByteAndWhatIsNoJSONLIsRefused() throws {
        let service = try ServiceDouble()
        let client = try PlainClient(port: service.port)
        let file = upload(client, rows(10) + "\n").json
        let id = try #require(file[field: "id"].text)
        #expect(client.ask("GET", "/v1/files/\(id)/content").text == rows(10) + "\n")
        let refused = upload(client, "{\"a\": 1}\nno")
        #expect(refused.status == 400 && refused.text.contains("Line 2"))
        #expect(upload(client, rows(10), name: "rows.csv").status == 400)
        #expect(client.ask("DELETE", "/v1/files/\(id)").json[field: "deleted"] == true)
        #expect(client.ask("GET", "/v1/files/\(id)/content").status == 404)
    }

    @Test func aJobGoesOnByTheTestsClock() throws {
        var options = ServiceDouble.Options()
        options.progress = .bySteps
        let service = try ServiceDouble(options)
        let client = try PlainClient(port: service.port)
        let file = upload(client, rows(10)).json[field: "id"]
        let job = client.ask(
            "POST", "/v1/fine_tuning/jobs", ["model": "gpt-4.1-nano", "training_file": file, "suffix": "cora"]
        ).json
        let path = "/v1/fine_tuning/jobs/\(job[field: "id"].text ?? "")"
        func status() -> String? { client.ask("GET", path).json[field: "status"].text }
        #expect(status() == "validating_files" && status() == "validating_files")
        var seen: [String?] = []
        for _ in 0..<5 {
            service.step()
            seen.append(status())
        }
        #expect(seen == ["queued", "running", "running", "succeeded", "succeeded"])
        let model = try #require(client.ask("GET", path).json[field: "fine_tuned_model"].text)
        #expect(client.ask("POST", "/v1/chat/completions", chat("a", model: model)).status == 200)
        #expect(client.ask("DELETE", "/v1/models/\(model)").json[field: "deleted"] == true)
        #expect(client.ask("POST", "/v1/chat/completions", chat("a", model: model)).status == 404)
        #expect(client.ask("POST", path + "/cancel").status == 400, "it is over")
    }

    @Test func aJobMayBeOverAtTheFirstLook() throws {
        var options = ServiceDouble.Options()
        options.progress = .atOnce
        let service = try ServiceDouble(options)
        let client = try PlainClient(port: service.port)
        let told = DispatchSemaphore(value: 0)
        service.notify(atNext: "POST", "/fine_tuning/jobs") { told.signal() }
        let file = upload(client, rows(10)).json[field: "id"]
        #expect(told.wait(timeout: .now()) == .timedOut)
        let body: Value = ["model": "gpt-4.1-nano", "training_file": file]
        let job = client.ask("POST", "/v1/fine_tuning/jobs", body).json
        #expect(told.wait(timeout: .now()) == .success)
        let path = "/v1/fine_tuning/jobs/\(job[field: "id"].text ?? "")"
        #expect(client.ask("GET", path).json[field: "status"] == "succeeded")
    }

    @Test func aJobFailsAsItIsToldTo() throws {
        var options = ServiceDouble.Options()
        options.training = .init(
            failure: .init(code: "exceeded_quota", message: "The budget is used up."), failsAfter: 2)
        let service = try ServiceDouble(options)
        let client = try PlainClient(port: service.port)
        let file = upload(client, rows(10)).json[field: "id"]
        let job = client.ask(
            "POST", "/v1/fine_tuning/jobs", ["model": "gpt-4.1-nano", "training_file": file]
        ).json
        let path = "/v1/fine_tuning/jobs/\(job[field: "id"].text ?? "")"
        let last = (0..<8).map { _ in client.ask("GET", path).json }.last ?? .null
        #expect(last[field: "status"] == "failed")
        #expect(last[field: "error"][field: "code"] == "exceeded_quota")
        let events = client.ask("GET", path + "/events?limit=1").json
        #expect(events[field: "data"].list?.first?[field: "level"] == "error" && events[field: "has_more"] == true)
    }

    @Test(
        arguments: [
            (["training_file": "file-none"], "invalid_training_file"),
            (["model": "gpt-none"], "model_not_available"),
            (["hyperparameters": ["n_epochs": 51]], "invalid_value"),
            (["suffix": .string(String(repeating: "x", count: 65))], "invalid_value"),
            (["seed": -1], "invalid_value"),
            (["method": ["type": "magic"]], "invalid_value"),
        ] as [(Record, String)])
    func whatNoJobCanBeMadeOfIsRefused(_ more: Record, _ code: String) throws {
        let service = try ServiceDouble()
        let client = try PlainClient(port: service.port)
        var body: Record = ["model": "gpt-4.1-nano", "training_file": upload(client, rows(10)).json[field: "id"]]
        body.merge(more) { $1 }
        let reply = client.ask("POST", "/v1/fine_tuning/jobs", .record(body))
        #expect(reply.status == 400 && reply.json[field: "error"][field: "code"].text == code)
    }

    @Test func aServerThatIsOnlyCompatibleHasNeitherFilesNorJobs() throws {
        let service = try ServiceDouble(.init(flavour: .compatible))
        let client = try PlainClient(port: service.port)
        for path in ["/v1/files", "/v1/fine_tuning/jobs", "/v1/evals", "/v1/chat/completions"] {
            #expect([404, 405].contains(client.ask("GET", path).status))
        }
        let reply = client.ask(
            "POST", "/v1/chat/completions", chat("a", model: "any", ["store": true, "metadata": ["a": "b"]]))
        #expect(reply.status == 200, "what it doesn't know it ignores")
    }

    @Test func azuresManagementWantsItsOwnToken() throws {
        var options = ServiceDouble.Options(key: "api", flavour: .azure)
        options.managementToken = "entra"
        let service = try ServiceDouble(options)
        let client = try PlainClient(port: service.port)
        let path =
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments/mine"
            + "?api-version=2024-10-21"
        let body: Value = [
            "sku": ["name": "standard", "capacity": 1],
            "properties": ["model": ["format": "OpenAI", "name": "gpt-4.1-nano", "version": "1"]],
        ]
        #expect(client.ask("PUT", path, body, headers: ["api-key": "api"]).status == 401)
        let headers = ["Authorization": "Bearer entra"]
        #expect(client.ask("PUT", path, body, headers: headers).status == 201)
        let states = (0..<3).map { _ in
            client.ask("GET", path, headers: headers).json[field: "properties"][field: "provisioningState"].text
        }
        #expect(states == ["Creating", "Creating", "Succeeded"])
        let call = chat("a", model: "mine")
        #expect(client.ask("POST", "/openai/v1/chat/completions", call, headers: ["api-key": "api"]).status == 200)
        #expect(client.ask("DELETE", path, headers: headers).status == 200)
        #expect(client.ask("DELETE", path, headers: headers).status == 204)
        #expect(client.ask("POST", "/openai/v1/chat/completions", call, headers: ["api-key": "api"]).status == 404)
    }
}

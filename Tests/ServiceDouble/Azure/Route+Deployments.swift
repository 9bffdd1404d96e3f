internal import OrderedCollections
internal import Synchronization
internal import Tables

/// A model that was deployed under a name.
struct Deployment: Sendable {
    var record: Record
    /// How many looks or steps it still takes.
    var waits: Int

    init(record: Record, waits: Int) {
        self.record = record
        self.waits = waits
    }

    /// One of a base model that has been there, under the model's name.
    init(_ model: String) {
        self.init(
            record: [
                "id": .string("/deployments/\(model)"), "name": .string(model),
                "type": "Microsoft.CognitiveServices/accounts/deployments", "sku": ["name": "standard", "capacity": 1],
                "properties": [
                    "model": ["format": "OpenAI", "name": .string(model), "version": "2025-04-14"],
                    "provisioningState": "Succeeded",
                ],
            ], waits: 0)
    }

    var isReady: Bool { (record["properties"] ?? .null)[field: "provisioningState"] == "Succeeded" }

    mutating func advance() {
        guard waits > 0 else { return }
        waits -= 1
        guard waits == 0, var properties = record["properties"]?.record else { return }
        properties["provisioningState"] = "Succeeded"
        record["properties"] = .record(properties)
    }
}

extension Route {
    private static let account =
        "/subscriptions/*/resourceGroups/*/providers/Microsoft.CognitiveServices/accounts/*/deployments"

    /// Azure's management endpoint.
    static let deployments = [
        Route("PUT", account + "/*", isManagement: true) { service, call throws(Refusal) in
            try service.deploy(call)
        },
        Route("GET", account + "/*", isManagement: true) { service, call throws(Refusal) in
            try call.checkVersion()
            let name = call.argument(3)
            let progress = service.options.progress
            return try service.world.withLock { world throws(Refusal) in
                if progress == .atOnce {
                    while world.deployments[name]?.isReady == false { world.deployments[name]?.advance() }
                }
                guard let seen = world.deployments[name] else {
                    throw Refusal(404, "The resource deployments/\(name) was not found.", code: "ResourceNotFound")
                }
                if progress == .byPolls { world.deployments[name]?.advance() }
                return HTTPReply(.record(seen.record))
            }
        },
        Route("GET", account, isManagement: true) { service, call throws(Refusal) in
            try call.checkVersion()
            let all = service.world.withLock { $0.deployments.values.map { Value.record($0.record) } }
            return HTTPReply(["value": .list(all)])
        },
        Route("DELETE", account + "/*", isManagement: true) { service, call throws(Refusal) in
            try call.checkVersion()
            let isThere = service.world.withLock { $0.deployments.removeValue(forKey: call.argument(3)) } != nil
            return HTTPReply(isThere ? 200 : 204, body: [])
        },
    ]
}

extension Call {
    fileprivate func checkVersion() throws(Refusal) {
        guard let version = head.query("api-version") else {
            throw Refusal(
                400, "The api-version query parameter (?api-version=) is required.",
                code: "MissingApiVersionParameter")
        }
        guard version == "2024-10-21" else {
            throw Refusal(400, "The api-version '\(version)' is not supported.", code: "InvalidApiVersionParameter")
        }
    }
}

extension Service {
    fileprivate func deploy(_ call: Call) throws(Refusal) -> HTTPReply {
        try call.checkVersion()
        let body = try call.body()
        let model = (body["properties"] ?? .null)[field: "model"]
        guard model[field: "format"] == "OpenAI", let name = model[field: "name"].text,
            let version = model[field: "version"].text, let sku = body["sku"], sku[field: "name"].text != nil
        else {
            throw Refusal(
                400, "sku.name and properties.model with format, name and version are wanted.", code: "InvalidRequest")
        }
        let known = options.trainableModels
        let waits = options.deployingSteps
        return try world.withLock { world throws(Refusal) in
            guard known.contains(name) || world.trainedModels.contains(name) else {
                throw Refusal(
                    400,
                    "The model 'Format:OpenAI,Name:\(name),Version:\(version)' of account deployment is not "
                        + "supported.", code: "DeploymentModelNotSupported")
            }
            let deployment = call.argument(3)
            let isNew = world.deployments[deployment] == nil
            let record: Record = [
                "id": .string(call.head.path), "type": "Microsoft.CognitiveServices/accounts/deployments",
                "name": .string(deployment), "sku": sku,
                "properties": [
                    "model": model, "provisioningState": waits > 0 ? "Creating" : "Succeeded",
                    "versionUpgradeOption": "OnceNewDefaultVersionAvailable",
                    "capabilities": ["chatCompletion": "true"],
                ],
            ]
            world.deployments[deployment] = Deployment(record: record, waits: waits)
            return HTTPReply(.record(record), status: isNew ? 201 : 200)
        }
    }
}

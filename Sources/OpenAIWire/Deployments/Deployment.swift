internal import OrderedCollections
internal import Tables

/// How far a deployment is.
public struct ProvisioningState: WireWord {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let accepted: ProvisioningState = "Accepted"
    public static let creating: ProvisioningState = "Creating"
    public static let succeeded: ProvisioningState = "Succeeded"
    public static let failed: ProvisioningState = "Failed"
    public static let canceled: ProvisioningState = "Canceled"
    public static let deleting: ProvisioningState = "Deleting"

    /// Whether it will not change any more. A state that is unknown here may still change.
    public var isFinal: Bool { [.succeeded, .failed, .canceled].contains(self) }
}

/// A model that is deployed on Azure, and the body that deploys it: `PUT …/deployments/{name}` on the management
/// endpoint.
///
/// Source: Microsoft's REST reference of account management, `Deployments - Create Or Update`.
public struct Deployment: WireObject {
    public static let form = WireForm(
        "a deployment", .mayHave("name", .text), .mayHave("sku", .record), .mayHave("properties", .record))

    /// The version of the management API that is spoken here.
    public static let apiVersion = "2024-10-21"

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// The body that deploys a model.
    /// - Parameters:
    ///   - capacity: in units of the SKU: for the standard ones, thousands of tokens per minute.
    ///   - version: the model's version; that of a tuned model is "1".
    public init(model: String, version: String = "1", format: String = "OpenAI", sku: String, capacity: Int) {
        fields = WireFields([
            "sku": ["name": .string(sku), "capacity": .integer(capacity)],
            "properties": [
                "model": ["format": .string(format), "name": .string(model), "version": .string(version)]
            ],
        ])
    }

    /// A deployment as the management endpoint answers it.
    /// - Parameter id: the resource's path.
    public init(id: String, name: String, state: ProvisioningState, as request: Deployment) {
        var record: Record = [
            "id": .string(id), "type": "Microsoft.CognitiveServices/accounts/deployments", "name": .string(name),
        ]
        for (field, value) in request.fields.record { record[field] = value }
        var properties = request[field: "properties"].record ?? [:]
        properties["provisioningState"] = .string(state.rawValue)
        record["properties"] = .record(properties)
        fields = WireFields(record)
    }

    /// The name by which it is called in place of a model's.
    public var name: String? { fields.text("name") }

    public var model: String? { self[field: "properties"][field: "model"][field: "name"].text }
    public var version: String? { self[field: "properties"][field: "model"][field: "version"].text }
    public var sku: String? { self[field: "sku"][field: "name"].text }
    public var capacity: Int? { self[field: "sku"][field: "capacity"].integer }

    /// How far it is; nil of a body that deploys one.
    public var state: ProvisioningState? {
        self[field: "properties"][field: "provisioningState"].text.map(ProvisioningState.init(rawValue:))
    }
}

/// A page of deployments: `{value, nextLink}`.
public struct DeploymentList: WireObject {
    public static let form = WireForm("a list of deployments", .needs("value", .objects(Deployment.self)))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameter next: the address of the next page.
    public init(_ deployments: [Deployment], next: String? = nil) {
        fields = WireFields(["value": .objects(deployments), "nextLink": next.map(Value.string)])
    }

    public var deployments: [Deployment] { fields.children("value") }

    /// The address of the next page; nil where this is the last one.
    public var next: String? { fields.text("nextLink").flatMap { $0.isEmpty ? nil : $0 } }
}

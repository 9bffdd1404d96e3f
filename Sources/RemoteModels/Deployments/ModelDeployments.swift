package import Distillation
internal import Foundation
package import OpenAIWire
internal import Tables

/// Deployments of models in an Azure account, at the management endpoint, which has a token of its own.
package struct ModelDeployments: Sendable {
    private let settings: ServiceProfile.Deployment
    private let client: ServiceClient
    private let surroundings: RemoteSurroundings

    package init(_ settings: ServiceProfile.Deployment, kernel: String, surroundings: RemoteSurroundings) {
        self.settings = settings
        self.surroundings = surroundings
        client = ServiceClient(ServiceEndpoint(management: settings, kernel: kernel), surroundings: surroundings)
    }

    /// A listing is followed so many pages.
    private static let mostPages = 50
    private var kernel: String { client.endpoint.kernel }
    private static let version = [(name: "api-version", value: Deployment.apiVersion)]

    /// All deployments of the account.
    /// - Throws: `ProviderError`, `Interrupted`.
    package func all(cancellation: Cancellation = .never) throws -> [Deployment] {
        try inWords {
            var found: [Deployment] = []
            var call = ServiceCall(.get, "/deployments", query: Self.version)
            for _ in 0..<Self.mostPages {
                let page: DeploymentList = try object(call, cancellation)
                found += page.deployments
                guard let next = page.next.flatMap(path) else { break }
                call = ServiceCall(.get, next)
            }
            return found
        }
    }

    /// A deployment by its name; nil where the account has none of it.
    /// - Throws: `ProviderError` also where there is no such account; `Interrupted`.
    package func deployment(_ name: String, cancellation: Cancellation = .never) throws -> Deployment? {
        try inWords {
            do {
                return try object(call(.get, name), cancellation) as Deployment
            } catch let refusal as ServiceRefusal where DeploymentFailure.isAboutName(refusal) {
                return nil
            }
        }
    }

    /// What a job must be told to train, where a kernel names a deployment: the model and its version. A name that no
    /// deployment has is taken for a model's.
    func trainableModel(behind id: String, cancellation: Cancellation) throws -> String {
        guard let deployment = try deployment(id, cancellation: cancellation), let model = deployment.model else {
            return id
        }
        // A tuned model's name says all ("gpt-4.1-mini-2025-04-14.ft-…"); its version is always 1.
        guard let version = deployment.version, !model.contains(".ft-"), !model.hasSuffix("-\(version)") else {
            return model
        }
        return "\(model)-\(version)"
    }

    /// Deploys a model and waits until it can be asked. What is there already is taken as it is.
    /// - Parameter progress: told in a word how far it is.
    /// - Throws: `ProviderError`, `Interrupted`.
    package func deploy(
        _ model: String, as name: String, cancellation: Cancellation, progress: (String) -> Void = { _ in }
    ) throws {
        var found = try deployment(name, cancellation: cancellation)
        if let found, let other = found.model, other != model {
            throw ProviderError(
                "The account has a deployment \(name) of another model, \(other).",
                hint: "delete it, if nobody needs it: distnb deployments delete \(name) --kernel \(kernel)")
        }
        if found == nil || found?.state == .failed || found?.state == .canceled {
            found = try put(model, name, cancellation, progress)
        }
        var pauses = LookPauses(least: 2, most: 15)
        var last = found?.state
        var absences = 0
        while found?.state != .succeeded {
            switch found?.state {
            case .failed?, .canceled?:
                throw ProviderError(
                    "Azure could not deploy \(model): \(Self.reason(found)).",
                    hint:
                        "look at the quota for \(settings.sku) deployments in the region, or set another SKU in kernel.json; "
                        + "running the cell again tries again, and trains nothing anew")
            case let state: progress(state?.rawValue.lowercased() ?? "asked for")
            }
            try surroundings.pause(pauses.pause(hasChanged: found?.state != last), cancellation: cancellation)
            last = found?.state
            found = try deployment(name, cancellation: cancellation)
            // What was just made may not be seen everywhere at once.
            absences = found == nil ? absences + 1 : 0
            guard absences < 4 else {
                throw ProviderError(
                    "The deployment \(name) was deleted while it was waited for.",
                    hint: "run the cell again: the model is trained and only has to be deployed")
            }
        }
    }

    private func put(
        _ model: String, _ name: String, _ cancellation: Cancellation, _ progress: (String) -> Void
    ) throws -> Deployment {
        let body = Deployment(model: model, sku: settings.sku, capacity: settings.capacity)
        var pauses = LookPauses(least: 5, most: 30)
        var refusals = 0
        while true {
            do {
                return try object(call(.put, name, body: .json(body.json)), cancellation)
            } catch let refusal as ServiceRefusal {
                refusals += 1
                // The account changes one thing at a time.
                guard refusal.status == 409, refusals < 10 else {
                    throw DeploymentFailure.words(for: refusal, kernel: kernel)
                }
                progress("waiting for another change of the account")
                try surroundings.pause(pauses.pause(hasChanged: false), cancellation: cancellation)
            }
        }
    }

    /// Deletes a deployment; the model stays and can be deployed again.
    /// - Returns: false where there was none.
    /// - Throws: `ProviderError`.
    package func delete(_ name: String) throws -> Bool {
        try inWords {
            do {
                // 204 says that there was none (Microsoft's REST reference, Deployments - Delete).
                return try client.send(call(.delete, name)).status != 204
            } catch let refusal as ServiceRefusal where DeploymentFailure.isAboutName(refusal) {
                return false
            }
        }
    }

    private static func reason(_ deployment: Deployment?) -> String {
        let properties = deployment?[field: "properties"] ?? .null
        return properties[field: "provisioningError"][field: "message"].text ?? properties[field: "error"][
            field: "message"
        ].text
            ?? "it gives no reason"
    }

    private func call(_ method: HTTPExchange.Method, _ name: String, body: ServiceCall.Body = .none) -> ServiceCall {
        ServiceCall(method, "/deployments/\(ServiceCall.segment(name))", query: Self.version, body: body)
    }

    /// What of a page's address comes after the account's. Azure writes the names of resources in other cases than people.
    private func path(_ next: String) -> String? {
        let address = client.endpoint.address
        guard next.lowercased().hasPrefix(address.lowercased()) else { return nil }
        return String(next.dropFirst(address.count))
    }

    private func inWords<Outcome>(_ work: () throws -> Outcome) throws -> Outcome {
        do {
            return try work()
        } catch let refusal as ServiceRefusal {
            throw DeploymentFailure.words(for: refusal, kernel: kernel)
        }
    }

    private func object<Object: WireObject>(_ call: ServiceCall, _ cancellation: Cancellation) throws -> Object {
        let answer = try client.send(call, cancellation: cancellation)
        do throws(WireError) {
            return try Object(bytes: answer.body)
        } catch {
            throw ProviderError(
                "\(client.endpoint.host) answered \(call.method.rawValue) \(call.path) with what cannot be read. \(error)",
                hint: "deployment.account in kernel.json must be the resource's address at https://management.azure.com"
            )
        }
    }
}

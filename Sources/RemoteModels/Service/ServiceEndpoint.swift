package import Distillation

/// Where a service is and how it is told who asks.
package struct ServiceEndpoint: Sendable {
    /// How a key goes into the head of a request.
    package enum Scheme: Sendable, Hashable {
        /// `Authorization: Bearer KEY`
        case bearer
        /// `api-key: KEY`
        case apiKey
    }

    /// What paths are put after; no slash at its end.
    package let address: String
    package let key: ServiceProfile.SecretSource
    package let scheme: Scheme
    /// More fields of each head.
    package let fields: [String: String]
    package let limits: ServiceProfile.Limits
    /// The kernel, for messages.
    package let kernel: String
    /// Whose rules it keeps, for reading what it refuses.
    package let flavour: ServiceProfile.Flavour

    package init(
        address: String, key: ServiceProfile.SecretSource, scheme: Scheme, fields: [String: String] = [:],
        limits: ServiceProfile.Limits = ServiceProfile.Limits(), kernel: String,
        flavour: ServiceProfile.Flavour = .compatible
    ) {
        self.address = address
        self.key = key
        self.scheme = scheme
        self.fields = fields
        self.limits = limits
        self.kernel = kernel
        self.flavour = flavour
    }

    /// The service of a kernel.
    package init(_ profile: ServiceProfile, kernel: String) {
        self.init(
            address: profile.endpoint, key: profile.key, scheme: profile.flavour == .azure ? .apiKey : .bearer,
            fields: profile.headers, limits: profile.limits, kernel: kernel, flavour: profile.flavour)
    }

    /// Azure's management endpoint, for the resource that a kernel deploys to.
    package init(management deployment: ServiceProfile.Deployment, kernel: String) {
        self.init(address: deployment.account, key: deployment.token, scheme: .bearer, kernel: kernel, flavour: .azure)
    }

    /// Scheme, host and port, as they stand in the address.
    package var origin: String { WebAddress(address).origin }

    /// Host and port, for people and for identities: `api.openai.com`, `localhost:8080`.
    package var host: String { WebAddress(address).host }

    /// Whether it is this machine.
    package var isLoopback: Bool { WebAddress(address).isLoopback }

    /// Whether nobody on the way can read what is sent.
    var isPrivate: Bool { address.lowercased().hasPrefix("https://") || isLoopback }

    /// The fields of each request's head, the key among them, and what takes that key out of texts.
    /// - Throws: `ProviderError` where the key cannot be had, or would be shown to everybody on the way.
    func authorized(_ secrets: ServiceSecret) throws -> (fields: [String: String], mask: KeyMask) {
        var fields = fields
        guard let secret = try secrets.read(key, for: kernel) else { return (fields, KeyMask(nil)) }
        guard isPrivate else {
            throw ProviderError(
                "The kernel \(kernel) would send its key to \(host) over an open connection, where anybody on the way "
                    + "can read it.",
                hint: "use an address that begins with https://, or a kernel without a key")
        }
        switch scheme {
        case .bearer: fields["Authorization"] = "Bearer \(secret)"
        case .apiKey: fields["api-key"] = secret
        }
        return (fields, KeyMask(secret))
    }

    /// Where a call goes.
    func url(of call: ServiceCall) -> String {
        let base = call.root == .host ? origin : address
        guard !call.query.isEmpty else { return base + call.path }
        let query = call.query.map { "\(PercentEncoding.of($0.name))=\(PercentEncoding.of($0.value))" }
        return base + call.path + (call.path.contains("?") ? "&" : "?") + query.joined(separator: "&")
    }
}

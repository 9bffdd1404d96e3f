internal import OrderedCollections
internal import Tables

/// How a kernel's service is reached, and what it can do.
public struct ServiceProfile: Sendable, Hashable {
    /// Whose rules the service keeps.
    public enum Flavour: String, Sendable, Hashable, CaseIterable {
        case openai, azure, compatible
    }

    /// What a service may have besides chat completions; what it lacks is done on this machine, or refused.
    public enum Feature: String, Sendable, Hashable, CaseIterable {
        /// Keeps completions that are sent with `store`, and lists them.
        case storedCompletions = "stored_completions"
        /// Answers a request that comes a second time with the same `Idempotency-Key` by the first answer.
        case idempotency
        case fineTuning = "fine_tuning"
        case evals
        /// Runs graders: `/fine_tuning/alpha/graders/run`.
        case graders
        case embeddings
        case logprobs
        /// Takes `seed`.
        case seed
    }

    /// Where a secret comes from, the moment it is needed.
    public enum SecretSource: Sendable, Hashable {
        case none
        /// A variable of the environment.
        case environment(String)
        /// A variable of the environment that need not be set: a server in the house may want no key.
        case optional(String)
        /// The first line that a command prints; its words, the program first.
        case command([String])
    }

    /// What the service may be asked for.
    public struct Limits: Sendable, Hashable {
        /// The most requests at once.
        public var inFlight: Int
        public var requestsPerMinute: Int?
        public var tokensPerMinute: Int?
        /// How often one request is sent at the most.
        public var tries: Int
        /// A run ends where less than this share of its requests was answered, once enough were; 0 … 1.
        public var success: Double
        /// Seconds in which an answer must be there.
        public var timeout: Double

        public init(
            inFlight: Int = 64, requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil, tries: Int = 8,
            success: Double = 0.5, timeout: Double = 120
        ) {
            self.inFlight = inFlight
            self.requestsPerMinute = requestsPerMinute
            self.tokensPerMinute = tokensPerMinute
            self.tries = tries
            self.success = success
            self.timeout = timeout
        }
    }

    /// Azure's management endpoint, where fine-tuned models are deployed.
    public struct Deployment: Sendable, Hashable {
        /// `https://management.azure.com/subscriptions/…/resourceGroups/…/providers/Microsoft.CognitiveServices/accounts/…`
        public var account: String
        public var token: SecretSource
        /// The name of the SKU, such as `standard`, and how much of it.
        public var sku: String
        public var capacity: Int

        public init(account: String, token: SecretSource, sku: String = "standard", capacity: Int = 1) {
            self.account = account
            self.token = token
            self.sku = sku
            self.capacity = capacity
        }
    }

    public var flavour: Flavour
    /// The address that paths such as `/chat/completions` are put after; no slash at its end.
    public var endpoint: String
    public var key: SecretSource
    /// More fields of each request's head, such as `OpenAI-Organization`; none of them secret.
    public var headers: [String: String]
    public var limits: Limits
    public var features: Set<Feature>
    public var deployment: Deployment?

    public init(
        flavour: Flavour, endpoint: String, key: SecretSource = .none, headers: [String: String] = [:],
        limits: Limits = Limits(), features: Set<Feature> = [], deployment: Deployment? = nil
    ) {
        self.flavour = flavour
        self.endpoint = endpoint
        self.key = key
        self.headers = headers
        self.limits = limits
        self.features = features
        self.deployment = deployment
    }

    /// Reads the fields `endpoint`, `key`, `headers`, `limits`, `has` and `deployment` of a profile; what it does not say
    /// is as in the kernel that it extends.
    /// - Returns: nil for a provider that is no service.
    /// - Throws: `KernelError`.
    init?(_ profile: Record, kernel: String, provider: String, base: ServiceProfile?) throws {
        guard let flavour = Flavour(rawValue: provider) else { return nil }
        func fail(_ what: String) -> KernelError { KernelError("kernel \(kernel): \(what)") }
        guard let endpoint = profile["endpoint"]?.text ?? base?.endpoint else {
            throw fail(
                flavour == .azure
                    ? "set AZURE_OPENAI_ENDPOINT to your resource's address, such as https://NAME.openai.azure.com"
                    : "endpoint must be the service's address, such as \"http://localhost:8080/v1\"")
        }
        guard endpoint.hasPrefix("https://") || endpoint.hasPrefix("http://") else {
            throw fail("endpoint must begin with https:// or http://; it is \(endpoint)")
        }
        self.init(flavour: flavour, endpoint: Self.trimmed(endpoint, flavour))
        key = try Self.secret(profile["key"], "key", fail) ?? base?.key ?? .none
        headers = base?.headers ?? [:]
        for (name, value) in profile["headers"]?.record ?? [:] { headers[name] = value.text }
        limits = base?.limits ?? Limits()
        let given = profile["limits"] ?? .null
        func positive(_ name: String) throws -> Int? {
            guard !given[field: name].isNull else { return nil }
            guard let number = given[field: name].integer, 1...1_000_000_000 ~= number else {
                throw fail("limits.\(name) must be a whole number above 0")
            }
            return number
        }
        limits.inFlight = min(try positive("in_flight") ?? limits.inFlight, 1_024)
        limits.requestsPerMinute = try positive("requests_per_minute") ?? limits.requestsPerMinute
        limits.tokensPerMinute = try positive("tokens_per_minute") ?? limits.tokensPerMinute
        limits.tries = try positive("tries") ?? limits.tries
        if let share = given[field: "success"].double {
            guard 0...1 ~= share else { throw fail("limits.success must be a share, 0 to 1") }
            limits.success = share
        }
        if let seconds = given[field: "timeout"].double {
            guard seconds > 0, seconds <= 86_400 else { throw fail("limits.timeout must be seconds above 0") }
            limits.timeout = seconds
        }
        if let names = profile["has"]?.list {
            features = []
            for name in names {
                guard let feature = name.text.flatMap(Feature.init) else {
                    let known = Feature.allCases.map(\.rawValue).joined(separator: ", ")
                    throw fail("has may name \(known); not \(name.text ?? name.kindName)")
                }
                features.insert(feature)
            }
        } else {
            features = base?.features ?? []
        }
        deployment = try Self.deployment(profile["deployment"], fail) ?? base?.deployment
    }

    private static func trimmed(_ endpoint: String, _ flavour: Flavour) -> String {
        var text = endpoint
        while text.hasSuffix("/") { text.removeLast() }
        // People have the resource's address; the API lies below it.
        if flavour == .azure, !text.contains("/openai") { text += "/openai/v1" }
        return text
    }

    private static func secret(
        _ value: Value?, _ name: String, _ fail: (String) -> KernelError
    ) throws -> SecretSource? {
        guard let value, !value.isNull else { return nil }
        if let variable = value[field: "environment"].text, !variable.isEmpty {
            return value[field: "optional"].bool == true ? .optional(variable) : .environment(variable)
        }
        if let words = value[field: "command"].list?.compactMap(\.text), !words.isEmpty { return .command(words) }
        // A key that stands in a file would be shared with it one day.
        throw fail(
            "\(name) must be {\"environment\": \"NAME\"}, with \"optional\": true where it need not be set, or "
                + "{\"command\": [\"program\", …]}, never the key itself")
    }

    private static func deployment(_ value: Value?, _ fail: (String) -> KernelError) throws -> Deployment? {
        guard let value, var account = value[field: "account"].text else { return nil }
        // `az cognitiveservices account show --query id` prints the path alone.
        if account.hasPrefix("/subscriptions/") { account = "https://management.azure.com" + account }
        guard account.hasPrefix("https://") || account.hasPrefix("http://") else {
            throw fail("deployment.account must be the address of the resource at Azure's management endpoint")
        }
        return Deployment(
            account: account, token: try secret(value[field: "token"], "deployment.token", fail) ?? .none,
            sku: value[field: "sku"].text ?? "standard", capacity: max(1, value[field: "capacity"].integer ?? 1))
    }
}

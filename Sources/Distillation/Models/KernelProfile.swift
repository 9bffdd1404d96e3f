internal import OrderedCollections
public import Tables

/// What runs where: the profile half of a `kernel.json`, which is a Jupyter kernelspec as well.
public struct KernelProfile: Sendable {
    /// The folder's name: `embedded`, `openai`, …
    public let name: String
    /// What people see in a list of kernels.
    public let displayName: String
    /// Which provider runs the models: `embedded`.
    public let provider: String
    /// The models by alias.
    public let models: [String: ModelSpecification]
    /// What turns texts into vectors; nil where the kernel has none.
    public let embedding: ModelSpecification?
    /// The folders that files which it names lie in: its own, then that of the kernel it extends.
    public let folders: [String]
    /// How many tokens a reply may have unless the cell says otherwise.
    public let maxTokens: Int
    /// The address that its models are reached at but for those that another provider runs; nil where they run in this
    /// process. See `host(of:)`.
    public let host: String?
    /// What an hour of the machine costs that its models run on, in US dollars: the user's word where there is one, else
    /// the kernel's; nil where nobody says. It is no part of what a cell depends on.
    public var machineHour: Double?
    /// Whether the kernel itself says what an hour of its machine costs.
    let namesMachineHour: Bool
    /// With how few rows its provider still trains; nil where it takes any number. See `leastTrainingRows(of:)`.
    public let leastTrainingRows: Int?
    /// The service that its models are reached at; nil where they run in this process.
    public let service: ServiceProfile?
    /// What is replayed; nil where all models answer themselves.
    public let tape: TapeProfile?

    public init(
        name: String, displayName: String, provider: String, models: [String: ModelSpecification],
        embedding: ModelSpecification? = nil, folders: [String] = [],
        maxTokens: Int, host: String? = nil, machineHour: Double? = nil, leastTrainingRows: Int? = nil,
        service: ServiceProfile? = nil, tape: TapeProfile? = nil
    ) {
        self.name = name
        self.displayName = displayName
        self.provider = provider
        self.models = models
        self.embedding = embedding
        self.folders = folders
        self.maxTokens = maxTokens
        self.host = host
        self.machineHour = machineHour
        namesMachineHour = machineHour != nil
        self.leastTrainingRows = leastTrainingRows
        self.service = service
        self.tape = tape
    }

    /// The kernel's name as far as results depend on it: a tape gives what the kernel gave that was recorded.
    public var computingName: String { tape?.kernel ?? name }

    /// The kernel that a `kernel.json` extends, whose models it has where it names none itself; nil where it stands alone.
    public static func extended(by json: Value) -> String? {
        json[field: "metadata"][field: "distnb"][field: "extends"].text
    }

    /// Reads a `kernel.json`.
    /// - Parameters:
    ///   - base: the kernel that it extends.
    ///   - environment: the values of the variables that it may name; see `ProfileVariables`.
    /// - Throws: `KernelError` that says what is missing.
    public init(
        name: String, json: Value, folder: String = "", base: KernelProfile? = nil,
        environment: [String: String] = [:]
    ) throws {
        guard let written = json[field: "metadata"][field: "distnb"].record else {
            throw KernelError("kernel \(name): kernel.json has no metadata.distnb")
        }
        let profile = ProfileVariables(environment).filled(written)
        guard let provider = profile["provider"]?.text ?? base?.provider else {
            throw KernelError("kernel \(name): metadata.distnb names no provider")
        }
        var models = base?.models(runBy: provider) ?? [:]
        let list = profile["prices"] ?? .null
        let listDay = list[field: "as_of"]
        guard listDay.isNull || listDay.text.map(TokenPrice.isDay) == true else {
            throw KernelError("kernel \(name): prices.as_of must be a day, as \"2026-11-01\"")
        }
        for (alias, entry) in profile["models"]?.record ?? [:] {
            guard let model = ModelSpecification(entry) else {
                throw KernelError("kernel \(name): the model `\(alias)` has no id")
            }
            guard [nil, provider, Self.embedded].contains(model.provider) else {
                throw KernelError(
                    "kernel \(name): the provider of the model `\(alias)` may be \(provider) or \(Self.embedded), not "
                        + (model.provider ?? ""))
            }
            if !entry[field: "price"].isNull, model.price == nil {
                throw KernelError(
                    "kernel \(name): the price of `\(alias)` must be {\"input\": USD, \"output\": USD} for a million "
                        + "tokens, with \"training\": USD, \"tuned\": {\"input\": USD, \"output\": USD}, "
                        + "\"as_of\": \"2026-11-01\" and \"source\": \"…\" where they are known"
                )
            }
            models[alias] = model.withPrice(
                model.price?.dated(asOf: listDay.text, source: list[field: "source"].text))
        }
        let hour = profile["machine_hour"] ?? .null
        guard hour.isNull || hour.double.map({ 0...1_000_000 ~= $0 }) == true else {
            throw KernelError("kernel \(name): machine_hour must be what an hour of the machine costs, in USD")
        }
        guard !models.isEmpty else { throw KernelError("kernel \(name): metadata.distnb names no models") }
        let embedding = profile["embedding"].flatMap { $0.isNull ? Value?.none : $0 }
        if let embedding, ModelSpecification(embedding) == nil {
            throw KernelError("kernel \(name): the model `embedding` has no id")
        }
        let service = try ServiceProfile(profile, kernel: name, provider: provider, base: base?.service)
        self.init(
            name: name, displayName: json[field: "display_name"].text ?? name, provider: provider, models: models,
            embedding: embedding.flatMap { ModelSpecification($0) } ?? base?.embedding(runBy: provider),
            folders: [folder] + (base?.folders ?? []),
            maxTokens: profile["max_tokens"]?.integer ?? base?.maxTokens ?? 256,
            host: service?.endpoint ?? profile["endpoint"]?.text ?? base?.host,
            machineHour: hour.double ?? (base?.namesMachineHour == true ? base?.machineHour : nil),
            leastTrainingRows: profile["limits"]?[field: "training_rows"].integer ?? base?.leastTrainingRows,
            service: service)
    }
}

/// A kernel that cannot be used, in words for people.
public struct KernelError: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

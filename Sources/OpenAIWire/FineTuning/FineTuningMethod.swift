internal import OrderedCollections
internal import Tables

/// How a model is tuned.
public struct FineTuningKind: WireWord {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let supervised: FineTuningKind = "supervised"
    /// Direct preference optimisation (Rafailov et al. 2023, arXiv:2305.18290).
    public static let dpo: FineTuningKind = "dpo"
    public static let reinforcement: FineTuningKind = "reinforcement"
}

/// A hyperparameter: a number, or left to the service.
public enum Hyperparameter<Number: Sendable & Equatable>: Sendable, Equatable {
    case auto
    case value(Number)

    /// The number; nil where it is left to the service.
    public var number: Number? { if case .value(let number) = self { number } else { nil } }
}

/// The hyperparameters of a job; what is nil is not said. Source: openai/openai-openapi, schemas
/// `FineTuneSupervisedHyperparameters` and `FineTuneDPOHyperparameters`.
public struct Hyperparameters: WireObject {
    public static let form = WireForm("hyperparameters")

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameters:
    ///   - beta: how far DPO keeps to the model that it begins with, above 0 to 2; of DPO only.
    public init(
        epochs: Hyperparameter<Int>? = nil, batchSize: Hyperparameter<Int>? = nil,
        learningRateMultiplier: Hyperparameter<Double>? = nil, beta: Hyperparameter<Double>? = nil
    ) {
        fields = WireFields([
            "n_epochs": epochs.map(Self.value), "batch_size": batchSize.map(Self.value),
            "learning_rate_multiplier": learningRateMultiplier.map(Self.value), "beta": beta.map(Self.value),
        ])
    }

    public var epochs: Hyperparameter<Int>? { whole("n_epochs") }

    /// The batch's size. Azure writes -1 where it has not chosen yet, which is `auto`.
    public var batchSize: Hyperparameter<Int>? { whole("batch_size") }

    public var learningRateMultiplier: Hyperparameter<Double>? { number("learning_rate_multiplier") }
    public var beta: Hyperparameter<Double>? { number("beta") }

    private func whole(_ name: String) -> Hyperparameter<Int>? {
        if let number = fields.whole(name) { return number < 0 ? .auto : .value(number) }
        return fields.text(name) == nil ? nil : .auto
    }

    private func number(_ name: String) -> Hyperparameter<Double>? {
        if let number = fields.number(name) { return number < 0 ? .auto : .value(number) }
        return fields.text(name) == nil ? nil : .auto
    }

    private static func value(_ parameter: Hyperparameter<Int>) -> Value {
        parameter.number.map(Value.integer) ?? "auto"
    }

    private static func value(_ parameter: Hyperparameter<Double>) -> Value {
        parameter.number.map(Value.double) ?? "auto"
    }
}

/// A job's `method`: its kind, and the hyperparameters under the kind's name.
public struct FineTuningMethod: WireObject {
    public static let form = WireForm("a fine-tuning method", .needs("type", .text))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    public init(_ kind: FineTuningKind, _ hyperparameters: Hyperparameters? = nil) {
        fields = WireFields([
            "type": .string(kind.rawValue),
            kind.rawValue: hyperparameters.map { ["hyperparameters": $0.json] },
        ])
    }

    public var kind: FineTuningKind { fields.word("type") ?? "" }

    public var hyperparameters: Hyperparameters? {
        let value = self[field: kind.rawValue][field: "hyperparameters"]
        return value.isNull ? nil : try? Hyperparameters(value)
    }
}

/// What OpenAI takes. Source: openai/openai-openapi, schema `CreateFineTuningJobRequest`.
public enum FineTuningBounds {
    /// Characters of a suffix.
    public static let suffixLength = 1...64
    public static let seed = 0...2_147_483_647
    public static let batchSize = 1...256
    public static let epochs = 1...50
    /// Above 0.
    public static let beta = 0.0...2.0
}

public import OrderedCollections
internal import Tables

/// The body of `POST /fine_tuning/jobs`.
public struct FineTuningJobRequest: WireObject {
    public static let form = WireForm(
        "a request for a fine-tuning job", .needs("model", .text), .needs("training_file", .text),
        .mayHave("validation_file", .text), .mayHave("suffix", .text), .mayHave("seed", .whole),
        .mayHave("method", .object(FineTuningMethod.self)),
        .mayHave("metadata", .other("an object of texts") { $0.record?.values.allSatisfy { $0.text != nil } == true }))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameters:
    ///   - model: the model to tune, which may be a tuned one.
    ///   - trainingFile: the id of an uploaded file, as is `validationFile`.
    ///   - suffix: stands in the tuned model's name.
    ///   - trainingType: where Azure trains: `Standard`, `GlobalStandard` or `Developer`; of Azure only.
    public init(
        model: String, trainingFile: String, validationFile: String? = nil, suffix: String? = nil, seed: Int? = nil,
        method: FineTuningMethod? = nil, metadata: Metadata? = nil, trainingType: String? = nil
    ) {
        fields = WireFields([
            "model": .string(model), "training_file": .string(trainingFile),
            "validation_file": validationFile.map(Value.string), "suffix": suffix.map(Value.string),
            "seed": seed.map(Value.integer), "method": method?.json, "metadata": metadata.map(Value.pairs),
            "trainingType": trainingType.map(Value.string),
        ])
    }

    public var model: String { fields.text("model") ?? "" }
    public var trainingFile: String { fields.text("training_file") ?? "" }
    public var validationFile: String? { fields.text("validation_file") }
    public var suffix: String? { fields.text("suffix") }
    public var seed: Int? { fields.whole("seed") }
    public var metadata: Metadata { fields.pairs("metadata") ?? [:] }

    /// The method. Without one it is supervised, with the hyperparameters of the older form.
    public var method: FineTuningMethod {
        fields.object("method") ?? FineTuningMethod(.supervised, fields.object("hyperparameters"))
    }

    /// Checks the bounds, before anything is sent or taken.
    /// - Throws: `WireError` that names the field.
    public func checkBounds() throws(WireError) {
        if let suffix, !FineTuningBounds.suffixLength.contains(suffix.count) {
            throw WireError("1 to 64 characters in `suffix`, found \(suffix.count)")
        }
        if let seed, !FineTuningBounds.seed.contains(seed) {
            throw WireError("a whole number from 0 to 2147483647 in `seed`, found \(seed)")
        }
        try MetadataBounds.check(metadata)
        guard let parameters = method.hyperparameters else { return }
        try Self.check(parameters, "n_epochs", FineTuningBounds.epochs)
        try Self.check(parameters, "batch_size", FineTuningBounds.batchSize)
        try Self.check(parameters, "learning_rate_multiplier", "a number above 0") { $0 > 0 && $0.isFinite }
        try Self.check(parameters, "beta", "a number above 0, at most 2") {
            $0 > 0 && FineTuningBounds.beta.contains($0)
        }
    }

    private static func check(
        _ parameters: Hyperparameters, _ name: String, _ range: ClosedRange<Int>
    ) throws(WireError) {
        try check(parameters, name, "a whole number from \(range.lowerBound) to \(range.upperBound)") { number in
            Int(exactly: number).map(range.contains) ?? false
        }
    }

    private static func check(
        _ parameters: Hyperparameters, _ name: String, _ expected: String, _ fits: (Double) -> Bool
    ) throws(WireError) {
        guard let value = parameters.fields.present(name), value.text != "auto" else { return }
        guard let number = value.double, fits(number) else {
            throw WireError("\(expected) or \"auto\" in `\(name)`, found \(JSON.text(value))")
        }
    }
}

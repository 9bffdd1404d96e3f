internal import Distillation
internal import OpenAIWire
internal import Tables

/// What of a cell's options a service takes, and what it has to be told that it doesn't.
struct TrainingChoices: Sendable {
    /// Only what the cell gave; the service chooses the rest.
    let hyperparameters: Hyperparameters?
    /// Nil where the cell gave none.
    let seed: Int?
    let suffix: String?
    /// What people should know of options that are sent otherwise than written, or not at all; sentences.
    let notes: [String]

    init(_ job: FineTuneJob, for flavour: ServiceProfile.Flavour) {
        let (options, given) = (job.options, job.given)
        let epochs = given.contains("epochs") ? options.epochs : nil
        let batchSize = given.contains("batch_size") ? options.batchSize : nil
        hyperparameters =
            epochs == nil && batchSize == nil
            ? nil
            : Hyperparameters(epochs: epochs.map { .value($0) }, batchSize: batchSize.map { .value($0) })
        var notes: [String] = []
        seed = given.contains("seed") ? Self.seed(options.seed) : nil
        if let seed, UInt64(seed) != options.seed {
            notes.append(
                "The service takes seeds from 0 to \(FineTuningBounds.seed.upperBound); yours is sent as \(seed).")
        }
        suffix = job.suffix.flatMap { Self.suffix($0, for: flavour) }
        if let wanted = job.suffix, wanted != suffix {
            notes.append(
                "The service takes letters without accents, digits, - and _ in the model's name, at most "
                    + "\(Self.suffixLength(flavour)): \"\(wanted.prefix(80))\" is sent as \(suffix.map { "\"\($0)\"" } ?? "nothing")."
            )
        }
        if let sentence = Self.leftOut(given) { notes.append(sentence) }
        self.notes = notes
    }

    /// A seed as services take it: 31 bits.
    private static func seed(_ seed: UInt64) -> Int { Int(seed & UInt64(FineTuningBounds.seed.upperBound)) }

    /// Azure's limit is the smaller one. Sources: openai/openai-openapi, `CreateFineTuningJobRequest`;
    /// Azure/azure-rest-api-specs, `FineTuningJob.suffix` (a-z, A-Z, 0-9, - and _).
    private static func suffixLength(_ flavour: ServiceProfile.Flavour) -> Int {
        flavour == .azure ? 40 : FineTuningBounds.suffixLength.upperBound
    }

    /// A suffix in legal letters; nil where none is left.
    static func suffix(_ wanted: String, for flavour: ServiceProfile.Flavour) -> String? {
        var text = ""
        for scalar in wanted.unicodeScalars {
            let isLegal =
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || scalar == "-" || scalar == "_"
            if isLegal { text.unicodeScalars.append(scalar) } else if !text.hasSuffix("-") { text += "-" }
        }
        while text.hasPrefix("-") { text.removeFirst() }
        text = String(text.prefix(suffixLength(flavour)))
        while text.hasSuffix("-") { text.removeLast() }
        return text.isEmpty ? nil : text
    }

    /// Options of the language that are about how a service trains, which it decides itself.
    private static let decidedThere: Set<String> = [
        "update", "rank", "schedule", "warmup", "accumulate", "weight_decay", "max_gradient_norm", "max_tokens",
        "evaluate_every",
    ]
    /// Options that take somebody who looks at the weights while they are trained.
    private static let notWatched: Set<String> = ["patience", "watch", "watch_every"]

    /// A sentence about what was given and can't be sent; nil where all can.
    private static func leftOut(_ given: Set<String>) -> String? {
        var parts: [String] = []
        let decided = given.intersection(decidedThere).sorted()
        if !decided.isEmpty {
            parts.append("\(names(decided)) \(decided.count == 1 ? "is" : "are") the service's own choice")
        }
        if given.contains("learning_rate") {
            parts.append(
                "`learning_rate` can't be sent, as the service only takes a factor of a rate that it doesn't tell")
        }
        let watched = given.intersection(notWatched).sorted()
        if !watched.isEmpty {
            parts.append(
                "\(names(watched)) need\(watched.count == 1 ? "s" : "") the weights while they are trained, which stay at the service"
            )
        }
        guard !parts.isEmpty else { return nil }
        return "Not all that the cell says goes into the job: \(parts.joined(separator: "; ")). "
            + "It takes `epochs`, `batch_size`, `seed` and `suffix`."
    }

    private static func names(_ names: [String]) -> String {
        let quoted = names.map { "`\($0)`" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return "\(quoted.dropLast().joined(separator: ", ")) and \(last)"
    }
}

internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// The arguments that say how a model is asked: the same for `ask` and `generate`.
enum SamplingArguments {
    static let parameters: [Parameter] = [
        .option("temperature", .number(0...2), "0, unless given, takes the likeliest token each time"),
        .option("top_p", .number(0...1), "nucleus: only the likeliest tokens whose probabilities add up to this"),
        .option("max_tokens", .whole(1...100_000), "longest reply in tokens; the kernel's limit unless given"),
        .option("seed", .whole(Int.min...Int.max), "seed of the random stream; 0 unless given"),
        .option("stop", Acceptance.text.or(.list), "the reply ends before this text, or the first of several"),
        .option("store", .record, "tags under which the completions are stored: {lab: \"3.3\"}"),
    ]

    /// - Parameter defaults: what holds where the cell says nothing; temperature 0 and the kernel's limit unless given.
    static func sampling(_ call: Invocation, defaults: Sampling? = nil) throws -> Sampling {
        let stop: [String]
        switch call.value("stop") {
        case .string(let text): stop = [text]
        case .list(let elements):
            stop = try elements.map { element in
                guard let text = element.text, !text.isEmpty else {
                    throw call.failure(
                        .wrongType, at: "stop", "Expected texts in `stop`, found \(element.kindName).",
                        hint: "stop: [\"\\n\"]")
                }
                return text
            }
        default: stop = []
        }
        return Sampling(
            temperature: call.value("temperature").double ?? defaults?.temperature ?? 0,
            topP: call.value("top_p").double ?? 1,
            maxTokens: try call.value("max_tokens").integer ?? defaults?.maxTokens ?? call.lab.kernel.maxTokens,
            seed: call.value("seed").integer ?? 0, stop: stop)
    }

    /// The tags of `store:`, at most 16 as on the wire (key ≤ 64, value ≤ 512 characters).
    static func tags(_ call: Invocation, _ parameter: String = "store") throws -> [String: String] {
        let record = call.value(parameter).record ?? [:]
        guard record.count <= 16 else {
            throw call.failure(.outOfRange, at: parameter, "Expected at most 16 tags, found \(record.count).")
        }
        var tags: [String: String] = [:]
        for (name, value) in record {
            let text = value.plainText
            guard name.count <= 64, text.count <= 512 else {
                throw call.failure(
                    .outOfRange, at: parameter, "Expected tags of at most 64 and values of at most 512 characters.")
            }
            tags[name] = text
        }
        return tags
    }

    /// - Parameter label: what progress says is done; "generate" and the model's name unless given.
    static func run(
        _ call: Invocation, _ model: Model, metadata: [String: String] = [:], label: String? = nil
    ) throws -> GenerationRun {
        let lab = try call.lab
        return GenerationRun(
            model: model, provider: lab.provider, store: lab.store, blobs: lab.blobs, cancellation: lab.cancellation,
            progress: lab.progress, now: lab.now, metadata: metadata, ignoresStore: lab.ignoresStore,
            label: label, tell: { call.note($0) })
    }
}

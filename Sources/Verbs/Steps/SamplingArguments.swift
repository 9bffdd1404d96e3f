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

    /// For the verbs that show what was answered token by token.
    static let logprobs = Parameter.option(
        "logprobs", .whole(0...20),
        "adds .sample.logprobs: each token's log-probability, and so many of the likeliest in its place")

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
            seed: call.value("seed").integer ?? 0, stop: stop, topLogprobs: call.value("logprobs").integer)
    }

    /// The tags of `store:`, as many and as long as on the wire (16 pairs, key ≤ 64, value ≤ 512 characters). A service
    /// that stores completions gets one pair of ours besides, by which they are found again.
    static func tags(_ call: Invocation) throws -> [String: String] {
        let tags = try pairs(call, "store")
        if let name = tags.keys.sorted().first(where: CompletionTags.isReserved) {
            throw call.failure(
                .outOfRange, at: "store",
                "Expected a tag of your own; `\(name)` begins with `\(CompletionTags.reserved)`, as distnb's own tags do.",
                hint: "give it another name")
        }
        let kernel = try call.lab.kernel
        let isShared = kernel.service?.features.contains(.storedCompletions) == true
        guard tags.count <= (isShared ? CompletionTags.most - 1 : CompletionTags.most) else {
            throw call.failure(
                .outOfRange, at: "store",
                isShared
                    ? "Expected at most \(CompletionTags.most - 1) tags, found \(tags.count). The service of the kernel "
                        + "\(kernel.name) takes \(CompletionTags.most), and one is distnb's own."
                    : "Expected at most \(CompletionTags.most) tags, found \(tags.count).",
                hint: isShared ? "leave one out; it can be added afterwards: distnb completions tag" : nil)
        }
        return tags
    }

    /// Pairs of texts, of which a completion can have all.
    static func pairs(_ call: Invocation, _ parameter: String) throws -> [String: String] {
        let record = call.value(parameter).record ?? [:]
        var tags: [String: String] = [:]
        for (name, value) in record {
            let text = value.plainText
            guard CompletionTags.fits(name, text) else {
                throw call.failure(
                    .outOfRange, at: parameter,
                    "Expected tags of at most \(CompletionTags.longestName) and values of at most "
                        + "\(CompletionTags.longestValue) characters.")
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

internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// The arguments that say how `finetune` trains.
enum FineTuneArguments {
    static let parameters: [Parameter] = [
        .option(
            "update", .oneOf(["lora", "full"]),
            "what is trained: a low-rank update of the projections, or every weight; \"lora\" unless given"),
        .option("epochs", .whole(1...50), "how often each row is seen; 3 unless given"),
        .option(
            "learning_rate", .number(0...1), "peak of the schedule; 1e-3 for lora and 3e-4 for full unless given"),
        .option(
            "schedule", .oneOf(["linear", "cosine", "constant"]),
            "how the learning rate falls after the warm-up; \"linear\" unless given"),
        .option(
            "warmup", .whole(0...10_000),
            "steps in which the learning rate rises; 10 unless given, fewer in short jobs"),
        .option("batch_size", .whole(1...256), "rows that are computed together; 8 unless given"),
        .option("accumulate", .whole(1...1_024), "batches a step, their gradients summed; 1 unless given"),
        .option("weight_decay", .number(0...1), "AdamW's, of matrices, not of norms and biases; 0 unless given"),
        .option("max_gradient_norm", .number(0.001...1_000), "larger gradients are scaled down to it; 1 unless given"),
        .option("rank", .whole(1...256), "rank of the low-rank update; 16 unless given"),
        .option(
            "max_tokens", .whole(8...131_072),
            "longer rows are left out whole and counted; what the model can read unless given"),
        .option("evaluate_every", .whole(1...1_000_000), "steps between measurements of the validation loss"),
        .option(
            "patience", .whole(1...1_000),
            "stops after so many measurements without a better validation loss, and keeps the best weights"),
        .option("watch", Acceptance.list.or(.text), "prompts to answer along the way: [\"Where is my order?\"]"),
        .option(
            "watch_every", .whole(1...1_000_000),
            "steps between two times that they are answered; at the start, each quarter and the end unless given"),
        .option("seed", .whole(Int.min...Int.max), "order of rows and first weights; 0 unless given"),
        .option("suffix", .text, "goes into the name of the trained model: student:SUFFIX"),
    ]

    /// An option that means nothing without another: its name, what is wrong, how to mend it.
    static func missingPartner(_ has: (String) -> Bool) -> (name: String, message: String, hint: String)? {
        for name in ["patience", "evaluate_every"] where has(name) && !has("validation") {
            return (
                name, "Expected validation rows with .output; `\(name)` is about their loss.",
                "finetune student, validation: questions.validation, \(name): 2"
            )
        }
        if has("watch_every"), !has("watch") {
            return (
                "watch_every", "Expected prompts to watch; `watch_every` says how often they are answered.",
                "watch: [\"Where is my order?\"], watch_every: 20"
            )
        }
        return nil
    }

    /// - Parameter rows: how many rows are trained on.
    static func options(_ call: Invocation, rows: Int) throws -> FineTuneOptions {
        let update = call.value("update").text.flatMap(FineTuneOptions.Update.init) ?? .lora
        var options = FineTuneOptions(update: update, learningRate: update == .full ? 3e-4 : 1e-3)
        if update == .full, !call.value("rank").isNull {
            throw call.failure(
                .incompatibleModels, at: "rank",
                "Expected no rank; `update: \"full\"` trains every weight.", hint: "leave out rank, or update")
        }
        if let epochs = call.value("epochs").integer { options.epochs = epochs }
        if let rate = call.value("learning_rate").double { options.learningRate = rate }
        if let schedule = call.value("schedule").text.flatMap(FineTuneOptions.Schedule.init) {
            options.schedule = schedule
        }
        if let size = call.value("batch_size").integer { options.batchSize = size }
        if let batches = call.value("accumulate").integer { options.accumulate = batches }
        if let decay = call.value("weight_decay").double { options.weightDecay = decay }
        if let norm = call.value("max_gradient_norm").double { options.maxGradientNorm = norm }
        if let rank = call.value("rank").integer { options.rank = rank }
        options.alpha = Double(2 * options.rank)
        options.maxTokens = call.value("max_tokens").integer
        options.evaluateEvery = call.value("evaluate_every").integer
        options.patience = call.value("patience").integer
        options.watch = try watched(call)
        options.watchEvery = call.value("watch_every").integer
        if let seed = call.value("seed").integer { options.seed = UInt64(bitPattern: Int64(seed)) }
        // A short job must not spend itself on warming up.
        options.warmupSteps = call.value("warmup").integer ?? min(10, options.steps(rows: rows) / 10)
        return options
    }

    /// The names of the options that the cell gives.
    static func given(_ call: Invocation) -> Set<String> {
        Set((FineTuneMethod.parameters + parameters).map(\.name).filter { !call.value($0).isNull })
    }

    private static let mostWatched = 20

    private static func watched(_ call: Invocation) throws -> [String] {
        switch call.value("watch") {
        case .string(let prompt): return [prompt]
        case .list(let elements):
            guard elements.count <= mostWatched else {
                throw call.failure(
                    .outOfRange, at: "watch",
                    "Expected at most \(mostWatched) prompts to watch, found \(elements.count).",
                    hint: "watch a few that tell much, and `generate` for the rest")
            }
            return Array(
                OrderedSet(
                    try elements.map { element in
                        guard let prompt = element.text else {
                            throw call.failure(
                                .wrongType, at: "watch", "Expected texts in `watch`, found \(element.kindName).",
                                hint: "watch: [\"Where is my order?\"]")
                        }
                        return prompt
                    }))
        default: return []
        }
    }

    /// The options by the names that the language gives them: what a model remembers of how it was made.
    static func record(_ options: FineTuneOptions, teacher: Model?) -> Value {
        var record = FineTuneMethod.record(options.method, teacher: teacher)
        record["update"] = .string(options.update.rawValue)
        record["epochs"] = .integer(options.epochs)
        record["learning_rate"] = .double(options.learningRate)
        record["schedule"] = .string(options.schedule.rawValue)
        record["warmup"] = .integer(options.warmupSteps)
        record["batch_size"] = .integer(options.batchSize)
        record["accumulate"] = .integer(options.accumulate)
        record["weight_decay"] = .double(options.weightDecay)
        record["max_gradient_norm"] = .double(options.maxGradientNorm)
        if options.update == .lora {
            record["rank"] = .integer(options.rank)
            record["alpha"] = .double(options.alpha)
        }
        record["max_tokens"] = options.maxTokens.map { .integer($0) } ?? .null
        record["evaluate_every"] = options.evaluateEvery.map { .integer($0) } ?? .null
        record["patience"] = options.patience.map { .integer($0) } ?? .null
        record["watch"] = .list(options.watch.map { .string($0) })
        record["watch_every"] = options.watchEvery.map { .integer($0) } ?? .null
        record["seed"] = .integer(Int(Int64(bitPattern: options.seed)))
        return .record(record)
    }
}

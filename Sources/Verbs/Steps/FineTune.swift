internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let finetune = Builtin(
        "finetune", .steps,
        "Trains a model on rows' outputs and gives the trained model; the one given stays as it is.",
        [
            .rows,
            Parameter(
                "model", .domain(Model.self, "a model"), "whom to train; rows are rendered with its own system prompt"),
            .option("target", .anything, evaluation: .row, "what to learn instead of .output, for gold rows"),
            .option("validation", .rows, "held-out rows whose loss is measured after each epoch"),
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
            .option("batch_size", .whole(1...256), "rows a step; 8 unless given"),
            .option("rank", .whole(1...256), "rank of the low-rank update; 16 unless given"),
            .option("seed", .whole(Int.min...Int.max), "order of rows and first weights; 0 unless given"),
            .option("suffix", .text, "goes into the name of the trained model: student:SUFFIX"),
        ], example: "lessons | finetune student, epochs: 3", reachesModel: true,
        result: { call throws(Diagnostic) in
            if let columns = call.columns(), !call.has("target"), columns[GeneratedColumns.output] == nil {
                throw call.mistake(
                    .unknownColumn,
                    "Expected rows with .output to learn from; these have \(columns.keys.sorted().joined(separator: ", ")).",
                    hint: "rows | generate teacher | finetune student, or target: .answer")
            }
            return .model
        },
        run: { call in
            guard let model = call.value("model").domain(Model.self) else { return .null }
            return try FineTuning(call, model).run()
        })
}

/// One run of `finetune`.
struct FineTuning {
    private let call: Invocation
    private let model: Model

    init(_ call: Invocation, _ model: Model) {
        self.call = call
        self.model = model
    }

    func run() throws -> Value {
        let lab = try call.lab
        guard model.trainedWeights == nil else {
            throw call.failure(
                .incompatibleModels, at: "model",
                "Expected an untrained model; `\(model.displayName)` was fine-tuned already.",
                hint: "finetune the model it was made from, with all the rows")
        }
        let (examples, skipped) = try conversations(call.rows())
        guard !examples.isEmpty else {
            throw call.failure(
                .emptyRows, at: "rows",
                "Expected rows to learn from; none are left\(skipped > 0 ? " (\(skipped) have no output)" : "").",
                hint: "keep more rows: look at what `where` before it leaves")
        }
        if skipped > 0 { call.note("finetune: \(skipped) rows without an output were left out.") }
        let validation = try self.validation()
        // Held-out rows must be new to the model, to what it was made from, and to who wrote the lessons.
        let seen = try Set(examples.map(RowHash.init(messages:))).union(model.lineage.rows).union(
            teachersRows(call.rows()))
        if let leaked = validation.first(where: { seen.contains(RowHash(messages: $0)) }) {
            let text = leaked.first { $0.role == "user" }?.content ?? ""
            throw call.failure(
                .trainedOnTestRows, at: "validation",
                "Expected validation rows that nobody in play was trained on; one was: \(text.prefix(60)).",
                hint: "split the rows first: split {train: 0.9, validation: 0.1}")
        }
        let options = try options(rows: examples.count)
        let job = FineTuneJob(base: model, examples: examples, validation: validation, options: options)
        let result = try train(job, lab)
        report(result)
        let weights = try lab.blobs.put(result.weights)
        let identity = try call.withProviderFailures {
            try lab.provider.identity(of: model.specification, trainedWeights: weights)
        }
        return .domain(
            Model(
                alias: model.alias, suffix: call.value("suffix").text, specification: model.specification,
                identity: identity, system: model.system, trainedWeights: weights,
                lineage: Lineage(
                    rows: seen, trainedIn: call.context.source.name, teachers: teachers(call.rows())),
                stoppedAfter: result.steps.last.flatMap {
                    $0.step < $0.totalSteps ? "step \($0.step) of \($0.totalSteps)" : nil
                },
                losses: losses(result.steps)))
    }

    private func options(rows: Int) throws -> FineTuneOptions {
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
        if let rank = call.value("rank").integer { options.rank = rank }
        options.alpha = Double(2 * options.rank)
        if let seed = call.value("seed").integer { options.seed = UInt64(bitPattern: Int64(seed)) }
        let steps = (rows + options.batchSize - 1) / options.batchSize * options.epochs
        // A short job must not spend itself on warming up.
        options.warmupSteps = call.value("warmup").integer ?? min(10, steps / 10)
        return options
    }

    private func train(_ job: FineTuneJob, _ lab: Lab) throws -> FineTuneResult {
        let label = "finetune \(model.displayName)"
        let (progress, offer) = (lab.progress, lab.offer)
        var validationLoss: Double?
        var saidThatCheckpointsFail = false
        var isFirst = true
        var computed = 0
        return try call.withProviderFailures {
            let key = try lab.provider.checkpointKey(of: job)
            if lab.ignoresStore { lab.checkpoints.remove(key) }
            let supervision = TrainingSupervision(
                checkpoints: lab.checkpoints, cancellation: lab.cancellation,
                report: { step in
                    computed += 1
                    if isFirst, step.step > 1 {
                        call.note("finetune went on from its checkpoint, after step \(step.step - 1).")
                    }
                    isFirst = false
                    var detail = "loss \(Number.fixed(step.loss, decimals: 3))"
                    validationLoss = step.validationLoss ?? validationLoss
                    if let loss = validationLoss {
                        detail += ", validation \(Number.fixed(loss, decimals: 3))"
                    }
                    detail += ", \(Number.fixed(step.tokensPerSecond, decimals: 0)) tokens/s"
                    progress.report(
                        Progress(label, done: step.step, total: step.totalSteps, unit: "steps", detail: detail))
                },
                keepsUnfinished: { step in
                    offer(
                        "Stopped after step \(step.step) of \(step.totalSteps), loss \(Number.fixed(step.loss, decimals: 3)). "
                            + "Use the half-trained model and run on? (No: the next run trains on from here.)")
                },
                checkpointFailed: { error in
                    if !saidThatCheckpointsFail {
                        let reason = (error as? FileError)?.detail ?? "the checkpoint could not be written"
                        call.note("finetune goes on, but what is trained from now on a kill would cost: \(reason)")
                    }
                    saidThatCheckpointsFail = true
                })
            let result = try lab.provider.fineTune(job, supervision: supervision)
            if let last = result.steps.last, last.step == last.totalSteps { lab.checkpoints.finish(key) }
            if computed == 0 {
                call.note("finetune was done before this run was stopped; its checkpoint was complete.")
            }
            return result
        }
    }

    /// Conversations that end with the reply to learn, and how many rows have none.
    private func conversations(_ rows: DataSet) throws -> ([[ChatMessage]], Int) {
        let target = call.function("target")
        var examples: [[ChatMessage]] = []
        var skipped = 0
        for index in rows.indices {
            let reply = try target.map { try $0(rows, index) } ?? rows.value(index, GeneratedColumns.output)
            switch reply {
            case .null, .error:
                skipped += 1
                continue
            default: break
            }
            var messages = rows.value(index, "messages")
            if messages.isNull, rows.value(index, "prompt").isNull {
                // Rows generated with `prompt: expr` have their prompt in the sample only.
                messages = .list(
                    (rows.value(index, GeneratedColumns.sample)[field: "messages"].list ?? []).filter {
                        $0[field: "role"].text != "system"
                    })
            }
            do throws(RowError) {
                var conversation = try Conversation.messages(
                    prompt: rows.value(index, "prompt"), messages: messages, system: model.system)
                conversation.append(ChatMessage(role: "assistant", content: reply.plainText))
                examples.append(conversation)
            } catch {
                skipped += 1
            }
        }
        return (examples, skipped)
    }

    /// Who wrote the outputs; nobody where the rows bring their own target.
    private func teachers(_ rows: DataSet) -> Set<String> {
        guard call.function("target") == nil else { return [] }
        return Set(rows.indices.compactMap { rows.value($0, GeneratedColumns.sample)[field: "model_id"].text })
    }

    /// What the models that wrote the outputs were trained on: their student inherits it.
    private func teachersRows(_ rows: DataSet) throws -> Set<RowHash> {
        let names = Set(rows.indices.compactMap { rows.value($0, GeneratedColumns.sample)[field: "lineage"].text })
        var inherited: Set<RowHash> = []
        for name in names {
            let bytes = try call.withProviderFailures { try call.lab.blobs.get(name) }
            for hash in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                inherited.insert(RowHash(text: String(hash)))
            }
        }
        return inherited
    }

    private func validation() throws -> [[ChatMessage]] {
        guard let rows = call.value("validation").rows else { return [] }
        if call.function("target") == nil, rows[column: GeneratedColumns.output] == nil {
            // Validation rows that no teacher answered: their gold answer is unknown to the language.
            call.note(
                "finetune: the validation rows have no .output, so no validation loss is measured; generate them too.")
            return []
        }
        return try conversations(rows).0
    }

    private func losses(_ steps: [TrainingStep]) -> DataSet {
        DataSet(
            rows: steps.map { step in
                [
                    "step": .integer(step.step), "epoch": .integer(step.epoch), "train": .double(step.loss),
                    "validation": step.validationLoss.map { .double($0) } ?? .null,
                ]
            })
    }

    private func report(_ result: FineTuneResult) {
        guard let first = result.steps.first, let last = result.steps.last else { return }
        var byEpoch: [String] = []
        for epoch in 1...max(1, last.epoch) {
            let losses = result.steps.filter { $0.epoch == epoch }.map(\.loss)
            guard !losses.isEmpty else { continue }
            byEpoch.append(Number.fixed(losses.reduce(0, +) / Double(losses.count), decimals: 3))
        }
        let tail = result.steps.suffix(8).map(\.loss)
        call.note(
            "loss \(Number.fixed(first.loss, decimals: 3)) → \(Number.fixed(tail.reduce(0, +) / Double(tail.count), decimals: 3)) "
                + "in \(result.steps.count) steps at \(Number.fixed(last.tokensPerSecond, decimals: 0)) tokens/s; "
                + "by epoch \(byEpoch.joined(separator: ", ")).")
        if let loss = result.steps.last(where: { $0.validationLoss != nil })?.validationLoss {
            call.note("validation loss \(Number.fixed(loss, decimals: 3)).")
        }
        if last.step < last.totalSteps {
            call.note(
                "You stopped the training after step \(last.step) of \(last.totalSteps); "
                    + "running the cell again (run --all) goes on from there.")
        }
    }
}

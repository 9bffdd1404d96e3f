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
            .option("epochs", .whole(1...50), "how often each row is seen; 3 unless given"),
            .option("learning_rate", .number(0...1), "peak of the schedule; 1e-3 unless given"),
            .option("batch_size", .whole(1...256), "rows a step; 8 unless given"),
            .option("rank", .whole(1...256), "rank of the low-rank update; 16 unless given"),
            .option("seed", .whole(Int.min...Int.max), "order of rows and first weights; 0 unless given"),
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
        guard model.adapter == nil else {
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
        var options = FineTuneOptions()
        if let epochs = call.value("epochs").integer { options.epochs = epochs }
        if let rate = call.value("learning_rate").double { options.learningRate = rate }
        if let size = call.value("batch_size").integer { options.batchSize = size }
        if let rank = call.value("rank").integer { options.rank = rank }
        options.alpha = Double(2 * options.rank)
        if let seed = call.value("seed").integer { options.seed = UInt64(bitPattern: Int64(seed)) }
        let steps = (examples.count + options.batchSize - 1) / options.batchSize * options.epochs
        // A short job must not spend itself on warming up.
        options.warmupSteps = min(10, steps / 10)
        let job = FineTuneJob(base: model, examples: examples, validation: validation, options: options)
        let label = "finetune \(model.displayName)"
        let result = try call.withProviderFailures {
            try lab.provider.fineTune(job, blobs: lab.blobs, cancellation: lab.cancellation) { step in
                var detail = "loss \(Number.fixed(step.loss, decimals: 3))"
                if let loss = step.validationLoss { detail += ", validation \(Number.fixed(loss, decimals: 3))" }
                detail += ", \(Number.fixed(step.tokensPerSecond, decimals: 0)) tokens/s"
                lab.progress.report(
                    Progress(label, done: step.step, total: step.totalSteps, unit: "steps", detail: detail))
            }
        }
        report(result)
        let adapter = try lab.blobs.put(result.adapter)
        let identity = try call.withProviderFailures {
            try lab.provider.identity(of: model.specification, adapter: adapter)
        }
        return .domain(
            Model(
                alias: model.alias, specification: model.specification, identity: identity, system: model.system,
                adapter: adapter,
                lineage: Lineage(rows: seen, trainedIn: call.context.source.name),
                losses: losses(result.steps)))
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
                + "in \(result.steps.count) steps; by epoch \(byEpoch.joined(separator: ", ")).")
        if let loss = result.steps.last(where: { $0.validationLoss != nil })?.validationLoss {
            call.note("validation loss \(Number.fixed(loss, decimals: 3)).")
        }
    }
}

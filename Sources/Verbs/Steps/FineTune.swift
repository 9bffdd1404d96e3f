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
            LeakWarning.parameter,
        ] + FineTuneMethod.parameters + FineTuneArguments.parameters, example: "lessons | finetune student, epochs: 3",
        reachesModel: true,
        result: { call throws(Diagnostic) in
            if let columns = call.columns(), !call.has("target"), columns[GeneratedColumns.output] == nil,
                columns["messages"] == nil
            {
                throw call.mistake(
                    .unknownColumn,
                    "Expected rows with .output to learn from; these have \(columns.keys.sorted().joined(separator: ", ")).",
                    hint: "rows | generate teacher | finetune student, or target: .answer")
            }
            if let (name, message, hint) = FineTuneArguments.missingPartner(call.has) {
                throw call.mistake(.missingArgument, at: name, message, hint: hint)
            }
            try FineTuneMethod.check(call)
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
        let rows = call.rows()
        let method = try FineTuneMethod.method(call)
        let teacher = FineTuneMethod.teacher(call)
        let lessons = try TrainingConversations(call, rows, model: model)
        guard !lessons.examples.isEmpty else {
            throw call.failure(
                .emptyRows, at: "rows",
                "Expected rows to learn from; none are left\(lessons.skipped.isEmpty ? "" : " (\(lessons.skipped))").",
                hint: "keep more rows: look at what `where` before it leaves")
        }
        if !lessons.skipped.isEmpty { call.note("finetune: left out \(lessons.skipped).") }
        try FewRows.check(training: lessons.examples.count, of: model, call)
        let validation = try self.validation()
        // Held-out rows must be new to the model, to what it was made from, and to who wrote the lessons.
        let inherited = try model.lineage.rows.union(teachersRows(rows)).union(teacher?.lineage.rows ?? [])
        let seen = inherited.union(lessons.examples.map(RowHash.init(messages:)))
        if let leaked = validation.first(where: { seen.contains(RowHash(messages: $0)) }) {
            let text = leaked.first { $0.role == "user" }?.content ?? ""
            throw call.failure(
                .trainedOnTestRows, at: "validation",
                "Expected validation rows that nobody in play was trained on; one was: \(text.prefix(60)).",
                hint: "split the rows first: split {train: 0.9, validation: 0.1}")
        }
        try LeakWarning.tell(
            call, heldOut: validation.map(LeakWarning.asked), "validation rows",
            trained: lessons.examples.map(LeakWarning.asked), who: "that are trained on")
        var options = try FineTuneArguments.options(call, rows: lessons.examples.count)
        options.method = method
        if let (name, message, hint) = FineTuneArguments.missingPartner({
            $0 == "validation" ? !validation.isEmpty : call.has($0)
        }) {
            throw call.failure(.missingArgument, at: name, message, hint: hint)
        }
        let before = try model.trainedWeights.map { name in
            try call.withProviderFailures { try lab.blobs.get(name) }
        }
        let job = FineTuneJob(
            base: model, baseWeights: before, examples: lessons.examples, validation: validation, options: options,
            given: FineTuneArguments.given(call), suffix: call.value("suffix").text,
            teacher: try teacher.map { teacher in
                FineTuneTeacher(
                    model: teacher, examples: try TrainingConversations(call, rows, model: teacher).examples,
                    validation: try heldOut(teacher)?.examples ?? [], blobs: lab.blobs)
            })
        let supervised = SupervisedFineTuning(call, lab, job)
        let result = try supervised.run()
        let weights = try lab.blobs.put(result.weights)
        let specification = result.specification ?? model.specification
        let identity = try call.withProviderFailures {
            try lab.provider.identity(of: specification, trainedWeights: weights)
        }
        let learnt = lessons.examples.indices.filter { !supervised.leftOut.contains($0) }
        return .domain(
            Model(
                alias: model.alias, suffix: call.value("suffix").text, specification: specification,
                identity: identity, system: model.system, trainedWeights: weights,
                lineage: Lineage(
                    rows: inherited.union(learnt.map { RowHash(messages: lessons.examples[$0]) }),
                    trainedIn: call.context.source.name,
                    teachers: teachers(rows).union(teacher.map { [$0.identity.id] } ?? [])),
                stoppedAfter: result.steps.last.flatMap {
                    $0.step < $0.totalSteps && !result.stoppedEarly ? "step \($0.step) of \($0.totalSteps)" : nil
                },
                losses: losses(result.steps, method),
                training: TrainingRecord(
                    options: result.receipt?.options ?? FineTuneArguments.record(options, teacher: teacher),
                    rows: lessons.remembered(result.rows),
                    watched: result.watched.isEmpty
                        ? nil : FilmStrip(result.watched, keptStep: result.keptStep),
                    keptStep: result.keptStep,
                    effort: effort(result, supervised, teaches: call.function("target") == nil)),
                layers: model.layers))
    }

    /// What the model took to make, with what was trained before.
    /// - Parameter teaches: whether it learnt what a model wrote, and not gold.
    private func effort(_ result: FineTuneResult, _ supervised: SupervisedFineTuning, teaches: Bool) -> TrainingEffort {
        let lessons =
            teaches ? TrainingEffort.lessons(in: [call.rows(), call.value("validation").rows].compactMap(\.self)) : []
        let own = TrainingEffort(
            lessons: lessons, tokens: supervised.trainedTokens(result), seconds: supervised.seconds(of: result))
        guard model.trainedWeights != nil else { return TrainingEffort(tokens: 0, seconds: 0) + own }
        // A model of before efforts were kept took nobody knows what.
        return (model.training?.effort ?? TrainingEffort()) + own
    }

    /// Who wrote the outputs, and who taught the model before; nobody where the rows bring their own target.
    private func teachers(_ rows: DataSet) -> Set<String> {
        guard call.function("target") == nil else { return model.lineage.teachers }
        return model.lineage.teachers.union(
            rows.indices.compactMap { rows.value($0, GeneratedColumns.sample)[field: "model_id"].text })
    }

    /// What the models that wrote the outputs were trained on: their student inherits it.
    private func teachersRows(_ rows: DataSet) throws -> Set<RowHash> {
        let names = Set(rows.indices.compactMap { rows.value($0, GeneratedColumns.sample)[field: "lineage"].text })
        // Conversations that a teacher wrote anew were other rows before.
        var inherited = Set(
            rows.indices.compactMap { rows.value($0, GeneratedColumns.sample)[field: "row"].text }
                .map(RowHash.init(text:)))
        for name in names {
            let bytes = try call.withProviderFailures { try call.lab.blobs.get(name) }
            for hash in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                inherited.insert(RowHash(text: String(hash)))
            }
        }
        return inherited
    }

    private func validation() throws -> [[ChatMessage]] {
        guard let rows = call.value("validation").rows, let held = try heldOut(model) else { return [] }
        if held.examples.isEmpty, call.function("target") == nil, rows[column: GeneratedColumns.output] == nil {
            // Validation rows that no teacher answered: their gold answer is unknown to the language.
            call.note(
                "finetune: the validation rows have no .output, so no validation loss is measured; generate them too.")
        } else if !held.skipped.isEmpty {
            call.note("finetune: left out of validation \(held.skipped).")
        }
        return held.examples
    }

    /// The validation rows as a model reads them.
    private func heldOut(_ model: Model) throws -> TrainingConversations? {
        try call.value("validation").rows.map {
            try TrainingConversations(call, $0, model: model, parameter: "validation")
        }
    }

    private func losses(_ steps: [TrainingStep], _ method: TrainingMethod) -> DataSet {
        DataSet(
            rows: steps.map { step in
                var row: Record = [
                    "step": .integer(step.step), "epoch": .integer(step.epoch), "train": .double(step.loss),
                    "validation": step.validationLoss.map { .double($0) } ?? .null,
                ]
                row.merge(FineTuneMethod.columns(step, method)) { $1 }
                return row
            })
    }
}

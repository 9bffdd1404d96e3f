internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let compare = Builtin(
        "compare", .steps,
        "Runs models anew over the same rows at temperature 0: a verdict, scores and differences with intervals, cost.",
        [
            Parameter("models", .list(of: Model.self, "a list of models"), "whom to compare"),
            Parameter("on", .rows, .named, "held-out rows"),
            Parameter("with", .graders, .named, "what counts as right"),
            .option(
                "by", .anything, evaluation: .row, "a property of the rows: grades are shown for each of its values too"
            ),
            .option(
                "to", .domain(Model.self, "a model"),
                "whom the others are measured against; the teacher among them unless given, else the last"),
            .option(
                "margin", .number(0...Double.infinity),
                "how much worse a model may be and still be as good: 0.05 is 5 points, and used unless given"),
            .option(
                "latency", .whole(0...1_000),
                "how many fresh single requests a model is timed with; 20 unless given, 0 for none"),
            LeakWarning.parameter,
        ], example: "compare [student, tuned], on: questions.test, with: correct", reachesModel: true,
        result: { call throws(Diagnostic) in
            if let columns = call.columns("on") {
                try call.refuseMissingColumns(of: "with", in: columns.merging(GeneratedColumns.types) { $1 })
                try call.refuseMissingColumns(ofProperty: "by", in: columns)
            }
            try call.refuseBlindGraders(in: "with")
            return .comparison
        },
        run: { call in try Comparing(call).run() })
}

/// One run of `compare`.
struct Comparing {
    private let call: Invocation
    private let models: [Model]
    private let graders: [Grader]
    private let rows: DataSet

    init(_ call: Invocation) {
        self.call = call
        models = (call.value("models").list ?? []).compactMap { $0.domain(Model.self) }
        graders = call.value("with").graders
        rows = call.rows("on")
    }

    func run() throws -> Value {
        guard rows.count > 0 else {
            throw call.failure(
                .emptyRows, at: "on", "Expected rows to compare on; there are none.", hint: "on: questions.test")
        }
        let names = try uniqueNames()
        let reference = try reference()
        let slices = try slices()
        let margin = call.value("margin").double
        try refuseGradersWithoutAnswers()
        for model in models {
            if let stopped = model.stoppedAfter {
                call.note("\(model.displayName) was stopped after \(stopped): it learnt less than its cell says.")
            }
        }
        for model in models { try refuseSeenRows(model) }
        FewRows.tell(comparing: rows.count, call)
        try tellOfNearlySeenRows()
        let sampling = Sampling(maxTokens: try call.lab.kernel.maxTokens)
        var generated: [DataSet] = []
        var expenses: [Comparison.Expense] = []
        for (model, name) in zip(models, names) {
            let generation = Generation(call, rows, model: model, sampling: sampling)
            var answers = try generation.run()
            for grader in graders { answers = try Grading(call, grader, of: name).grade(answers) }
            expenses.append(try expense(model, name, answers, fresh: try time(model, generation)))
            generated.append(answers)
        }
        var entries: [Comparison.Entry] = []
        let roles = GapRoles(models)
        for (index, name) in names.enumerated() {
            for grader in graders {
                func scores(_ model: Int) -> [Value] { generated[model][column: grader.column]?.values ?? [] }
                let gap = roles.references(of: index).flatMap {
                    GapRecovery(untrained: scores($0.untrained), trained: scores(index), teacher: scores($0.teacher))
                }
                entries.append(
                    Comparison.Entry(
                        model: name, grader: grader.column, summary: ScoreSummary(scores: scores(index)), gap: gap,
                        teacher: gap.flatMap { _ in roles.references(of: index).map { names[$0.teacher] } }))
            }
        }
        var table = rows.dropping(GeneratedColumns.all.union(rows.grades))
        for (name, answers) in zip(names, generated) {
            table = table.setting(name, Column(answers.indices.map { record(answers, $0) }))
        }
        let reports = graders.map { grader in
            let grades = ComparisonReport.Grades(
                grader: grader.column, models: names,
                grades: generated.map { $0[column: grader.column]?.values ?? [] }, range: grader.range,
                distrust: grader.distrust)
            return ComparisonReport(
                grades, reference: reference, candidate: reference?.candidate(among: models),
                margin: possible(margin, for: grades), by: slices)
        }
        return .domain(
            Comparison(
                entries: entries, expenses: Comparison.withMaking(expenses, of: models, tariff: tariff), rows: table,
                reports: reports,
                models: zip(models, names).map { $0.compared(as: $1) }))
    }

    /// The margin, where grades can differ by it at all: 5 was meant as 5 points where grades are 0 and 1.
    private func possible(_ margin: Double?, for grades: ComparisonReport.Grades) -> Double? {
        guard let margin, margin >= 1, GradeScale(of: grades.grades, range: grades.range).isShare else { return margin }
        call.note(
            "\(grades.grader): its grades are 0 and 1, so margin: \(call.code("margin")) allows everything; 5 points are 0.05, "
                + "which is used.")
        return nil
    }

    /// The model that `to:` names, or that the rule finds.
    private func reference() throws -> ReferenceModel? {
        guard let named = call.value("to").domain(Model.self) else { return ReferenceModel(among: models) }
        guard let place = models.firstIndex(where: { $0.displayName == named.displayName }) else {
            throw call.failure(
                .incompatibleModels, at: "to",
                "Expected one of the models that are compared: \(models.map(\.displayName).joined(separator: ", ")).",
                hint: "to: \(models.last?.displayName ?? "")")
        }
        return ReferenceModel(among: models, named: place)
    }

    /// What `by:` says of the rows.
    private func slices() throws -> SliceKey? {
        guard let property = call.function("by") else { return nil }
        return SliceKey(
            name: property.columnName ?? property.code, values: Array(try property.column(over: rows).values))
    }

    /// A grader that never looks at the answer gives all models the same grade: what it grades is the reference.
    private func refuseGradersWithoutAnswers() throws {
        for grader in graders where !grader.readsAnswer(call.context.builtins) {
            let (message, hint) = Grader.blindness(of: grader.column)
            throw call.failure(.gradesNoAnswer, at: "with", message, hint: hint)
        }
    }

    private func expense(
        _ model: Model, _ name: String, _ answers: DataSet, fresh: FreshCalls?
    ) throws -> Comparison.Expense {
        let lab = try call.lab
        let usages = answers.indices.map { answers.value($0, GeneratedColumns.sample)[field: "usage"] }
            .filter { !$0.isNull }.map(Usage.init(sample:))
        return Comparison.Expense(
            model: name, calls: usages.count, usage: usages.reduce(Usage(), +), fresh: fresh,
            parameters: try call.withProviderFailures { try lab.provider.parameterCount(of: model) },
            weightBytes: try call.withProviderFailures { try lab.provider.weightBytes(of: model, blobs: lab.blobs) },
            tariff: lab.kernel.tariff(of: model), machineHour: lab.kernel.machineHour)
    }

    /// How a model of the kernel is paid for that wrote lessons but is not compared.
    private func tariff(_ id: String) -> Tariff? {
        guard let lab = try? call.lab else { return nil }
        return lab.kernel.models.sorted { $0.key < $1.key }
            .first { (try? lab.provider.identity(of: $0.value, trainedWeights: nil).id) == id }
            .map { lab.kernel.tariff(of: $0.key) }
    }

    /// Times requests one by one. They neither come from the store nor go there: what was stored was timed in a batch.
    private func time(_ model: Model, _ generation: Generation) throws -> FreshCalls? {
        let lab = try call.lab
        let requests = try generation.requests().prefix(call.value("latency").integer ?? 20)
        var completions: [Completion] = []
        var failures = 0
        for (index, request) in requests.enumerated() {
            try call.withProviderFailures {
                try lab.provider.complete(
                    [request], with: model, blobs: lab.blobs, cancellation: lab.cancellation
                ) { _, result in
                    switch result {
                    case .success(let completion): completions.append(completion)
                    case .failure: failures += 1
                    }
                }
            }
            lab.progress.report(
                Progress("time \(model.displayName)", done: index + 1, total: requests.count, unit: "requests"))
        }
        if failures > 0 {
            call.note("\(model.displayName): \(failures) of \(requests.count) timed requests failed and do not count.")
        }
        return FreshCalls(completions)
    }

    private func record(_ generated: DataSet, _ index: Int) -> Value {
        var fields: Record = [
            "output": generated.value(index, GeneratedColumns.output),
            "output_json": generated.value(index, GeneratedColumns.json),
        ]
        for grader in graders { fields[grader.column] = generated.value(index, grader.column) }
        return .record(fields)
    }

    private func uniqueNames() throws -> [String] {
        var seen: Set<String> = []
        for model in models {
            guard seen.insert(model.displayName).inserted else {
                throw call.failure(
                    .duplicateArgument, at: "models",
                    "Expected models with different names; two are called `\(model.displayName)`.",
                    hint: "name one: model \"\(model.alias)\", name: \"other\"")
            }
            guard rows[column: model.displayName] == nil || rows.grades.contains(model.displayName) else {
                throw call.failure(
                    .columnExists, at: "models",
                    "Expected a model whose name is no column; the rows have `.\(model.displayName)`.",
                    hint: "model \"\(model.alias)\", name: \"other\"")
            }
        }
        return models.map(\.displayName)
    }

    /// Held-out means held out: rows that a model in play was trained on are refused.
    private func refuseSeenRows(_ model: Model) throws {
        guard !model.lineage.rows.isEmpty else { return }
        var seen = 0
        for index in rows.indices {
            guard
                let messages = try? Conversation.messages(
                    prompt: rows.value(index, "prompt"), messages: rows.value(index, "messages"), system: nil)
            else { continue }
            if model.lineage.rows.contains(RowHash(messages: messages)) { seen += 1 }
        }
        guard seen > 0 else { return }
        let cell = model.lineage.trainedIn ?? "an earlier cell"
        let these = seen == rows.count ? "these" : "\(seen) of these \(rows.count)"
        throw call.failure(
            .trainedOnTestRows, at: "on",
            "Expected rows new to `\(model.displayName)`; \(cell) trained it on \(these).",
            hint: trainHint)
    }

    /// Rows that are nearly those that a model in play was trained on, as far as the models remember these.
    private func tellOfNearlySeenRows() throws {
        let heldOut = LeakWarning.asked(rows)
        for model in models {
            guard let trained = model.training?.rows else { continue }
            try LeakWarning.tell(
                call, heldOut: heldOut, "rows", trained: LeakWarning.asked(trained),
                who: "that `\(model.displayName)` was trained on")
        }
    }

    private var trainHint: String {
        let code = call.code("on")
        guard code.hasSuffix(".test") else { return "train on other rows: split {train: 0.8, test: 0.2}" }
        return "train on \(code.dropLast(5)).train."
    }
}

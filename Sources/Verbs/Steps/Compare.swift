internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let compare = Builtin(
        "compare", .steps,
        "Runs models anew over the same rows at temperature 0 and shows their scores with intervals.",
        [
            Parameter("models", .list(of: Model.self, "a list of models"), "whom to compare"),
            Parameter("on", .rows, .named, "held-out rows"),
            Parameter(
                "with", Acceptance.domain(Grader.self, "a grader").or(.list(of: Grader.self, "a list of graders")),
                .named,
                "what counts as right"),
        ], example: "compare [student, tuned], on: questions.test, with: correct", reachesModel: true,
        result: { _ in .comparison },
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
        graders =
            call.value("with").domain(Grader.self).map { [$0] }
            ?? (call.value("with").list ?? []).compactMap { $0.domain(Grader.self) }
        rows = call.rows("on")
    }

    func run() throws -> Value {
        guard rows.count > 0 else {
            throw call.failure(
                .emptyRows, at: "on", "Expected rows to compare on; there are none.", hint: "on: questions.test")
        }
        let names = try uniqueNames()
        for model in models { try refuseSeenRows(model) }
        let sampling = Sampling(maxTokens: try call.lab.kernel.maxTokens)
        var entries: [Comparison.Entry] = []
        var table = rows.dropping(GeneratedColumns.all.union(rows.grades))
        for (model, name) in zip(models, names) {
            var generated = try Generation(call, rows, model: model, sampling: sampling).run()
            for grader in graders { generated = try Grading(call, grader).grade(generated) }
            let usage = generated.indices.reduce(Usage()) { sum, index in
                let usage = generated.value(index, GeneratedColumns.sample)[field: "usage"]
                return sum
                    + Usage(
                        promptTokens: usage[field: "prompt_tokens"].integer ?? 0,
                        completionTokens: usage[field: "completion_tokens"].integer ?? 0)
            }
            for grader in graders {
                entries.append(
                    Comparison.Entry(
                        model: name, grader: grader.column,
                        summary: ScoreSummary(scores: generated[column: grader.column]?.values ?? []),
                        usage: usage))
            }
            table = table.setting(name, Column(generated.indices.map { record(generated, $0) }))
        }
        return .domain(Comparison(entries: entries, rows: table))
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

    private var trainHint: String {
        let code = call.code("on")
        guard code.hasSuffix(".test") else { return "train on other rows: split {train: 0.8, test: 0.2}" }
        return "train on \(code.dropLast(5)).train."
    }
}

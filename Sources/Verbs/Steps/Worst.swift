internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let worst = Builtin(
        "worst", .steps,
        "The training rows that a fine-tuned model learnt worst, by their loss in its last epoch: often wrong labels.",
        [
            Parameter("model", .domain(Model.self, "a model"), isSubject: true, "a fine-tuned model"),
            Parameter("n", .whole(1...10_000), isRequired: false, "how many rows; 10 unless given"),
        ], example: "worst tuned, 10", result: { _ in .rows(nil) },
        run: { call in
            guard let model = call.value("model").domain(Model.self) else { return .null }
            let names = TrainingConversations.losses
            guard let rows = model.training?.rows, let losses = rows[column: names.last] else {
                throw call.failure(
                    .incompatibleModels, at: "model",
                    model.trainedWeights == nil
                        ? "Expected a fine-tuned model; `\(model.displayName)` was not trained here."
                        : "Expected a model that remembers its rows' losses; `\(model.displayName)` does not.",
                    hint: model.trainedWeights == nil
                        ? "lessons | finetune student" : "run the cell that trained it again")
            }
            let count = call.value("n").integer ?? 10
            let known = rows.indices.compactMap { index in losses[index].double.map { (index, $0) } }
            // Of equals the first comes first.
            let worst = known.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(count).map(\.0)
            if known.count < count { call.note("worst: the model was trained on \(known.count) rows.") }
            let chosen = rows.selecting(Array(worst))
            // The losses first, then the texts.
            let first = [names.last, names.first]
            var columns: OrderedDictionary<String, Column> = [:]
            for name in first + chosen.columnNames.filter({ !first.contains($0) }) {
                columns[name] = chosen[column: name]
            }
            return .domain(
                Shown(rows: DataSet(columns: columns, count: chosen.count), limit: count, wraps: true))
        })
}

internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let prune = Builtin(
        "prune", .steps,
        "Gives a model with fewer layers, chosen by what each does for the rows, of which a few dozen will do; .layers has the measures.",
        [
            .rows,
            Parameter("model", .domain(Model.self, "a model"), "an untrained model, which stays as it is"),
            Parameter("to", .whole(1...1_024), .named, "how many layers stay"),
            .option(
                "by", .oneOf(PruningCriterion.allCases.map(\.rawValue)),
                "how much a layer changes what it gets (influence), or how much the loss on the rows' replies grows without it (loss), which takes longer; \"influence\" unless given"
            ),
            .option("target", .anything, evaluation: .row, "the reply instead of .output, for gold rows"),
        ], example: "lessons | take 32 | prune student, to: 5", reachesModel: true,
        result: { call throws(Diagnostic) in
            let needsReplies = call.literalText("by") == PruningCriterion.loss.rawValue
            if needsReplies, let columns = call.columns(), !call.has("target"),
                columns[GeneratedColumns.output] == nil, columns["messages"] == nil
            {
                throw call.mistake(
                    .unknownColumn,
                    "Expected rows with .output; `by: \"loss\"` measures the loss on them.",
                    hint: "rows | generate teacher, or target: .answer, or by: \"influence\"")
            }
            return .model
        },
        run: { call in
            guard let model = call.value("model").domain(Model.self) else { return .null }
            return try Pruning(call, model, call.rows()).run()
        })
}

/// One run of `prune`.
private struct Pruning {
    private let call: Invocation
    private let model: Model
    private let rows: DataSet

    init(_ call: Invocation, _ model: Model, _ rows: DataSet) {
        self.call = call
        self.model = model
        self.rows = rows
    }

    func run() throws -> Value {
        let lab = try call.lab
        let criterion = call.value("by").text.flatMap(PruningCriterion.init) ?? .influence
        let conversations = try conversations(criterion)
        guard !conversations.isEmpty else {
            throw call.failure(
                .emptyRows, at: "rows", "Expected rows to measure the layers on; none are left.",
                hint: "rows with .prompt or .messages, and for by: \"loss\" with .output")
        }
        let label = "prune \(model.displayName)"
        let result = try call.withProviderFailures {
            try lab.provider.prune(
                PruningJob(
                    model: model, conversations: conversations, count: call.value("to").integer ?? 1,
                    criterion: criterion), cancellation: lab.cancellation
            ) { done, total in
                lab.progress.report(Progress(label, done: done, total: total, unit: "layers"))
            }
        }
        let specification = ModelSpecification(
            id: model.specification.id, layers: result.layers, sha256: model.specification.sha256,
            price: model.specification.price,
            summary: "\(result.layers.count) of \(result.measures.count) layers, chosen by \(criterion.rawValue)")
        let identity = try call.withProviderFailures {
            try lab.provider.identity(of: specification, trainedWeights: nil)
        }
        var note = "layers \(result.layers.map(String.init).joined(separator: ", ")) stay"
        if let loss = result.loss {
            let last = result.measures.filter { $0.removed != nil }.max { $0.removed ?? 0 < $1.removed ?? 0 }
            note += "; loss \(Number.fixed(loss, decimals: 3)) → \(Number.fixed(last?.measure ?? loss, decimals: 3))"
        }
        call.note(note + ".")
        return .domain(
            Model(
                alias: model.alias, specification: specification, identity: identity, system: model.system,
                lineage: model.lineage, layers: result.table(criterion)))
    }

    /// The rows as the model sees them, with their replies where they have some; the loss needs one.
    private func conversations(_ criterion: PruningCriterion) throws -> [[ChatMessage]] {
        if criterion == .loss {
            let lessons = try TrainingConversations(call, rows, model: model)
            if !lessons.skipped.isEmpty { call.note("prune: left out \(lessons.skipped).") }
            return lessons.examples
        }
        let target = call.function("target")
        let conversations = try rows.indices.compactMap { index -> [ChatMessage]? in
            guard
                var messages = try? Conversation.messages(
                    prompt: rows.value(index, "prompt"), messages: rows.value(index, "messages"), system: model.system)
            else { return nil }
            let reply = try target.map { try $0(rows, index) } ?? rows.value(index, GeneratedColumns.output)
            switch reply {
            case .null, .error: break
            default: messages.append(ChatMessage(role: "assistant", content: reply.plainText))
            }
            return messages
        }
        let left = rows.count - conversations.count
        if left > 0 { call.note("prune: left out \(left) row\(left == 1 ? "" : "s") without a prompt.") }
        return conversations
    }
}

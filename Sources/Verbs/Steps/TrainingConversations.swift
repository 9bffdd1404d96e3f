internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// What `finetune` learns from rows: each row's conversation with its reply, or with the assistant turns that it brings.
struct TrainingConversations {
    /// The columns that a trained model's rows have besides their own.
    static let losses = (first: "first_loss", last: "loss", tokens: "tokens")

    private(set) var examples: [[ChatMessage]] = []
    /// The rows that the examples are of.
    private var places: [Int] = []
    private var withoutOutput = 0
    private var unlearnt = 0
    private let rows: DataSet
    private let hasTarget: Bool

    /// - Parameter parameter: the argument that brought the rows, for mistakes.
    /// - Throws: a diagnostic for a message's `weight` that is neither 0 nor 1.
    init(_ call: Invocation, _ rows: DataSet, model: Model, parameter: String = "rows") throws {
        self.rows = rows
        let target = call.function("target")
        hasTarget = target != nil
        for index in rows.indices {
            let reply = try target.map { try $0(rows, index) } ?? rows.value(index, GeneratedColumns.output)
            let weights = try Self.weights(rows.value(index, "messages")) { message in
                call.failure(
                    .badData, at: parameter,
                    "Expected a weight of 0 or 1 on assistant messages only; row \(index + 1) \(message).",
                    hint: "1 learns the message, 0 does not; for more weight repeat the row")
            }
            // Without a target of its own a conversation is learnt as it stands.
            let learnsTurns = reply.isNull && target == nil && !weights.isEmpty
            if case .error = reply { withoutOutput += 1; continue }
            guard !reply.isNull || learnsTurns else { withoutOutput += 1; continue }
            do throws(RowError) {
                let conversation = try Self.conversation(
                    rows, index, model, weights: weights, reply: learnsTurns ? nil : reply.plainText)
                guard conversation.contains(where: { $0.role == "assistant" && $0.isLearnt }) else {
                    unlearnt += 1
                    continue
                }
                examples.append(conversation)
                places.append(index)
            } catch {
                withoutOutput += 1
            }
        }
    }

    /// How many rows are not learnt from, and why; empty where all are.
    var skipped: String {
        func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }
        return [
            withoutOutput > 0 ? "\(rows(withoutOutput)) without an output" : nil,
            unlearnt > 0 ? "\(rows(unlearnt)) whose replies all have weight 0" : nil,
        ].compactMap(\.self).joined(separator: " and ")
    }

    private static func conversation(
        _ rows: DataSet, _ index: Int, _ model: Model, weights: [Bool], reply: String?
    ) throws(RowError) -> [ChatMessage] {
        var messages = rows.value(index, "messages")
        if messages.isNull, rows.value(index, "prompt").isNull {
            // Rows generated with `prompt: expr` have their prompt in the sample only.
            messages = .list(
                (rows.value(index, GeneratedColumns.sample)[field: "messages"].list ?? []).filter {
                    $0[field: "role"].text != "system"
                })
        }
        var conversation = try Conversation.messages(
            prompt: rows.value(index, "prompt"), messages: messages, system: model.system)
        var learnt = weights.makeIterator()
        for place in conversation.indices where conversation[place].role == "assistant" {
            conversation[place].isLearnt = learnt.next() ?? true
        }
        if let reply { conversation.append(ChatMessage(role: "assistant", content: reply)) }
        return conversation
    }

    /// For each assistant message whether it is learnt: OpenAI's `weight`, 1 unless given.
    private static func weights(_ messages: Value, mistake: (String) -> Diagnostic) throws -> [Bool] {
        var weights: [Bool] = []
        for message in messages.list ?? [] {
            let weight = message[field: "weight"]
            guard message[field: "role"].text == "assistant" else {
                if weight.isNull { continue }
                throw mistake("has one on a message of the \(message[field: "role"].text ?? "unknown role")")
            }
            switch weight {
            case .null: weights.append(true)
            case .number(let number) where number.double == 0 || number.double == 1: weights.append(number.double == 1)
            default: throw mistake("has \(weight.plainText)")
            }
        }
        return weights
    }

    /// The rows that were learnt from with their losses and lengths, without what generating left beside the output.
    func remembered(_ losses: [RowLoss]) -> DataSet {
        let names = Self.losses
        var kept = rows.selecting(places).dropping([
            GeneratedColumns.json, GeneratedColumns.sample, names.first, names.last, names.tokens,
        ])
        let learnt = examples.map { $0.last?.content }
        // What was learnt stands in a column already, unless `target:` computed it.
        let isThere = kept.columns.values.contains { column in
            learnt.indices.allSatisfy { column[$0].plainText == learnt[$0] }
        }
        if hasTarget, !isThere, kept[column: "target"] == nil {
            kept = kept.setting("target", Column(learnt.map { $0.map { .string($0) } ?? .null }))
        }
        guard losses.count == examples.count else { return kept }
        func loss(_ value: Double?) -> Value { value.map { .double($0) } ?? .null }
        return kept.setting(names.tokens, Column(losses.map { .integer($0.tokens) }))
            .setting(names.first, Column(losses.map { loss($0.first) }))
            .setting(names.last, Column(losses.map { loss($0.last) }))
    }
}

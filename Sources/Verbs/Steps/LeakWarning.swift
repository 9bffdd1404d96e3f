internal import Distillation
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Tells of held-out rows that are nearly rows that a model was trained on; the same rows are refused elsewhere, by
/// lineage.
enum LeakWarning {
    static let parameter = Parameter.option(
        "leaks", Acceptance.number(0.5...1).or(.oneOf(["ignore"])),
        "from which share of common runs of five letters (Jaccard index) held-out rows count as nearly trained on, "
            + "which is told; \(NearLeaks.usualSimilarity) unless given, \"ignore\" to be told nothing")

    /// Notes how many held-out rows are nearly trained on, with an instance.
    /// - Parameter who: who was trained on the rows: "that are trained on", "that `tuned` was trained on".
    static func tell(
        _ call: Invocation, heldOut: [String], _ kind: String, trained: [String], who: String
    ) throws {
        guard call.value("leaks").text == nil, !heldOut.isEmpty, !trained.isEmpty else { return }
        let similarity = call.value("leaks").double ?? NearLeaks.usualSimilarity
        let leaks = try NearLeaks(
            heldOut: heldOut, trained: trained, similarity: similarity, examples: 1, check: call.checkInterrupt)
        guard leaks.count > 0, let pair = leaks.examples.first else { return }
        call.note(
            "\(call.call.name): \(leaks.count) of \(leaks.total) \(kind) \(leaks.count == 1 ? "is" : "are") nearly "
                + "the same as rows \(who): \(NearLeaks.line(pair)). They flatter the result; "
                + "`dedupe .prompt, similarity: \(Value.double(similarity).plainText)` before the split takes such rows out."
        )
    }

    /// What a model is asked in a conversation: all but the system prompt and the last reply.
    static func asked(_ messages: [ChatMessage]) -> String {
        var asked = messages.filter { $0.role != "system" }
        if asked.last?.role == "assistant" { asked.removeLast() }
        return asked.map(\.content).joined(separator: "\n")
    }

    /// The same for rows; those without a prompt are left out.
    static func asked(_ rows: DataSet) -> [String] {
        rows.indices.compactMap { index in
            (try? Conversation.messages(
                prompt: rows.value(index, "prompt"), messages: rows.value(index, "messages"), system: nil)).map(asked)
        }
    }
}

internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let completions = Builtin(
        "completions", .steps, "Stored completions as rows: prompt, output, sample and the tags they were stored with.",
        [
            .option("where", .record, "tags that must all be there: {lab: \"3.3\"}"),
            .option("since", .text, "not before this day, such as \"2026-11-01\""),
            .option("limit", .whole(1...Int.max), "at most so many"),
        ], example: "completions where: {lab: \"3.3\"}", readsStore: true,
        result: { _ in
            var columns: Columns = ["prompt": .text, "metadata": .record(nil), "created": .text]
            for (name, type) in GeneratedColumns.types { columns[name] = type }
            return .rows(columns)
        },
        run: { call in
            var filter = CompletionFilter(metadata: try SamplingArguments.tags(call, "where"))
            if let text = call.value("since").text {
                guard let seconds = Moment(text)?.timestamp else {
                    throw call.failure(
                        .wrongType, at: "since", "Expected a day, found \(text).", hint: "since: \"2026-11-01\"")
                }
                filter.since = seconds
            }
            filter.limit = call.value("limit").integer
            guard let store = try call.lab.store else { return .domain(DataSet(rows: [])) }
            return .domain(DataSet(rows: try store.completions(filter).map(row)))
        })

    private static func row(_ stored: StoredCompletion) -> Record {
        let completion = stored.completion
        var tags = Record()
        for name in stored.metadata.keys.sorted() { tags[name] = .string(stored.metadata[name] ?? "") }
        var sample: Record = [
            "model": .string(stored.modelName), "model_id": .string(stored.request.model.id),
            "messages": .list(stored.request.messages.map(\.value)),
            "usage": [
                "prompt_tokens": .integer(completion.usage.promptTokens),
                "completion_tokens": .integer(completion.usage.completionTokens),
            ], "finish_reason": .string(completion.finishReason), "latency": .double(completion.seconds),
            "cached": .bool(true), "error": .null,
        ]
        var output = Value.string(completion.text)
        // Rows to learn from, like those that `generate` gave: a chain's reasoning and the request for it stay behind.
        if let (reasoning, plain) = Reasoning.found(in: stored.request.messages) {
            sample["asked"] = sample["messages"]
            sample["messages"] = .list(plain.map(\.value))
            sample["raw"] = output
            do throws(UnreadableReply) {
                let reply = try ReasonedReply(completion.text, reasoning, isCut: completion.finishReason == "length")
                output = .string(reply.answer)
                sample["reasoning"] = reply.reasoning
            } catch {
                output = .error(RowError(error.message))
                sample["error"] = .string(error.message)
            }
        }
        return [
            "prompt": .string(stored.request.messages.last { $0.role == "user" }?.content ?? ""),
            "output": output, "output_json": output.text.map(Conversation.json) ?? output,
            "sample": .record(sample), "metadata": .record(tags),
            "created": .string(Moment(timestamp: stored.createdAt)?.text ?? ""),
        ]
    }
}

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
            .option(
                "model", Acceptance.text.or(.domain(Model.self, "a model")),
                "who answered: a model, its id, or what it was called then"),
            .option("since", .text, "not before this day, such as \"2026-11-01\""),
            .option("until", .text, "not after this day"),
            .option("contains", .text, "words in the conversation or the answer, in capitals or not"),
            .option("limit", .whole(1...Int.max), "at most so many"),
        ], example: "completions where: {lab: \"3.3\"}", readsStore: true,
        result: { _ in
            var columns: Columns = ["prompt": .text, "metadata": .record(nil), "created": .text]
            for (name, type) in GeneratedColumns.types { columns[name] = type }
            return .rows(columns)
        },
        run: { call in
            var filter = CompletionFilter(metadata: try SamplingArguments.pairs(call, "where"))
            filter.since = try moment(call, "since")?.timestamp
            filter.until = try moment(call, "until")?.end
            filter.model = call.value("model").text
            filter.identity = call.value("model").domain(Model.self)?.identity
            filter.words = call.value("contains").text
            filter.limit = call.value("limit").integer
            guard let store = try call.lab.store else { return .domain(DataSet(rows: [])) }
            let rows = try call.withProviderFailures { try store.completions(filter).map(row) }
            return .domain(DataSet(rows: rows))
        })

    /// - Throws: a diagnostic for a text that is no day.
    private static func moment(_ call: Invocation, _ parameter: String) throws -> Moment? {
        guard let text = call.value(parameter).text else { return nil }
        guard let moment = Moment(text) else {
            throw call.failure(
                .wrongType, at: parameter, "Expected a day, found \(text).", hint: "\(parameter): \"2026-11-01\"")
        }
        return moment
    }

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
        if let logprobs = completion.logprobs { sample["logprobs"] = logprobs }
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

internal import Distillation
internal import GRDB
internal import OrderedCollections
internal import Tables

/// A completion as a row of the table, and back.
enum CompletionRow {
    static let columns = [
        "key", "endpoint", "model", "model_name", "messages", "sampling", "ordinal", "text", "finish_reason",
        "prompt_tokens", "completion_tokens", "seconds", "created_at", "id", "logprobs", "used_at",
    ]
    /// What a newer answer to the same request replaces.
    static let replaced = [
        "text", "finish_reason", "prompt_tokens", "completion_tokens", "seconds", "created_at", "id", "logprobs",
    ]

    /// The values of `columns`.
    static func arguments(_ stored: StoredCompletion, usedAt: Double) -> StatementArguments {
        let request = stored.request
        let completion = stored.completion
        return [
            stored.key.description, request.model.endpoint, request.model.id, stored.modelName,
            JSON.text(.list(request.messages.map(\.value))), JSON.text(request.sampling.value), request.ordinal,
            completion.text, completion.finishReason, completion.usage.promptTokens, completion.usage.completionTokens,
            completion.seconds, stored.createdAt, completion.id, completion.logprobs.map { JSON.text($0) }, usedAt,
        ]
    }

    static func completion(_ row: Row) -> Completion {
        Completion(
            text: row["text"], finishReason: row["finish_reason"],
            usage: Usage(promptTokens: row["prompt_tokens"], completionTokens: row["completion_tokens"]),
            seconds: row["seconds"], isStored: true, id: row["id"],
            logprobs: (row["logprobs"] as String?).flatMap { try? JSON.parse($0) })
    }

    static func stored(_ row: Row, tags: [Row]) throws -> StoredCompletion {
        let messages = try JSON.parse(row["messages"] as String).list ?? []
        let request = CompletionRequest(
            model: ModelIdentity(endpoint: row["endpoint"], id: row["model"]),
            messages: messages.compactMap { ChatMessage($0) },
            sampling: Sampling(try JSON.parse(row["sampling"] as String)), ordinal: row["ordinal"])
        let metadata = Dictionary(
            tags.map { ($0["name"] as String, $0["value"] as String) }, uniquingKeysWith: { first, _ in first })
        return StoredCompletion(
            request: request, completion: completion(row), modelName: row["model_name"], metadata: metadata,
            createdAt: row["created_at"], key: CompletionKey(row["key"]))
    }
}

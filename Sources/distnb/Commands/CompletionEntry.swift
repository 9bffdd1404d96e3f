internal import Distillation
internal import OrderedCollections
internal import RemoteModels
internal import Rendering
internal import Tables
internal import Verbs

/// A stored completion as the commands show it.
enum CompletionEntry {
    /// A row of the list.
    static func row(_ stored: StoredCompletion, idLength: Int) -> Record {
        [
            "id": .string(String(stored.key.description.prefix(idLength))),
            "made (UTC)": .string(time(stored.createdAt, isShort: true)), "model": .string(stored.modelName),
            "tags": stored.metadata.isEmpty ? .null : .string(tags(stored)),
            "asked": .string(stored.request.messages.last { $0.role == "user" }?.content ?? ""),
            "answer": .string(stored.completion.text),
        ]
    }

    /// All that is known, in OpenAI's form with the id that the commands take.
    static func json(_ stored: StoredCompletion) -> Value {
        var record = CompletionJSON.json(stored).record ?? [:]
        if var own = record["distnb"]?.record {
            own["key"] = .string(stored.key.description)
            own["answers_requests"] = .bool(stored.key == stored.request.key)
            record["distnb"] = .record(own)
        }
        return .record(record)
    }

    /// The whole conversation, and what is known of it.
    static func lines(_ stored: StoredCompletion, style: TextStyle) -> [String] {
        let completion = stored.completion
        let usage = completion.usage
        let id = stored.request.model.id
        let shown = id.count > 48 ? id.prefix(45) + "…" : id[...]
        var facts = [
            "id       \(stored.key)", "model    \(stored.modelName): \(shown) of \(stored.request.model.endpoint)",
            "made     \(time(stored.createdAt)) UTC"
                + (completion.seconds > 0 ? ", in \(LatencySummary.text(completion.seconds))" : ""),
            "asked    \(sampling(stored))",
            "tokens   \(usage.promptTokens) asked, \(usage.completionTokens) answered; ended by \(completion.finishReason)",
        ]
        if let name = completion.id { facts.append("service  \(name)") }
        facts.append("tags     \(stored.metadata.isEmpty ? "none" : tags(stored))")
        var lines = facts
        for message in stored.request.messages + [Distillation.ChatMessage(role: "answer", content: completion.text)] {
            lines += ["", style.bold(message.role)]
            lines += message.content.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
        }
        return lines
    }

    private static func sampling(_ stored: StoredCompletion) -> String {
        guard stored.key == stored.request.key else {
            return "not known in full (imported); answers no request, `completions` finds it"
        }
        let sampling = stored.request.sampling
        var parts = [
            "temperature \(sampling.temperature)", "top_p \(sampling.topP)", "max_tokens \(sampling.maxTokens)",
            "seed \(sampling.seed)",
        ]
        if !sampling.stop.isEmpty { parts.append("stop \(JSON.text(.list(sampling.stop.map { .string($0) })))") }
        if let count = sampling.topLogprobs { parts.append("logprobs \(count)") }
        if stored.request.ordinal > 0 { parts.append("sample \(stored.request.ordinal + 1)") }
        return parts.joined(separator: ", ")
    }

    private static func tags(_ stored: StoredCompletion) -> String {
        stored.metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    private static func time(_ seconds: Double, isShort: Bool = false) -> String {
        guard let text = Moment(timestamp: seconds)?.text else { return "?" }
        let plain = text.replacing("T", with: " ").replacing("Z", with: "")
        return isShort ? String(plain.dropLast(3)) : plain
    }
}

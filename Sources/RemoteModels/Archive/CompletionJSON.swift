public import Distillation
internal import OpenAIWire
internal import OrderedCollections
public import Tables

/// A stored completion in OpenAI's form: what `GET /chat/completions` lists, with the request's messages and sampling
/// beside it, and under `distnb` what only we know.
///
/// Source: openai/openai-openapi, schemas `CreateChatCompletionResponse` and `CreateChatCompletionRequest`.
public enum CompletionJSON {
    /// How ids begin that we made because no service gave one.
    private static let ownID = "distnb-"

    /// The completion as JSON. Sampling stands there only where it is known in full, so that reading gives the same
    /// key again.
    public static func json(_ stored: StoredCompletion) -> Value {
        let request = stored.request
        let completion = stored.completion
        let choice = ChatCompletion.Choice(
            message: ReplyMessage(content: completion.text),
            finishReason: FinishReason(rawValue: completion.finishReason))
        var whole =
            ChatCompletion(
                id: completion.id ?? ownID + stored.key.description.prefix(24),
                created: Int(clamping: stored.createdAt),
                model: request.model.id, choices: [choice],
                usage: TokenUsage(
                    promptTokens: completion.usage.promptTokens, completionTokens: completion.usage.completionTokens),
                metadata: OrderedDictionary(
                    uniqueKeysWithValues: stored.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
            ).json.record ?? [:]
        if let logprobs = completion.logprobs, var record = choice.json.record {
            record["logprobs"] = ["content": logprobs]
            whole["choices"] = .list([.record(record)])
        }
        whole["messages"] = .list(request.messages.map(\.value))
        var own: Record = ["endpoint": .string(request.model.endpoint), "name": .string(stored.modelName)]
        if stored.key == request.key {
            let sampling = request.sampling
            whole["temperature"] = .double(sampling.temperature)
            whole["top_p"] = .double(sampling.topP)
            whole["max_completion_tokens"] = .integer(sampling.maxTokens)
            whole["seed"] = .integer(sampling.seed)
            if !sampling.stop.isEmpty { whole["stop"] = .list(sampling.stop.map { .string($0) }) }
            if let count = sampling.topLogprobs { whole["top_logprobs"] = .integer(count) }
            own["ordinal"] = .integer(request.ordinal)
        }
        own["seconds"] = .double(completion.seconds)
        own["created"] = .double(stored.createdAt)
        whole["distnb"] = .record(own)
        return .record(whole)
    }

    /// Why a completion is of no use here, in words that fit behind a number.
    struct Unusable: Error {
        let reason: String
    }

    /// Reads a completion, one for each of its choices.
    /// - Parameters:
    ///   - request: the body that was sent, where it stands elsewhere; else the completion has its request's fields.
    ///   - messages: what was said to the model, where it stands elsewhere.
    ///   - endpoint: the service, where the completion does not say.
    ///   - now: when it was made, where the completion does not say; seconds since 1970.
    static func completions(
        _ json: Value, request: Value? = nil, messages: Value? = nil, endpoint: String?, now: Double
    ) throws(Unusable) -> [StoredCompletion] {
        let completion: ChatCompletion
        do throws(WireError) {
            completion = try ChatCompletion(json)
        } catch {
            throw Unusable(reason: "not as OpenAI documents it: \(error)")
        }
        let asked = request ?? json
        let said = try Self.messages(messages ?? asked[field: "messages"], or: asked[field: "input"])
        let own = json[field: "distnb"]
        guard let model = request?[field: "model"].text ?? completion.model else {
            throw Unusable(reason: "without a model")
        }
        let service = own[field: "endpoint"].text ?? endpoint
        let sampling = sampling(asked)
        let identity = ModelIdentity(endpoint: service ?? "imported", id: model)
        let tags = completion.metadata.filter {
            !CompletionTags.isReserved($0.key) && CompletionTags.fits($0.key, $0.value)
        }
        guard !completion.choices.isEmpty else { throw Unusable(reason: "without an answer") }
        var found: [StoredCompletion] = []
        for choice in completion.choices {
            guard let text = choice.message.content, choice.message.toolCalls.isEmpty else {
                throw Unusable(
                    reason: choice.message.refusal != nil
                        ? "whose model refused to answer" : "whose answer is no text (calls of tools)")
            }
            let logprobs = choice.json[field: "logprobs"][field: "content"]
            let usage = completion.usage
            // Several choices share one usage; it must not count more than once.
            let isFirst = found.isEmpty
            let answer = Completion(
                text: text, finishReason: choice.finishReason?.rawValue ?? "stop",
                usage: Usage(
                    promptTokens: isFirst ? max(0, usage?.promptTokens ?? 0) : 0,
                    completionTokens: isFirst ? max(0, usage?.completionTokens ?? 0) : 0),
                seconds: max(0, own[field: "seconds"].double ?? 0),
                id: completion.id.isEmpty || completion.id.hasPrefix(ownID) ? nil : completion.id,
                logprobs: logprobs.list.map { .list($0) })
            let ordinal = max(0, own[field: "ordinal"].integer ?? choice.index)
            let stored = CompletionRequest(
                model: identity, messages: said, sampling: sampling ?? Sampling(maxTokens: 0), ordinal: ordinal)
            let isKnown = service != nil && sampling != nil
            found.append(
                StoredCompletion(
                    request: stored, completion: answer, modelName: own[field: "name"].text ?? model,
                    metadata: Dictionary(uniqueKeysWithValues: tags.map { ($0.key, $0.value) }),
                    createdAt: own[field: "created"].double ?? completion.created.map(Double.init) ?? now,
                    key: isKnown ? nil : importedKey(json, completion.id, choice.index)))
        }
        return found
    }

    /// The same for the same completion each time that it is imported, and never that of a request.
    private static func importedKey(_ json: Value, _ id: String, _ choice: Int) -> CompletionKey {
        let what: Value = id.isEmpty ? json : .string(id)
        return CompletionKey(
            SHA256Name.of(JSON.text(["imported": what, "choice": .integer(choice)], .canonical)))
    }

    private static func messages(_ value: Value, or other: Value) throws(Unusable) -> [Distillation.ChatMessage] {
        guard let list = value.list ?? other.list, !list.isEmpty else {
            throw Unusable(reason: "without the messages that were sent (OpenAI lists them apart: …/{id}/messages)")
        }
        var messages: [Distillation.ChatMessage] = []
        for element in list {
            let message: OpenAIWire.ChatMessage
            do throws(WireError) {
                message = try OpenAIWire.ChatMessage(element)
            } catch {
                throw Unusable(reason: "with messages that are not as OpenAI documents them: \(error)")
            }
            if case .parts(let parts)? = message.content, parts.contains(where: { $0.text == nil }) {
                throw Unusable(reason: "with images, sound or files in the messages")
            }
            guard message.content != nil, message.toolCalls.isEmpty else {
                throw Unusable(reason: "with calls of tools in the messages")
            }
            messages.append(Distillation.ChatMessage(role: message.role.rawValue, content: message.text))
        }
        return messages
    }

    /// How the model was asked; nil where that is not known in full, or where it was asked in a way that `generate`
    /// has not. What a request leaves out is as OpenAI documents it, without a seed as our own requests have it.
    private static func sampling(_ request: Value) -> Sampling? {
        func isUnset(_ name: String, _ usual: Double? = nil) -> Bool {
            let value = request[field: name]
            return value.isNull || (usual != nil && value.double == usual)
        }
        guard let limit = request[field: "max_completion_tokens"].integer ?? request[field: "max_tokens"].integer,
            limit > 0, isUnset("presence_penalty", 0), isUnset("frequency_penalty", 0), isUnset("reasoning_effort"),
            isUnset("logit_bias"), request[field: "tools"].list?.isEmpty ?? true,
            isUnset("response_format") || request[field: "response_format"][field: "type"].text == "text"
        else { return nil }
        let stop = request[field: "stop"]
        return Sampling(
            temperature: request[field: "temperature"].double ?? 1, topP: request[field: "top_p"].double ?? 1,
            maxTokens: limit, seed: request[field: "seed"].integer ?? 0,
            stop: stop.text.map { [$0] } ?? (stop.list ?? []).compactMap(\.text),
            topLogprobs: request[field: "top_logprobs"].integer)
    }
}

extension Int {
    /// Whole seconds of a time that a file may have made up.
    fileprivate init(clamping seconds: Double) {
        self = seconds.isFinite ? Int(Swift.max(-1e15, Swift.min(1e15, seconds))) : 0
    }
}

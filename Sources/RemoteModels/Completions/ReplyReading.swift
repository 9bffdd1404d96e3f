internal import Distillation
internal import OpenAIWire
internal import Tables

/// Reads replies of services.
enum ReplyReading {
    /// A body as a service sends it.
    /// - Parameters:
    ///   - streams: whether a stream of events was asked for; a server that does not stream answers whole all the same.
    ///   - seconds: how long the reply took.
    ///   - failed: makes the error to throw where the body tells of one.
    /// - Throws: `RowError` where the model or a filter says no, `WireError` for what is no reply or not a whole one.
    static func completion(
        _ body: [UInt8], streams: Bool, seconds: Double, failed: (APIErrorBody) -> any Error
    ) throws -> Completion {
        guard streams, body.first(where: { $0 > 0x20 }) != UInt8(ascii: "{") else {
            let json: Value
            do throws(JSONError) {
                json = try JSON.parse(body)
            } catch {
                throw WireError("a chat completion in JSON, found \(error.found)")
            }
            if let error = APIErrorBody(unexpected: json) { throw failed(error) }
            return try completion(try ChatCompletion(json), seconds: seconds)
        }
        var events = ServerSentEvents()
        var pieces = ChunkAssembly()
        for event in try events.read(body) { try pieces.add(event) }
        switch pieces.ending {
        case .failed(let error): throw failed(error)
        case .cut: throw WireError("a whole reply, found a stream that was cut")
        case .finished, .done:
            guard let whole = pieces.completion else { throw WireError("a reply in the stream, found none") }
            return try completion(whole, seconds: seconds)
        }
    }

    /// The first reply of a chat completion.
    static func completion(_ chat: ChatCompletion, seconds: Double) throws -> Completion {
        guard let choice = chat.choices.min(by: { $0.index < $1.index }) else {
            throw WireError("a reply among `choices`, found none")
        }
        if let refusal = choice.message.refusal, !refusal.isEmpty {
            throw RowError("the model will not answer: \(refusal)")
        }
        if choice.finishReason == .contentFilter {
            throw RowError("the service's content filter stopped the reply")
        }
        let usage = chat.usage
        return Completion(
            text: choice.message.content ?? "", finishReason: choice.finishReason?.rawValue ?? "stop",
            usage: Usage(promptTokens: usage?.promptTokens ?? 0, completionTokens: usage?.completionTokens ?? 0),
            seconds: seconds, id: chat.id.isEmpty ? nil : chat.id, logprobs: logprobs(choice.logprobs))
    }

    /// `{token, logprob, top_logprobs: [{token, logprob}]}` for each token.
    private static func logprobs(_ logprobs: ChoiceLogprobs?) -> Value? {
        guard let tokens = logprobs?.content else { return nil }
        return .list(
            tokens.map { token in
                [
                    "token": .string(token.token), "logprob": .double(token.logprob),
                    "top_logprobs": .list(
                        token.top.map { ["token": .string($0.token), "logprob": .double($0.logprob)] }),
                ]
            })
    }
}

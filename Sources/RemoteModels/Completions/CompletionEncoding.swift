internal import Distillation
internal import OpenAIWire
internal import OrderedCollections

/// Writes requests for completions as the service takes them.
struct CompletionEncoding: Sendable {
    /// The pair of a stored completion's metadata by which it is found again.
    static let keyName = "distnb_key"

    /// The service's name of the model.
    let model: String
    let hasSeed: Bool
    let hasLogprobs: Bool
    let isStored: Bool
    let hasIdempotency: Bool
    private let metadata: Metadata

    /// - Parameter metadata: the user's own pairs.
    /// - Throws: `ProviderError` where they are more, or longer, than services take.
    init(model: String, features: Set<ServiceProfile.Feature>, isStored: Bool, metadata: [String: String]) throws {
        self.model = model
        hasSeed = features.contains(.seed)
        hasLogprobs = features.contains(.logprobs)
        hasIdempotency = features.contains(.idempotency)
        self.isStored = isStored && features.contains(.storedCompletions)
        var pairs = Metadata()
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) { pairs[name] = value }
        if self.isStored {
            do throws(WireError) {
                try MetadataBounds.check(pairs)
            } catch {
                throw ProviderError("The tags of `store:` do not fit the service. \(error)")
            }
            guard pairs.count < MetadataBounds.pairs else {
                throw ProviderError(
                    "`store:` has \(pairs.count) tags; the service takes \(MetadataBounds.pairs), and one is distnb's own.",
                    hint: "leave one out")
            }
        }
        self.metadata = pairs
    }

    /// The body of a request.
    func bytes(_ request: CompletionRequest, _ dialect: CompletionDialect, streams: Bool) -> [UInt8] {
        let sampling = request.sampling
        var pairs: Metadata?
        if isStored, dialect.takes("store"), dialect.takes("metadata") {
            pairs = metadata
            pairs?[Self.keyName] = request.key.description
        }
        let logprobs = hasLogprobs && dialect.takes("logprobs") ? sampling.topLogprobs : nil
        var body = ChatCompletionRequest(
            model: model,
            messages: request.messages.map { message in
                OpenAIWire.ChatMessage(role: ChatRole(rawValue: message.role), content: .text(message.content))
            },
            temperature: dialect.takes("temperature") ? sampling.temperature : nil,
            topP: dialect.takes("top_p") && sampling.topP != 1 ? sampling.topP : nil,
            limit: dialect.limitsCompletion
                ? .maxCompletionTokens(sampling.maxTokens) : .maxTokens(sampling.maxTokens),
            seed: hasSeed && dialect.takes("seed") ? Self.seed(of: request) : nil,
            stop: dialect.takes("stop") ? sampling.stop : [],
            store: isStored && dialect.takes("store") ? true : nil, metadata: pairs, stream: streams,
            logprobs: logprobs == nil ? nil : true,
            topLogprobs: dialect.takes("top_logprobs") ? logprobs.flatMap { $0 > 0 ? $0 : nil } : nil)
        if streams, !dialect.takes("stream_options"), let bare = try? body.setting(["stream_options": nil]) {
            body = bare
        }
        return body.bytes
    }

    /// The first sample of a request has the seed that was asked for; further ones have others, which depend on the whole
    /// request. Services take 31 bits and more.
    static func seed(of request: CompletionRequest) -> Int {
        request.ordinal == 0 ? request.sampling.seed : Int(request.key.seed & 0x7FFF_FFFF)
    }

    /// How many tokens a request may take at the most, roughly: four bytes are a token of English.
    static func tokens(of request: CompletionRequest) -> Int {
        let bytes = request.messages.reduce(0) { $0 + $1.content.utf8.count + 16 }
        return bytes / 4 + request.sampling.maxTokens
    }
}

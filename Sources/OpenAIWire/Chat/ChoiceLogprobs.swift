internal import OrderedCollections
internal import Tables

/// The log probabilities of a reply's tokens.
public struct ChoiceLogprobs: WireObject {
    public static let form = WireForm("log probabilities")

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameter content: one for each token of the reply.
    public init(content: [TokenLogprob]?, refusal: [TokenLogprob]? = nil) {
        fields = WireFields([
            "content": content.map(Value.objects).orNull, "refusal": refusal.map(Value.objects).orNull,
        ])
    }

    /// One for each token of the content; nil where there are none, or where one of them cannot be read: those left
    /// would stand beside the wrong tokens.
    public var content: [TokenLogprob]? { fields.objects("content") }

    /// One for each token of the refusal.
    public var refusal: [TokenLogprob]? { fields.objects("refusal") }
}

/// A token of a reply, and how likely the model held it.
///
/// Source: openai/openai-openapi, schema `ChatCompletionTokenLogprob`.
public struct TokenLogprob: WireObject {
    public static let form = WireForm("a token's log probability", .needs("token", .text), .needs("logprob", .number))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// - Parameters:
    ///   - bytes: the token's bytes, which alone can be no text.
    ///   - top: the likeliest tokens in its place; nil for one that is such an alternative itself.
    public init(token: String, logprob: Double, bytes: [UInt8]?, top: [TokenLogprob]? = []) {
        fields = WireFields([
            "token": .string(token), "logprob": .double(logprob.isFinite ? logprob : Self.unlikely),
            "bytes": bytes.map { .list($0.map { .integer(Int($0)) }) }.orNull,
            "top_logprobs": top.map(Value.objects),
        ])
    }

    /// What OpenAI writes for a token that is too unlikely to have a number; JSON has no infinity.
    public static let unlikely = -9999.0

    public var token: String { fields.text("token") ?? "" }

    /// The natural logarithm of its probability.
    public var logprob: Double { fields.number("logprob") ?? 0 }

    /// The token's own bytes, where the server gives them; `bytes` is the text of this object.
    public var tokenBytes: [UInt8]? {
        guard let list = self[field: "bytes"].list else { return nil }
        let bytes = list.compactMap { $0.integer.flatMap(UInt8.init(exactly:)) }
        return bytes.count == list.count ? bytes : nil
    }

    /// The likeliest tokens in its place, where they were asked for.
    public var top: [TokenLogprob] { fields.objects("top_logprobs") ?? [] }
}

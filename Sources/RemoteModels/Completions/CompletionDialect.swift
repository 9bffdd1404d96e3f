internal import OpenAIWire

/// Which parameters a model of a service takes. What its name doesn't tell is learnt from the service's refusals, each
/// once, and goes for all later requests.
struct CompletionDialect: Sendable, Hashable {
    /// The parameters that can be written otherwise or left out.
    static let parameters = [
        "max_completion_tokens", "max_tokens", "temperature", "top_p", "seed", "stop", "top_logprobs", "logprobs",
        "stream_options", "stream", "store", "metadata",
    ]

    /// Whether the limit of tokens is written `max_completion_tokens`.
    private(set) var limitsCompletion: Bool
    private(set) var leftOut: Set<String> = []
    /// How often something was learnt.
    private(set) var version = 0
    private var knowsLimit = false

    init(model: String) { limitsCompletion = ChatCompletionRequest.TokenLimit.isReasoning(model) }

    /// The parameter of this name, where it can be written otherwise or left out.
    static func known(_ name: String) -> String? { parameters.contains(name) ? name : nil }

    /// The parameter that is named first in a message.
    static func named(in message: String) -> String? {
        parameters.compactMap { name in message.firstRange(of: name).map { (name, $0.lowerBound) } }
            // Of `max_tokens` and what begins at the same place the longer one stands first in the list.
            .min { $0.1 < $1.1 }?.0
    }

    func takes(_ parameter: String) -> Bool { !leftOut.contains(parameter) }

    /// Remembers that a parameter was refused.
    /// - Returns: what is worth telling; empty where nothing is. Nil where it had been learnt before, so that the refusal
    ///   is about something else.
    mutating func learn(_ parameter: String, model: String) -> String? {
        switch parameter {
        case "max_tokens", "max_completion_tokens":
            guard !knowsLimit, limitsCompletion == (parameter == "max_completion_tokens") else { return nil }
            knowsLimit = true
            limitsCompletion.toggle()
            version += 1
            return ""
        default:
            guard leftOut.insert(parameter).inserted else { return nil }
            version += 1
            return Self.notes[parameter].map { "\(model) takes no `\(parameter)`: \($0)" } ?? ""
        }
    }

    /// What it means that a parameter is left out.
    private static let notes = [
        "temperature": "its replies are drawn at its own", "top_p": "its replies are drawn from all tokens",
        "seed": "asked again, it may reply otherwise", "logprobs": "its log-probabilities are not to be had",
        "top_logprobs": "its log-probabilities are not to be had", "store": "the service keeps none of its completions",
        "metadata": "its completions are kept without tags",
    ]
}

/// What can go wrong in running or training a model, in words for the person who asked for it.
public enum EngineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A prompt or training row longer than the model can read.
    case tooLong(what: String, tokens: Int, limit: Int)
    /// Nothing to read: a model predicts from at least one token.
    case empty(what: String)
    /// A token id that the vocabulary does not have.
    case unknownToken(id: Int32, vocabulary: Int)
    /// The model computed infinities or NaN: damaged weights, or training that diverged.
    case notFinite(what: String, advice: String)
    /// An adapter, or whole weights, of another model.
    case adapterMismatch(place: String, expected: String, found: String)
    /// An option outside its range.
    case invalidOption(name: String, expected: String, found: String)
    /// The model's chat template is none that can be run.
    case unsupportedTemplate(model: String, problem: String)
    /// The chat template does not take a conversation, or what it makes of it cannot be used.
    case templateFailed(model: String, problem: String)

    public var description: String {
        switch self {
        case .tooLong(let what, let tokens, let limit):
            "\(what) has \(tokens) tokens; the model reads at most \(limit). Shorten it."
        case .empty(let what):
            "\(what) has no tokens; give at least one."
        case .unknownToken(let id, let vocabulary):
            "token \(id) does not exist: the model's vocabulary goes from 0 to \(vocabulary - 1)."
        case .notFinite(let what, let advice):
            "\(what) is not a finite number. \(advice)"
        case .adapterMismatch(let place, let expected, let found):
            "what was trained does not fit the model: \(place) should be \(expected), but is \(found). "
                + "Use it with the model that it was trained on."
        case .invalidOption(let name, let expected, let found):
            "`\(name)` must be \(expected), but is \(found)."
        case .unsupportedTemplate(let model, let problem):
            "\(model): the chat template cannot be run: \(problem)."
        case .templateFailed(let model, let problem):
            "\(model): the chat template does not take this conversation: \(problem)."
        }
    }
}

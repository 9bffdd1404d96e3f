internal import Distillation

/// Finds a tape's answers, and what is nearest to a request that it does not hold.
struct TapeIndex: Sendable {
    private let answers: [CompletionKey: Completion]
    /// Requests by what was said, and by the last question alone.
    private let conversations: [Asked: [CompletionRequest]]
    private let questions: [Question: [CompletionRequest]]

    private struct Asked: Hashable {
        let model: ModelIdentity
        let messages: [ChatMessage]
    }

    private struct Question: Hashable {
        let model: ModelIdentity
        let text: String

        init(_ request: CompletionRequest) {
            model = request.model
            text = request.messages.last { $0.role == "user" }?.content ?? ""
        }
    }

    init(_ completions: [StoredCompletion]) {
        answers = Dictionary(completions.map { ($0.key, $0.completion) }, uniquingKeysWith: { first, _ in first })
        conversations = Dictionary(grouping: completions.map(\.request)) {
            Asked(model: $0.model, messages: $0.messages)
        }
        questions = Dictionary(grouping: completions.map(\.request), by: Question.init)
    }

    /// The answer as it was given then.
    func answer(to request: CompletionRequest) -> Completion? { answers[request.key] }

    /// What the tape holds instead, in words behind "it holds".
    func nearest(to request: CompletionRequest) -> String {
        if let same = conversations[Asked(model: request.model, messages: request.messages)] {
            let differences = same.map { Self.differences(of: $0, from: request) }
            let least = differences.min { ($0.count, $0.joined()) < ($1.count, $1.joined()) } ?? []
            return "the same messages with \(least.joined(separator: ", "))"
        }
        if let same = questions[Question(request)], let first = same.first {
            let systems = [first, request].map { $0.messages.first { $0.role == "system" }?.content }
            return systems[0] != systems[1]
                ? "the same question with \(systems[0] == nil ? "no" : "another") system prompt"
                : "the same question in another conversation"
        }
        return "no request with this question"
    }

    /// How a request on the tape differs, first what it has, then what was wanted.
    private static func differences(of held: CompletionRequest, from wanted: CompletionRequest) -> [String] {
        var found: [String] = []
        func compare(_ name: String, _ held: String, _ wanted: String) {
            if held != wanted { found.append("\(name) \(held) instead of \(wanted)") }
        }
        let (mine, other) = (held.sampling, wanted.sampling)
        compare("temperature", "\(mine.temperature)", "\(other.temperature)")
        compare("top_p", "\(mine.topP)", "\(other.topP)")
        compare("max_tokens", "\(mine.maxTokens)", "\(other.maxTokens)")
        compare("seed", "\(mine.seed)", "\(other.seed)")
        if mine.stop != other.stop { found.append("other `stop` texts") }
        compare("logprobs", mine.topLogprobs.map(String.init) ?? "none", other.topLogprobs.map(String.init) ?? "none")
        if held.ordinal != wanted.ordinal { found.append("fewer samples") }
        return found
    }
}

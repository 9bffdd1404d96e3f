public import Tables

/// A conversation whose replies a model writes, one after the other: each is asked for with those before it.
public struct Dialogue: Sendable {
    /// What was said last, and what it took.
    public struct Answer: Sendable {
        /// The conversation up to the last question, with the model's replies in place of those that were there.
        public let messages: [ChatMessage]
        /// The last reply; its tokens and seconds are those of all.
        public let completion: Completion

        public init(messages: [ChatMessage], completion: Completion) {
            self.messages = messages
            self.completion = completion
        }
    }

    /// Has a model write the replies of many conversations, turn by turn, each turn of all in one go.
    /// - Parameters:
    ///   - conversations: each begins with system or user and ends with the user; the replies in between are replaced.
    ///   - request: makes a request of messages for the conversation at an index.
    ///   - complete: answers requests in their order.
    /// - Returns: for each conversation its answer, or the error of the first turn that failed.
    /// - Throws: what `complete` throws.
    public static func answers(
        _ conversations: [[ChatMessage]], request: (Int, [ChatMessage]) -> CompletionRequest,
        complete: ([CompletionRequest]) throws -> [Result<Completion, RowError>]
    ) rethrows -> [Result<Answer, RowError>] {
        var answers: [Result<Answer, RowError>] = conversations.map { _ in
            .failure(RowError("the conversation asks nothing"))
        }
        // What is said so far, and what is still to be said by others than the model.
        var open = conversations.indices.map {
            Turn(index: $0, left: conversations[$0].filter { $0.role != "assistant" })
        }
        while true {
            open = open.compactMap { $0.asking() }
            guard !open.isEmpty else { return answers }
            let completions = try complete(open.map { request($0.index, $0.said) })
            var next: [Turn] = []
            for (turn, result) in zip(open, completions) {
                switch result {
                case .failure(let error): answers[turn.index] = .failure(error)
                case .success(let completion):
                    let turn = turn.answered(completion)
                    answers[turn.index] = .success(Answer(messages: turn.asked, completion: turn.total))
                    next.append(turn)
                }
            }
            open = next
        }
    }

    /// One conversation on its way.
    private struct Turn {
        let index: Int
        var left: [ChatMessage]
        var said: [ChatMessage] = []
        /// What was said before the last reply.
        var asked: [ChatMessage] = []
        var total = Completion(text: "", finishReason: "", usage: Usage(), seconds: 0, isStored: true)

        /// With the next question asked; nil where nothing is left to ask.
        func asking() -> Turn? {
            guard let end = left.firstIndex(where: { $0.role == "user" }) else { return nil }
            var turn = self
            turn.said += left[...end]
            turn.left.removeSubrange(...end)
            return turn
        }

        func answered(_ completion: Completion) -> Turn {
            var turn = self
            turn.asked = said
            turn.said.append(ChatMessage(role: "assistant", content: completion.text))
            turn.total = Completion(
                text: completion.text, finishReason: completion.finishReason, usage: total.usage + completion.usage,
                seconds: total.seconds + completion.seconds, isStored: total.isStored && completion.isStored)
            return turn
        }
    }
}

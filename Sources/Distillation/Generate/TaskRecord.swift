public import Tables

/// A record of a task: what a row sends to the teacher, checked before anything is spent.
public struct TaskRecord: Sendable, Hashable {
    /// The system message, then user and assistant in turn; a conversation's own last reply is left out.
    public let messages: [ChatMessage]

    /// Checks a row.
    /// - Parameters:
    ///   - prompt: the user's words, where the row has no messages.
    ///   - system: the model's system prompt, which takes the place of the row's.
    /// - Throws: `RowError` that says what is wrong with it.
    public init(prompt: Value, messages: Value, system: String?, task: TaskPreset) throws(RowError) {
        for (index, message) in (messages.list ?? []).enumerated() {
            for name in ["role", "content"] where message[field: name].text == nil {
                throw RowError("message \(index + 1) has no `\(name)`")
            }
        }
        var found = try Conversation.messages(prompt: prompt, messages: messages, system: system)
        if let empty = found.firstIndex(where: { $0.content.allSatisfy(\.isWhitespace) }) {
            throw RowError("message \(empty + 1), of the \(found[empty].role), is empty")
        }
        guard let first = found.first, first.role == "system" else {
            throw RowError("the first message is of the \(found.first?.role ?? "nobody"), not the system's")
        }
        for (index, message) in found.enumerated().dropFirst() {
            let expected = index % 2 == 1 ? "user" : "assistant"
            guard message.role == expected else {
                throw RowError("message \(index + 1) is of the \(message.role), not the \(expected)")
            }
        }
        guard found.count > 1 else { throw RowError("there is no message of the user") }
        if task.isConversation {
            // The last reply is the teacher's to write.
            if found.last?.role == "assistant" { found.removeLast() }
        } else if found.count > 2 {
            throw RowError("\(found.count) messages, more than the system's and the user's")
        }
        self.messages = found
    }
}

public import Tables

/// Builds the messages that a row sends to a model.
public enum Conversation {
    /// The messages of a row: its `messages`, or its `prompt` as the user's words, with the system prompt first.
    ///
    /// A row's own system message stays where the model has none; the model's own replaces it, since each
    /// model is asked in the role that its notebook gave it.
    /// - Throws: `RowError` where the row has neither, or they are of the wrong kind.
    public static func messages(prompt: Value, messages: Value, system: String?) throws(RowError) -> [ChatMessage] {
        var result: [ChatMessage]
        switch (messages, prompt) {
        case (.list(let elements), _):
            result = []
            for element in elements {
                guard let message = ChatMessage(element) else {
                    throw RowError("`messages` holds something that is no {role, content}")
                }
                result.append(message)
            }
            guard !result.isEmpty else { throw RowError("`messages` is empty") }
        case (.null, .string(let text)): result = [ChatMessage(role: "user", content: text)]
        case (.null, .error(let error)), (.error(let error), _): throw error
        case (.null, .null): throw RowError("the row has no prompt")
        case (.null, let other): throw RowError("the prompt is \(other.kindName), not text")
        case (let other, _): throw RowError("`messages` is \(other.kindName), not a list")
        }
        if let system {
            result.removeAll { $0.role == "system" }
            result.insert(ChatMessage(role: "system", content: system), at: 0)
        }
        return result
    }

    /// The JSON value in a model's reply, or null: the whole reply, or one fenced block around it.
    public static func json(in reply: String) -> Value {
        var text = Substring(reply)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        if text.hasPrefix("```"), text.hasSuffix("```"), text.count >= 6 {
            text = text.dropFirst(3).dropLast(3)
            if text.hasPrefix("json") { text = text.dropFirst(4) }
        }
        guard let first = text.first(where: { !$0.isWhitespace }), "{[\"-0123456789tfn".contains(first) else {
            return .null
        }
        return (try? JSON.parse(String(text))) ?? .null
    }
}

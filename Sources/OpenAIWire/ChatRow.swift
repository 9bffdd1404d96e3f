internal import OrderedCollections
public import Tables

/// A row of OpenAI's chat fine-tuning file: `{"messages": [{"role": …, "content": …}, …]}`.
public struct ChatRow: Sendable, Equatable {
    public let messages: [Value]

    /// A row from the messages that were sent and the reply.
    public init(messages: [Value], reply: String) {
        self.messages = messages + [["role": "assistant", "content": .string(reply)]]
    }

    public var json: Value { ["messages": .list(messages)] }
}

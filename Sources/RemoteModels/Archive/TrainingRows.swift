public import Distillation
internal import OpenAIWire
internal import Tables

/// Stored completions as OpenAI's rows for fine-tuning on chats: what was asked, and the answer to learn.
public struct TrainingRows: Sendable {
    /// One JSON object for each row.
    public private(set) var lines: [String] = []
    /// Answers that were cut off by `max_tokens`, and so would teach to stop anywhere.
    public private(set) var cut = 0
    /// Reasoned answers that could not be read.
    public private(set) var unreadable = 0

    /// A chain's reasoning, and the request for it, are left out, as `generate` leaves them out.
    public init(_ completions: [StoredCompletion]) {
        for stored in completions {
            var (messages, answer) = (stored.request.messages, stored.completion.text)
            let isCut = stored.completion.finishReason == "length"
            if let (reasoning, plain) = Reasoning.found(in: messages) {
                do throws(UnreadableReply) {
                    (messages, answer) = (plain, try ReasonedReply(answer, reasoning, isCut: isCut).answer)
                } catch {
                    unreadable += 1
                    continue
                }
            } else if isCut {
                cut += 1
                continue
            }
            let said = messages.map {
                OpenAIWire.ChatMessage(role: ChatRole(rawValue: $0.role), content: .text($0.content))
            }
            lines.append(JSON.text(ChatTrainingRow(messages: said + [.assistant(answer)]).json))
        }
    }
}

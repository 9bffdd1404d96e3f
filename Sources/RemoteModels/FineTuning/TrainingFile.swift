internal import Distillation
internal import OpenAIWire
internal import Tables

/// Conversations as the file that a service trains on, or measures: a JSON object a line.
struct TrainingFile: Sendable {
    enum Role: String, Sendable { case training, validation }

    let role: Role
    let bytes: [UInt8]
    /// Says what is in it, so that a file which an interrupted run left at the service is found again.
    let name: String

    /// The least number of rows that OpenAI and Azure train on. Sources: openai.com, fine-tuning guide (error
    /// `invalid_n_examples`); MicrosoftDocs/azure-ai-docs, `fine-tuning-rest.md`.
    static let leastRows = 10

    /// Texts that stand for something else in OpenAI's vocabularies; a file with one of them is refused after it was
    /// uploaded ("message contains an invalid token"). Source: openai/tiktoken, `openai_public.py`.
    private static let reserved = [
        "<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|endofprompt|>",
    ]

    /// - Parameter flavour: whose rules are kept.
    /// - Throws: `ProviderError` for what the service would refuse, before anything is sent.
    init(_ conversations: [[Distillation.ChatMessage]], _ role: Role, for flavour: ServiceProfile.Flavour) throws {
        let isStrict = flavour != .compatible
        if isStrict, role == .training, conversations.count < Self.leastRows {
            throw ProviderError(
                "The service trains on \(Self.leastRows) rows and more; these are \(conversations.count).",
                hint: "keep more rows: look at what `where` before leaves, or generate more")
        }
        // Azure wants a byte-order mark (fine-tuning-rest.md); OpenAI takes one for a damaged first line.
        var bytes: [UInt8] = flavour == .azure ? [0xEF, 0xBB, 0xBF] : []
        for (place, conversation) in conversations.enumerated() {
            try Self.check(conversation, place, role, isStrict: isStrict)
            bytes += ChatTrainingRow(messages: conversation.map(Self.message)).bytes
            bytes.append(UInt8(ascii: "\n"))
            guard bytes.count < FileObject.sizeLimit else {
                throw ProviderError(
                    "The \(role.rawValue) rows make a file of more than 512 MB from row \(place + 1) of "
                        + "\(conversations.count) on; the service takes no larger one.",
                    hint: "train on fewer rows: take, sample or dedupe them before")
            }
        }
        self.role = role
        self.bytes = bytes
        name = "distnb-\(role.rawValue)-\(SHA256Name.of(bytes)).jsonl"
    }

    /// Only what is not learnt says so, as learning is the rule.
    private static func message(_ message: Distillation.ChatMessage) -> OpenAIWire.ChatMessage {
        message.role == "assistant"
            ? .assistant(message.content, weight: message.isLearnt ? Optional.none : 0)
            : OpenAIWire.ChatMessage(role: ChatRole(rawValue: message.role), content: .text(message.content))
    }

    private static func check(
        _ conversation: [Distillation.ChatMessage], _ place: Int, _ role: Role, isStrict: Bool
    ) throws {
        guard conversation.contains(where: { $0.role == "assistant" && $0.isLearnt }) else {
            throw ProviderError(
                "Row \(place + 1) of the \(role.rawValue) rows has no reply that is to be learnt.",
                hint: "leave it out: where .output is not null")
        }
        guard isStrict else { return }
        for message in conversation {
            if let word = reserved.first(where: { message.content.contains($0) }) {
                throw ProviderError(
                    "Row \(place + 1) of the \(role.rawValue) rows has the text `\(word)`, which OpenAI's models keep for "
                        + "themselves; the service refuses a file with it.",
                    hint: "replace it, or leave the row out: where not contains(.output, \"\(word)\")")
            }
        }
    }
}

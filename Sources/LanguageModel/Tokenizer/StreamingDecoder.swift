/// Turns tokens into text as they come, holding back the bytes of a character that is not whole yet.
public struct StreamingDecoder: Sendable {
    private let tokenizer: Tokenizer
    private var pending: [UInt8] = []
    private var isFirst = true

    public init(_ tokenizer: Tokenizer) {
        self.tokenizer = tokenizer
    }

    /// The text that this token completes; empty while a character is incomplete. Special tokens have no text.
    public mutating func append(_ token: Int32) -> String {
        guard !tokenizer.special.contains(token) else { return "" }
        pending.append(contentsOf: tokenizer.bytes(token, isFirst: isFirst))
        isFirst = false
        let held = Self.incompleteSuffix(pending)
        let text = String(decoding: pending.dropLast(held), as: UTF8.self)
        pending.removeFirst(pending.count - held)
        return text
    }

    /// What was held back, as U+FFFD where it never became a character.
    public mutating func finish() -> String {
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes at the end begin a UTF-8 character that needs more.
    private static func incompleteSuffix(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0b1100_0000 == 0b1000_0000 { continue }
            let length = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }
}

extension Tokenizer {
    /// The first thing in which another vocabulary differs, in words; nil where both have the same tokens.
    func difference(from other: Tokenizer) -> String? {
        guard vocabulary == other.vocabulary else { return "\(vocabulary) and \(other.vocabulary) tokens" }
        for token in 0..<Int32(clamping: vocabulary) where !bytes(token).elementsEqual(other.bytes(token)) {
            return "token \(token) is \(quoted(token)) and \(other.quoted(token))"
        }
        return nil
    }

    private func quoted(_ token: Int32) -> String { "\"\(String(decoding: bytes(token), as: UTF8.self))\"" }
}

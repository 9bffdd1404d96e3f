/// What becomes of a character that the vocabulary lacks: its bytes, the unknown token, or nothing.
struct ByteFallback: Sendable {
    /// The tokens of single bytes (`<0x00>` to `<0xFF>`), by byte, or none.
    let byteTokens: [Int32]
    let unknown: Int32?
    /// Whether unknown characters side by side are one unknown token.
    let fusesUnknown: Bool

    /// What the last token was, as far as the next one depends on it.
    enum Mark {
        case known, unknown
    }

    /// Where nothing precedes.
    var mark: Mark { .known }

    /// - Parameter byteTokens: 256 of them, or fewer where the vocabulary has no whole set.
    init(byteTokens: [Int32] = [], unknown: Int32?, fusesUnknown: Bool) {
        self.byteTokens = byteTokens.count == 256 ? byteTokens : []
        self.unknown = unknown
        self.fusesUnknown = fusesUnknown
    }

    func append(_ token: Int32, to tokens: inout [Int32]) -> Mark {
        tokens.append(token)
        return .known
    }

    /// Appends a character's token, or what stands in for it.
    func append(_ character: ArraySlice<UInt8>, token: Int32?, to tokens: inout [Int32], after mark: Mark) -> Mark {
        if let token { return append(token, to: &tokens) }
        if !byteTokens.isEmpty, character.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
            for byte in character { tokens.append(byteTokens[Int(byte)]) }
            return .known
        }
        guard let unknown else { return mark }
        if !(fusesUnknown && mark == .unknown) { tokens.append(unknown) }
        return .unknown
    }
}

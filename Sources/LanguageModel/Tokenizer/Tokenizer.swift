/// A byte-level byte-pair tokenizer, read from a model's GGUF file.
public struct Tokenizer: Sendable {
    /// What to do with text that spells a special token, such as `<|im_end|>`.
    public enum SpecialTokens: Sendable {
        /// It becomes that token.
        case parsed
        /// It is text like any other: for everything that people or data wrote, so that it cannot forge a turn.
        case plain
    }

    /// Number of tokens.
    public var vocabulary: Int { table.count }
    /// The token that ends an answer.
    public let endToken: Int32
    /// All tokens at which generation stops: the end token, `<|im_end|>` and `<|endoftext|>`.
    public let stopTokens: Set<Int32>

    let table: TokenTable
    let merges: BytePairMerges
    let special: SpecialTokenIndex

    init(
        table: TokenTable, merges: BytePairMerges, special: SpecialTokenIndex, endToken: Int32, stopTokens: Set<Int32>
    ) {
        self.table = table
        self.merges = merges
        self.special = special
        self.endToken = endToken
        self.stopTokens = stopTokens
    }

    /// The token ids of a text. No token is added at the beginning or end.
    public func encode(_ text: String, special treatment: SpecialTokens) -> [Int32] {
        var tokens: [Int32] = []
        switch treatment {
        case .plain:
            encodePlain(text[...], into: &tokens)
        case .parsed:
            special.forEachPart(of: text) { part in
                switch part {
                case .text(let text): encodePlain(text, into: &tokens)
                case .token(let id): tokens.append(id)
                }
            }
        }
        return tokens
    }

    private func encodePlain(_ text: Substring, into tokens: inout [Int32]) {
        PreTokenizer(text.unicodeScalars).forEachPiece { piece in merges.encode(piece, into: &tokens) }
    }

    /// The special token of this spelling, for example `<|im_start|>`.
    public func specialToken(_ spelling: String) -> Int32? { special.id(spelling) }

    /// The bytes of a token; of a special token those of its spelling; none for an unknown id.
    func bytes(_ token: Int32) -> ArraySlice<UInt8> {
        token >= 0 && Int(token) < table.count ? table[token] : []
    }

    /// The text of tokens. Bytes that are not UTF-8 become U+FFFD.
    /// - Parameter skippingSpecial: leave special tokens out.
    public func decode(_ tokens: some Sequence<Int32>, skippingSpecial: Bool = true) -> String {
        var bytes: [UInt8] = []
        for token in tokens where !(skippingSpecial && special.contains(token)) {
            bytes.append(contentsOf: self.bytes(token))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A tokenizer: byte-level BPE, or BPE as SentencePiece has it; read from a GGUF file or a tokenizer.json.
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
    /// All tokens at which generation stops: the end token, and those that are known to end turns.
    public internal(set) var stopTokens: Set<Int32>
    /// The spellings of the tokens that chat templates name: `bos_token`, `eos_token` and so on.
    public let namedTokens: [String: String]

    /// What each token says, in bytes.
    let table: TokenTable
    let special: AddedTokens
    let pipeline: TextPipeline
    /// Whether the blank before a text's first word belongs to the tokens only.
    let dropsLeadingBlank: Bool

    /// Tokens that end a turn in some family of models.
    private static let turnEnds = [
        "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<end_of_turn>", "<|end|>",
    ]

    init(
        table: TokenTable, added: [AddedToken], pipeline: TextPipeline, end: Int32, otherEnds: [Int32] = [],
        namedTokens: [String: String], dropsLeadingBlank: Bool
    ) {
        let special = AddedTokens(added)
        self.table = table
        self.special = special
        self.pipeline = pipeline
        self.namedTokens = namedTokens
        self.dropsLeadingBlank = dropsLeadingBlank
        endToken = end
        stopTokens = Set([end] + otherEnds + Self.turnEnds.compactMap(special.id))
    }

    /// The token ids of a text. No token is added at the beginning or end.
    public func encode(_ text: String, special treatment: SpecialTokens) -> [Int32] {
        let bytes = Array(text.utf8)
        let foreign = treatment == .plain ? ForeignRanges(ranges: [0..<bytes.count]) : .none
        var tokens: [Int32] = []
        tokens.reserveCapacity(bytes.count / 3)
        for part in special.parts(of: bytes[...], foreign: foreign) {
            if let token = part.token {
                tokens.append(token)
            } else {
                let place: TextPipeline.Place = part.range.lowerBound == 0 ? .first : .inside
                pipeline.encode(bytes[part.range], at: place, into: &tokens)
            }
        }
        return tokens
    }

    /// The special token of this spelling, for example `<|im_start|>`.
    public func specialToken(_ spelling: String) -> Int32? { special.id(spelling) }

    /// The bytes of a token; of a special token those of its spelling; none for an unknown id.
    /// - Parameter isFirst: whether it begins a text.
    func bytes(_ token: Int32, isFirst: Bool = false) -> ArraySlice<UInt8> {
        guard token >= 0, Int(token) < table.count else { return [] }
        let bytes = table[token]
        return isFirst && dropsLeadingBlank && bytes.first == 0x20 ? bytes.dropFirst() : bytes
    }

    /// The text of tokens. Bytes that are not UTF-8 become U+FFFD.
    /// - Parameter skippingSpecial: leave special tokens out.
    public func decode(_ tokens: some Sequence<Int32>, skippingSpecial: Bool = true) -> String {
        var bytes: [UInt8] = []
        var isFirst = true
        for token in tokens where !(skippingSpecial && special.contains(token)) {
            bytes.append(contentsOf: self.bytes(token, isFirst: isFirst))
            isFirst = false
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// From a piece of text to tokens: the last step of every tokenizer here.
enum TokenModel: Sendable {
    /// Byte-level BPE: pieces begin as bytes.
    case bytes(BytePairMerges, byteTokens: [Int32], words: TokenTable?)
    /// BPE over characters, as SentencePiece models are written in a tokenizer.json.
    case characters(BytePairMerges, spellings: TokenTable, ByteFallback, takesWholeWords: Bool)
    /// SentencePiece with scores, as GGUF files have it.
    case scored(ScoredMerges)
    /// BERT's: the longest pieces of a word.
    case wordPieces(WordPieces)

    /// Appends the tokens of one piece.
    ///
    /// Bytes and characters that the vocabulary lacks, with nothing to stand in for them, are dropped before merging,
    /// as `tokenizers` does where a model has no unknown token.
    func encode(_ piece: ArraySlice<UInt8>, into tokens: inout [Int32]) {
        switch self {
        case .bytes(let merges, let byteTokens, let words):
            // Only where the model has words that merges do not lead to.
            if let words, let word = words.find(piece) { return tokens.append(word) }
            var symbols: [Int32] = []
            symbols.reserveCapacity(piece.count)
            for byte in piece where byteTokens[Int(byte)] >= 0 { symbols.append(byteTokens[Int(byte)]) }
            merges.merge(&symbols)
            tokens.append(contentsOf: symbols)
        case .characters(let merges, let spellings, let fallback, let takesWholeWords):
            if takesWholeWords, let word = spellings.find(piece) { return tokens.append(word) }
            var symbols: [Int32] = []
            symbols.reserveCapacity(piece.count)
            var mark = fallback.mark
            var start = piece.startIndex
            while start < piece.endIndex {
                var end = start + 1
                while end < piece.endIndex, piece[end] & 0xC0 == 0x80 { end += 1 }
                let character = piece[start..<end]
                mark = fallback.append(character, token: spellings.find(character), to: &symbols, after: mark)
                start = end
            }
            merges.merge(&symbols)
            tokens.append(contentsOf: symbols)
        case .scored(let merges): merges.encode(piece, into: &tokens)
        case .wordPieces(let pieces): pieces.encode(piece, into: &tokens)
        }
    }
}

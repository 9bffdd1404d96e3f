/// WordPiece (Wu et al. 2016) as BERT has it: a word becomes the longest token that begins it, then the longest that goes
/// on, and so forth; a word of which a part is in no token is unknown as a whole.
struct WordPieces: Sendable {
    /// Tokens by their spellings, of the whole vocabulary.
    let spellings: TokenTable
    /// What tokens that go on in a word begin with: `##`.
    let continuation: [UInt8]
    /// What stands for an unknown word.
    let unknown: Int32
    /// Longer words, in characters, are unknown.
    let longestWord: Int

    /// Appends the tokens of one word.
    func encode(_ word: ArraySlice<UInt8>, into tokens: inout [Int32]) {
        guard !word.isEmpty else { return }
        guard word.count(where: { $0 & 0xC0 != 0x80 }) <= longestWord else { return tokens.append(unknown) }
        let before = tokens.count
        var rest = word
        var candidate: [UInt8] = []
        while !rest.isEmpty {
            let mark = tokens.count > before ? continuation : []
            candidate = mark + rest.prefix(max(0, spellings.longest - mark.count))
            while candidate.count > mark.count, spellings.find(candidate) == nil { candidate.removeLast() }
            guard candidate.count > mark.count, let token = spellings.find(candidate) else {
                tokens.removeSubrange(before...)
                return tokens.append(unknown)
            }
            tokens.append(token)
            rest = rest.dropFirst(candidate.count - mark.count)
        }
    }
}

/// SentencePiece's byte-pair encoding (Kudo and Richardson 2018): the two neighbours whose joint text is the token of
/// the highest score become that token, the leftmost ones first, until no joint text is a token.
struct ScoredMerges: Sendable {
    /// Tokens by their text, with U+2581 for blanks.
    private let spellings: TokenTable
    /// For each token how many scores lie above its own.
    private let ranks: [Int32]
    let fallback: ByteFallback

    /// - Parameter scores: one a token.
    init(spellings: TokenTable, scores: [Double], fallback: ByteFallback) {
        self.spellings = spellings
        self.fallback = fallback
        // A score that is no number comes last.
        let keys = scores.map { $0.isNaN ? -Double.infinity : $0 }
        let order = Set(keys).sorted(by: >)
        var places: [Double: Int32] = [:]
        for (rank, score) in order.enumerated() { places[score] = Int32(rank) }
        ranks = keys.map { places[$0] ?? .max }
    }

    /// Appends the tokens of a text.
    func encode(_ text: ArraySlice<UInt8>, into tokens: inout [Int32]) {
        let text = Array(text)
        // Symbols are stretches of the text, a linked list of them; one that was merged into its left neighbour has
        // no length.
        var starts: [Int] = []
        for (index, byte) in text.enumerated() where byte & 0xC0 != 0x80 || index == 0 { starts.append(index) }
        let count = starts.count
        var lengths = starts.indices.map { Int32(($0 + 1 < count ? starts[$0 + 1] : text.count) - starts[$0]) }
        var next = (0..<count).map { $0 + 1 }
        var previous = (0..<count).map { $0 - 1 }
        var found = [Int32](repeating: -1, count: count)
        var heap = MergeHeap()

        func pair(_ left: Int) -> MergeCandidate? {
            guard left >= 0, next[left] < count else { return nil }
            let right = next[left]
            let end = starts[right] + Int(lengths[right])
            guard end - starts[left] <= spellings.longest, let token = spellings.find(text[starts[left]..<end]),
                ranks.indices.contains(Int(token))
            else { return nil }
            return MergeCandidate(
                rank: ranks[Int(token)], at: left, left: lengths[left], right: lengths[right], result: token)
        }
        for index in 0..<max(0, count - 1) {
            if let candidate = pair(index) { heap.push(candidate) }
        }
        while let best = heap.pop() {
            guard lengths[best.at] == best.left, next[best.at] < count, lengths[next[best.at]] == best.right else {
                continue
            }
            let gone = next[best.at]
            found[best.at] = best.result
            lengths[best.at] += lengths[gone]
            lengths[gone] = 0
            next[best.at] = next[gone]
            if next[gone] < count { previous[next[gone]] = best.at }
            if let candidate = pair(previous[best.at]) { heap.push(candidate) }
            if let candidate = pair(best.at) { heap.push(candidate) }
        }
        var mark = fallback.mark
        for index in 0..<count where lengths[index] > 0 {
            let symbol = text[starts[index]..<starts[index] + Int(lengths[index])]
            if found[index] >= 0 {
                mark = fallback.append(found[index], to: &tokens)
            } else {
                mark = fallback.append(symbol, token: spellings.find(symbol), to: &tokens, after: mark)
            }
        }
    }
}

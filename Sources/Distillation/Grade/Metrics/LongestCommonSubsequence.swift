/// The length of the longest common subsequence of two sequences of numbered tokens.
enum LongestCommonSubsequence {
    /// The length, computed 64 tokens of the text at a time (Hyyrö 2004, bit-parallel).
    ///
    /// Time is |text| · |reference| / 64 steps, memory |text| + |reference| numbers. `pause` is called once in some
    /// million steps.
    static func length(_ pair: TokenPair, pause: () throws -> Void) rethrows -> Int {
        var text = pair.text[...]
        var reference = pair.reference[...]
        // What both begin or end with belongs to a longest subsequence.
        var common = 0
        while let first = text.first, first == reference.first {
            text.removeFirst()
            reference.removeFirst()
            common += 1
        }
        while let last = text.last, last == reference.last {
            text.removeLast()
            reference.removeLast()
            common += 1
        }
        guard !text.isEmpty, !reference.isEmpty else { return common }

        let tokens = Array(reference)
        var places = [UInt64](repeating: 0, count: Int(max(text.max() ?? 0, tokens.max() ?? 0)) + 1)
        // The carry out of one block of 64 rows is the carry into the next, for each token of the reference.
        var carries = [UInt64](repeating: 0, count: tokens.count)
        var steps = 0
        var start = text.startIndex
        while start < text.endIndex {
            let end = min(start + 64, text.endIndex)
            for index in start..<end { places[Int(text[index])] |= 1 << UInt64(index - start) }
            var open = ~UInt64(0)
            for (index, token) in tokens.enumerated() {
                let matches = open & places[Int(token)]
                let (partial, first) = open.addingReportingOverflow(matches)
                let (sum, second) = partial.addingReportingOverflow(carries[index])
                carries[index] = first || second ? 1 : 0
                open = sum | (open & ~matches)
            }
            let used: UInt64 = end - start == 64 ? ~0 : (1 << UInt64(end - start)) - 1
            common += (~open & used).nonzeroBitCount
            for index in start..<end { places[Int(text[index])] = 0 }
            start = end
            steps += tokens.count
            if steps > 4_000_000 {
                steps = 0
                try pause()
            }
        }
        return common
    }
}

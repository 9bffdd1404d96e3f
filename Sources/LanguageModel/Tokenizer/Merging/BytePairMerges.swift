/// Byte-pair encoding of one piece (Sennrich et al. 2016): the pair of neighbours whose merge ranks first becomes one
/// token, the leftmost one first, until no pair has a merge.
struct BytePairMerges: Sendable {
    private struct Merge {
        let rank: Int32
        let result: Int32
    }

    private var merges: [UInt64: Merge] = [:]

    init(capacity: Int) { merges.reserveCapacity(capacity) }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Adds the merge of the given rank; the first of two merges of one pair holds.
    mutating func add(_ left: Int32, _ right: Int32, rank: Int, result: Int32) {
        let key = Self.key(left, right)
        if merges[key] == nil { merges[key] = Merge(rank: Int32(clamping: rank), result: result) }
    }

    /// Merges the symbols of one piece, which are tokens, into fewer.
    func merge(_ symbols: inout [Int32]) {
        if symbols.count > Self.longestScan {
            mergeByHeap(&symbols)
        } else {
            mergeByScan(&symbols)
        }
    }

    /// Above so many symbols scanning for the best pair, which is quadratic, loses to a heap. Words are shorter.
    static let longestScan = 24

    func mergeByScan(_ symbols: inout [Int32]) {
        while symbols.count > 1 {
            var best: (at: Int, merge: Merge)?
            for index in 0..<symbols.count - 1 {
                guard let merge = merges[Self.key(symbols[index], symbols[index + 1])] else { continue }
                if merge.rank < best?.merge.rank ?? .max { best = (index, merge) }
            }
            guard let best else { return }
            symbols[best.at] = best.merge.result
            symbols.remove(at: best.at + 1)
        }
    }

    /// The same in n log n, so that a megabyte of one letter is no denial of service.
    func mergeByHeap(_ symbols: inout [Int32]) {
        let count = symbols.count
        // Neighbours as a linked list; a symbol that was merged into its left neighbour is −1.
        var next = (0..<count).map { $0 + 1 }
        var previous = (0..<count).map { $0 - 1 }
        var heap = MergeHeap()

        func pair(_ left: Int, _ symbols: [Int32], _ next: [Int]) -> MergeCandidate? {
            guard left >= 0, next[left] < count else { return nil }
            let (a, b) = (symbols[left], symbols[next[left]])
            return merges[Self.key(a, b)].map {
                MergeCandidate(rank: $0.rank, at: left, left: a, right: b, result: $0.result)
            }
        }
        for index in 0..<max(0, count - 1) {
            if let candidate = pair(index, symbols, next) { heap.push(candidate) }
        }
        while let best = heap.pop() {
            // Stale when either side has become something else since.
            guard symbols[best.at] == best.left, next[best.at] < count, symbols[next[best.at]] == best.right else {
                continue
            }
            let gone = next[best.at]
            symbols[best.at] = best.result
            symbols[gone] = -1
            next[best.at] = next[gone]
            if next[gone] < count { previous[next[gone]] = best.at }
            if let candidate = pair(previous[best.at], symbols, next) { heap.push(candidate) }
            if let candidate = pair(best.at, symbols, next) { heap.push(candidate) }
        }
        symbols.removeAll { $0 < 0 }
    }
}

/// A merge of two neighbours that may come next.
struct MergeCandidate {
    /// Lower ranks come first.
    let rank: Int32
    /// Where the left neighbour stands.
    let at: Int
    /// What the neighbours were when the merge was found, to tell whether they still are.
    let left: Int32
    let right: Int32
    /// The token that the merge makes.
    let result: Int32

    func before(_ other: MergeCandidate) -> Bool { (rank, at) < (other.rank, other.at) }
}

/// A binary heap, the first-ranking and then leftmost candidate on top.
struct MergeHeap {
    private var items: [MergeCandidate] = []

    mutating func push(_ item: MergeCandidate) {
        items.append(item)
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].before(items[parent]) else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> MergeCandidate? {
        guard let top = items.first, let last = items.popLast() else { return nil }
        guard !items.isEmpty else { return top }
        items[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child].before(items[least]) {
                least = child
            }
            guard least != parent else { return top }
            items.swapAt(least, parent)
            parent = least
        }
    }
}

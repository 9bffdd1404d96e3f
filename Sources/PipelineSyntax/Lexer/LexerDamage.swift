/// Where a text could not be cut as it was meant, so that the parser does not complain about the same places again.
struct LexerDamage: Sendable {
    /// Places of signs that cannot be read and of texts without end, in the order of the text.
    private(set) var unreadable: [Int] = []
    /// Places of brackets without a partner, or with a wrong one; opening and closing ones.
    var brackets: Set<Int> = []

    mutating func add(unreadable place: Int) { unreadable.append(place) }

    /// Whether something unreadable stands from one place to another, both included.
    func isUnreadable(from start: Int, to end: Int) -> Bool {
        var (low, high) = (0, unreadable.count)
        while low < high {
            let middle = (low + high) / 2
            if unreadable[middle] < start { low = middle + 1 } else { high = middle }
        }
        return low < unreadable.count && unreadable[low] <= end
    }
}

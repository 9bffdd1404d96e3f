/// Finds a token by its bytes: a hash table with open addressing over one array of bytes.
///
/// Not `[String: Int32]`: Swift's strings are equal when they are canonically equivalent, tokens only when their bytes
/// are the same; and fifty thousand small arrays would cost more than all the rest of loading.
struct TokenTable: Sendable {
    private var bytes: [UInt8] = []
    private var starts: [Int] = [0]
    /// Token ids, −1 where free.
    private var slots: [Int32]
    private let mask: Int
    /// The most bytes that a token has that can be found.
    private(set) var longest = 0

    /// - Parameter capacity: the most tokens that will be appended.
    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        mask = size - 1
        starts.reserveCapacity(capacity + 1)
        bytes.reserveCapacity(capacity * 8)
    }

    var count: Int { starts.count - 1 }

    /// The bytes of a token, which must exist.
    subscript(id: Int32) -> ArraySlice<UInt8> {
        bytes[starts[Int(id)]..<starts[Int(id) + 1]]
    }

    /// Gives the next id to these bytes. Where two tokens have the same bytes, the first is the one that is found.
    mutating func append(_ token: some Sequence<UInt8>, findable: Bool) {
        let id = Int32(count)
        bytes.append(contentsOf: token)
        starts.append(bytes.count)
        guard findable else { return }
        longest = max(longest, starts[count] - starts[count - 1])
        var slot = hash(self[id]) & mask
        while slots[slot] >= 0 {
            if self[slots[slot]].elementsEqual(self[id]) { return }
            slot = (slot + 1) & mask
        }
        slots[slot] = id
    }

    /// The token that is exactly these bytes.
    func find(_ token: some Collection<UInt8>) -> Int32? {
        var slot = hash(token) & mask
        while slots[slot] >= 0 {
            let id = slots[slot]
            if starts[Int(id) + 1] - starts[Int(id)] == token.count, self[id].elementsEqual(token) { return id }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// FNV-1a, its high bits folded in.
    private func hash(_ token: some Sequence<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in token { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ (hash >> 32))
    }
}

internal import Tables

/// A random stream that is the same on every machine: SplitMix64 (Steele, Lea, Flood 2014).
public struct RandomStream: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// A stream of its own for each pair of a seed and an index.
    public init(seed: UInt64, index: UInt64) {
        var outer = RandomStream(seed: seed)
        state = outer.next() ^ (index &* 0x9E37_79B9_7F4A_7C15)
    }

    /// A stream keyed by a seed and a name, independent of all others.
    public init(seed: Int, key: String) {
        state = CompletionKey(SHA256Name.of("\(seed)\u{0}\(key)")).seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1), with 24 random bits.
    public mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// A number from 0 up to but not including a bound, without bias (Lemire 2019 by rejection).
    public mutating func below(_ bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        let limit = UInt64(bound)
        let threshold = (0 &- limit) % limit
        while true {
            let product = next().multipliedFullWidth(by: limit)
            if product.low >= threshold { return Int(product.high) }
        }
    }

    /// The numbers 0 ..< count in random order (Fisher–Yates).
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        guard count > 1 else { return order }
        for index in stride(from: count - 1, to: 0, by: -1) { order.swapAt(index, below(index + 1)) }
        return order
    }
}

/// A stream of random numbers that depends on its seed only: SplitMix64 (Steele, Lea & Flood 2014).
///
/// The same on every machine, and cheap enough that each request and each epoch has its own.
struct RandomStream: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// A stream of its own for each pair of a seed and an index.
    init(seed: UInt64, index: UInt64) {
        var outer = RandomStream(seed: seed)
        state = outer.next() ^ (index &* 0x9E37_79B9_7F4A_7C15)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1), with 24 random bits.
    mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }
}

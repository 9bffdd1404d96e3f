/// The same numbers for the same seed, so that a failure comes again: SplitMix64 (Steele, Lea & Flood 2014,
/// https://doi.org/10.1145/2660193.2660195).
public struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: some BinaryInteger) {
        state = (UInt64(truncatingIfNeeded: seed) &+ 1) &* 0xD1B5_4A32_D192_ED03
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0, below a limit.
    public mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }

    /// One of some values, of which there is at least one.
    public mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}

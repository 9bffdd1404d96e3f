import CSIMD

/// Memory that nobody uses and the allocator still keeps.
enum FreedMemory {
    /// Gives it back to the system: reading a model's file leaves some 25 MB of small pieces, its list of tokens.
    static func giveBack() { memory_give_back() }
}

internal import CSIMD

/// What the engine uses of this machine.
public enum EngineMachine {
    /// Threads that work at once.
    public static var threads: Int { Parallel.width }

    /// Whether the processor has AVX2 and FMA.
    public static var hasAVX2: Bool { simd_kernels_avx2() != nil }

    /// Whether the processor has tiles for matrix products (AMX), and the system lends them.
    public static var hasTiles: Bool { simd_tiles_best() != nil }
}

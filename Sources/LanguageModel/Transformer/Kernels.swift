import CSIMD

/// The SIMD kernels for this machine.
enum Kernels {
    /// Chosen once. `nonisolated(unsafe)`: a table of C functions without state, never written again; the compiler
    /// cannot know that C function pointers are safe to share.
    nonisolated(unsafe) static let best: simd_kernels = simd_kernels_best().pointee
}

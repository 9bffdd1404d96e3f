internal import Distillation

/// How long to wait before a try: exponential with full jitter, so that those who failed together do not come back
/// together.
///
/// Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: uniform between 0 and the least of
/// the cap and base · 2^n.
package struct Backoff: Sendable {
    private var random: RandomStream
    /// Seconds: the bound of the first pause, and of any.
    package let base: Double
    package let cap: Double

    package init(seed: UInt64, base: Double = 0.5, cap: Double = 30) {
        random = RandomStream(seed: seed)
        self.base = base
        self.cap = cap
    }

    /// Seconds to wait.
    /// - Parameter failures: how often it failed, from 1.
    package mutating func pause(after failures: Int) -> Double {
        let bound = min(cap, base * Double(sign: .plus, exponent: min(max(0, failures - 1), 30), significand: 1))
        return Double(random.unit()) * bound
    }
}

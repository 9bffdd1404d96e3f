import Foundation

/// How positions turn queries and keys (Su et al. 2021): pair i of a head turns by position × frequency i.
public struct RotaryEmbedding: Sendable, Hashable {
    /// What stretches the frequencies for contexts longer than those of pre-training.
    public enum Scaling: Sendable, Hashable {
        case none
        /// All frequencies divided by one factor (Chen et al. 2023, https://arxiv.org/abs/2306.15595).
        case linear(factor: Float)
        /// Llama 3.1's: frequencies of wavelengths above `originalContext / low` are divided by `factor`, those below
        /// `originalContext / high` kept, the ones between interpolated.
        case llama3(factor: Float, low: Float, high: Float, originalContext: Float)
        /// A divisor for each frequency, as GGUF's `rope_freqs.weight` lists them.
        case divisors([Float])
    }

    /// The base θ of the frequencies θ^(−2i / headWidth).
    public var base: Float
    public var scaling: Scaling = .none

    /// The frequencies [headWidth / 2], in radians a position.
    ///
    /// Computed in 32-bit floats, as Hugging Face's transformers does; more exact ones would disagree with the model that
    /// was trained.
    func frequencies(headWidth: Int) -> [Float] {
        let plain = (0..<headWidth / 2).map { i in
            1 / Float(pow(Double(base), Double(Float(2 * i) / Float(headWidth))))
        }
        switch scaling {
        case .none: return plain
        case .linear(let factor): return plain.map { $0 / factor }
        case .divisors(let divisors): return zip(plain, divisors).map { $0 / $1 }
        case .llama3(let factor, let low, let high, let context):
            return plain.map { frequency in
                let wavelength = 2 * Float.pi / frequency
                if wavelength < context / high { return frequency }
                if wavelength > context / low { return frequency / factor }
                let smooth = (context / wavelength - low) / (high - low)
                return (1 - smooth) * frequency / factor + smooth * frequency
            }
        }
    }

    /// The same with the constants of Meta's models in place of a list of divisors, where they make that list: a list cannot
    /// be said in a `config.json`.
    func namingScaling(headWidth: Int) -> RotaryEmbedding {
        guard case .divisors(let divisors) = scaling, let factor = divisors.max() else { return self }
        var named = self
        named.scaling = .llama3(factor: factor, low: 1, high: 4, originalContext: 8192)
        guard let made = named.divisors(headWidth: headWidth), made.count == divisors.count else { return self }
        return zip(made, divisors).allSatisfy { abs($0 - $1) <= 1e-6 * $1 } ? named : self
    }

    /// What the scaling divides each frequency by; nil where nothing is scaled.
    func divisors(headWidth: Int) -> [Float]? {
        guard scaling != .none else { return nil }
        let plain = RotaryEmbedding(base: base).frequencies(headWidth: headWidth)
        return zip(plain, frequencies(headWidth: headWidth)).map { $0 / $1 }
    }
}

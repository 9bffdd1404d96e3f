import CSIMD
internal import Distillation

/// Picks the next token from logits.
struct Sampler {
    private let temperature: Float
    private let topP: Float
    private var random: RandomStream

    /// Below this a temperature is 0: dividing by it would only overflow.
    private static let coldest: Float = 1e-4

    init(temperature: Float, topP: Float, seed: UInt64) {
        self.temperature = temperature
        self.topP = topP
        random = RandomStream(seed: seed)
    }

    /// The next token; nil when the logits are not finite. The logits are overwritten.
    mutating func pick(_ logits: UnsafeMutableBufferPointer<Float>) -> Int32? {
        guard let base = logits.baseAddress else { return nil }
        let best = Kernels.best.greatest(base, logits.count)
        guard best >= 0 else { return nil }
        guard temperature >= Self.coldest else { return Int32(best) }
        Kernels.best.softmax(base, logits.count, 1 / temperature)
        let probabilities = UnsafeBufferPointer(logits)
        let chance = Double(random.unit())
        return topP < 1
            ? draw(chance, from: nucleus(probabilities), probabilities)
            : draw(chance, from: probabilities.indices, probabilities)
    }

    /// The candidate at `chance` (below 1) of the candidates' whole probability.
    private func draw(
        _ chance: Double, from candidates: some Collection<Int>, _ probabilities: UnsafeBufferPointer<Float>
    ) -> Int32? {
        var left = 0.0
        for candidate in candidates { left += Double(probabilities[candidate]) }
        left *= chance
        var drawn: Int?
        for candidate in candidates {
            drawn = candidate
            left -= Double(probabilities[candidate])
            if left < 0 { break }
        }
        return drawn.map(Int32.init)
    }

    /// The fewest most likely tokens whose probabilities reach `topP`, the likeliest first, equals by id.
    ///
    /// Only tokens above a threshold are sorted; it is lowered until they suffice, which they mostly do at once.
    private func nucleus(_ probabilities: UnsafeBufferPointer<Float>) -> [Int] {
        var threshold: Float = 1e-3
        var candidates: [Int] = []
        repeat {
            candidates = probabilities.indices.filter { probabilities[$0] >= threshold }
            if candidates.reduce(0, { $0 + probabilities[$1] }) >= topP { break }
            threshold = threshold < 1e-9 ? -1 : threshold / 30
        } while candidates.count < probabilities.count
        candidates.sort { (probabilities[$1], $0) < (probabilities[$0], $1) }
        var mass: Float = 0
        let last = candidates.firstIndex { candidate in
            mass += probabilities[candidate]
            return mass >= topP
        }
        return Array(candidates.prefix((last ?? candidates.count - 1) + 1))
    }
}

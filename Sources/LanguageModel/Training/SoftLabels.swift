import CSIMD

/// A teacher's distributions before some targets: the likeliest tokens with their probabilities, and what is left.
struct SoftLabels: Hashable, Sendable {
    /// How many tokens are kept of each distribution.
    let kept: Int
    /// [targets, kept], different ones in a distribution, the likeliest first.
    private(set) var tokens: [Int32] = []
    /// [targets, kept]
    private(set) var probabilities: [Float] = []
    /// The mass of all other tokens together, [targets].
    private(set) var tails: [Float] = []

    init(kept: Int) { self.kept = kept }

    init(kept: Int, tokens: [Int32], probabilities: [Float], tails: [Float]) {
        self.kept = kept
        self.tokens = tokens
        self.probabilities = probabilities
        self.tails = tails
    }

    /// How many distributions there are.
    var count: Int { tails.count }

    /// Puts those of other targets behind these.
    /// - Precondition: they keep as many tokens.
    mutating func append(_ other: SoftLabels) {
        precondition(other.kept == kept)
        tokens += other.tokens
        probabilities += other.probabilities
        tails += other.tails
    }

    /// Those of some targets.
    subscript(targets: Range<Int>) -> SoftLabels {
        let entries = targets.lowerBound * kept..<targets.upperBound * kept
        return SoftLabels(
            kept: kept, tokens: Array(tokens[entries]), probabilities: Array(probabilities[entries]),
            tails: Array(tails[targets]))
    }

    /// Whether these can be a model's distributions: known and different tokens, probabilities that add up to 1.
    func areValid(vocabulary: Int) -> Bool {
        guard kept > 0, tokens.count == count * kept, probabilities.count == count * kept else { return false }
        // The last target that had a token, by token.
        var seen = [Int](repeating: -1, count: vocabulary)
        for target in 0..<count {
            let range = target * kept..<(target + 1) * kept
            for token in tokens[range] {
                guard token >= 0, Int(token) < vocabulary, seen[Int(token)] != target else { return false }
                seen[Int(token)] = target
            }
            guard probabilities[range].allSatisfy({ $0 >= 0 && $0 <= 1.0001 }), tails[target] >= 0,
                tails[target] <= 1.0001
            else { return false }
            let mass = probabilities[range].reduce(Double(tails[target])) { $0 + Double($1) }
            guard abs(mass - 1) < 1e-3 else { return false }
        }
        return true
    }

    /// The arrays' memory, valid within `body` only.
    func withPointers(
        _ body: (
            _ tokens: UnsafePointer<Int32>, _ probabilities: UnsafePointer<Float>, _ tails: UnsafePointer<Float>
        ) -> Void
    ) {
        tokens.withUnsafeBufferPointer { tokens in
            probabilities.withUnsafeBufferPointer { probabilities in
                tails.withUnsafeBufferPointer { tails in
                    guard let tokens = tokens.baseAddress, let probabilities = probabilities.baseAddress,
                        let tails = tails.baseAddress
                    else { return }
                    body(tokens, probabilities, tails)
                }
            }
        }
    }

    /// The distributions softmax(logits / T), cut to the `kept` likeliest tokens each; nil where a logit is not finite.
    /// - Parameter logits: [count, vocabulary]; overwritten.
    init?(
        softmaxOf logits: UnsafeMutablePointer<Float>, count: Int, vocabulary: Int, kept: Int, temperature: Float
    ) {
        var tokens = [Int32](repeating: 0, count: count * kept)
        var probabilities = [Float](repeating: 0, count: count * kept)
        // Not a number until the target is done, and for good where its logits are not finite.
        var tails = [Float](repeating: .nan, count: count)
        tokens.withUnsafeMutableBufferPointer { tokens in
            probabilities.withUnsafeMutableBufferPointer { probabilities in
                tails.withUnsafeMutableBufferPointer { tails in
                    guard let tokens = tokens.baseAddress, let probabilities = probabilities.baseAddress,
                        let tails = tails.baseAddress
                    else { return }
                    Parallel.items(count) { target, _ in
                        let row = logits + target * vocabulary
                        guard Kernels.best.greatest(row, vocabulary) >= 0 else { return }
                        Kernels.best.softmax(row, vocabulary, 1 / temperature)
                        let likeliest = Self.likeliest(UnsafeBufferPointer(start: row, count: vocabulary), kept)
                        for (place, token) in likeliest.enumerated() {
                            tokens[target * kept + place] = token
                            probabilities[target * kept + place] = row[Int(token)]
                            // The rest is summed by itself: 1 less those kept would lose its digits.
                            row[Int(token)] = 0
                        }
                        var rest = 0.0
                        for token in 0..<vocabulary { rest += Double(row[token]) }
                        tails[target] = Float(rest)
                    }
                }
            }
        }
        guard tails.allSatisfy(\.isFinite) else { return nil }
        self.init(kept: kept, tokens: tokens, probabilities: probabilities, tails: tails)
    }

    /// The `count` greatest of the values, the greatest first, equals by index.
    private static func likeliest(_ values: UnsafeBufferPointer<Float>, _ count: Int) -> [Int32] {
        // Candidates above a threshold that is raised each time they become too many: most values are never sorted.
        var candidates: [Int32] = []
        candidates.reserveCapacity(4 * count + 64)
        var threshold = -Float.infinity
        func precedes(_ a: Int32, _ b: Int32) -> Bool {
            (values[Int(b)], a) < (values[Int(a)], b)
        }
        for (index, value) in values.enumerated() where value > threshold {
            candidates.append(Int32(index))
            if candidates.count == 4 * count + 64 {
                candidates.sort(by: precedes)
                candidates.removeLast(candidates.count - count)
                if let last = candidates.last { threshold = values[Int(last)] }
            }
        }
        candidates.sort(by: precedes)
        return Array(candidates.prefix(count))
    }
}

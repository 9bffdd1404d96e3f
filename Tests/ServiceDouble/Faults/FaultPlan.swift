internal import SeededRandom

/// Which requests fail, and how: by a rate for each fault, or one by one.
///
/// ```swift
/// let faults = FaultPlan(seed: 7, rates: [.tooManyRequests: 0.1, .resetAfterGenerating: 0.05])
/// let first = FaultPlan.script([.unavailable, nil, .halfReply])
/// ```
public struct FaultPlan: Sendable {
    /// Which requests a plan concerns; only these are counted for it.
    public enum Scope: Sendable {
        /// Chat completions and embeddings: what is paid for by the call.
        case generation
        /// All requests, except the double's own `/double/…`.
        case everything
        /// Those whose path contains a text.
        case path(String)
    }

    private enum Choice: Sendable {
        case rates(seed: Int, [(fault: Fault, rate: Double)])
        case script([Fault?])
    }

    private let choice: Choice
    let scope: Scope
    /// After so many requests nothing fails any more.
    private let limit: Int

    /// Nothing fails.
    public static let none = FaultPlan(seed: 0, rates: [:])

    /// Faults at random, the same for the same seed and the same ordinal of the request.
    /// - Parameters:
    ///   - rates: the share of requests, 0 to 1, for each fault; together at most 1.
    ///   - limit: after so many requests nothing fails any more.
    public init(seed: Int, rates: [Fault: Double], scope: Scope = .generation, limit: Int = .max) {
        let ordered = rates.sorted { $0.key.rawValue < $1.key.rawValue }.map { (fault: $0.key, rate: $0.value) }
        self.init(choice: .rates(seed: seed, ordered), scope: scope, limit: limit)
    }

    /// The same rate for each of some faults, together `rate`.
    public init(
        seed: Int, rate: Double, of faults: [Fault] = Fault.passing, scope: Scope = .generation, limit: Int = .max
    ) {
        let each = rate / Double(max(1, faults.count))
        let rates = Dictionary(faults.map { ($0, each) }, uniquingKeysWith: +)
        self.init(seed: seed, rates: rates, scope: scope, limit: limit)
    }

    /// The first request gets the first fault, and so on; nil and what comes after the last go well.
    public static func script(_ faults: [Fault?], scope: Scope = .generation) -> FaultPlan {
        FaultPlan(choice: .script(faults), scope: scope, limit: .max)
    }

    private init(choice: Choice, scope: Scope, limit: Int) {
        self.choice = choice
        self.scope = scope
        self.limit = limit
    }

    /// What befalls a request.
    /// - Parameter ordinal: which of the requests that the plan concerns it is, from 0.
    func fault(_ ordinal: Int) -> Fault? {
        guard ordinal < limit else { return nil }
        switch choice {
        case .script(let faults): return faults.indices.contains(ordinal) ? faults[ordinal] : nil
        case .rates(let seed, let rates):
            var random = SeededRandom(seed: seed &* 1_000_003 &+ ordinal)
            var left = Double(random.next() >> 11) / 9_007_199_254_740_992
            for (fault, rate) in rates {
                left -= rate
                if left < 0 { return fault }
            }
            return nil
        }
    }
}

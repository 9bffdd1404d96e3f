package import Distillation
internal import Tables

/// Ends a run that is hopeless: one where too few requests are answered.
package struct SuccessThreshold: Sendable {
    /// As many must have ended before anything is said.
    package static let least = 20

    /// 0 … 1.
    private let share: Double
    private var answered = 0
    private var causes: [String: Int] = [:]

    /// - Parameter share: how many of the requests must be answered, 0 … 1.
    package init(share: Double) { self.share = share }

    package mutating func countAnswer() { answered += 1 }

    /// - Parameter cause: in words; those of other requests with the same are counted together.
    package mutating func countFailure(_ cause: String) { causes[cause, default: 0] += 1 }

    /// Why the run should end; nil where it should go on.
    package var verdict: ProviderError? {
        let failed = causes.values.reduce(0, +)
        let ended = answered + failed
        guard ended >= Self.least, Double(answered) < share * Double(ended) else { return nil }
        let named = causes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
            .map { "\($0.value) × \($0.key)" }
        let others = failed - causes.values.sorted(by: >).prefix(3).reduce(0, +)
        return ProviderError(
            "Only \(answered) of \(ended) requests were answered: " + named.joined(separator: " · ")
                + (others > 0 ? " · \(others) others" : ""),
            hint:
                "what was answered is kept; the run ended because fewer than \(Number.fixed(share * 100, decimals: 0)) % "
                + "were (limits.success in kernel.json)")
    }
}

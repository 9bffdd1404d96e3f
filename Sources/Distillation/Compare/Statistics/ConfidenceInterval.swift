/// A range that covers the true figure in 95 of 100 such experiments, where no other level is named.
public struct ConfidenceInterval: Sendable, Hashable {
    public let low: Double
    public let high: Double

    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }
}

internal import Tables

/// What a kernel says that tokens cost, in US dollars for a million.
public struct TokenPrice: Sendable, Hashable {
    public let input: Double
    public let output: Double

    public init(input: Double, output: Double) {
        self.input = input
        self.output = output
    }

    /// Reads `{"input": …, "output": …}`; nil where a value is something else, or negative.
    init?(_ value: Value) {
        guard let input = value[field: "input"].double, let output = value[field: "output"].double,
            input >= 0, output >= 0, input.isFinite, output.isFinite
        else { return nil }
        self.init(input: input, output: output)
    }

    /// Dollars for tokens used.
    public func cost(of usage: Usage) -> Double {
        (Double(usage.promptTokens) * input + Double(usage.completionTokens) * output) / 1_000_000
    }
}

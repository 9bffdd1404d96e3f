internal import OrderedCollections
public import Tables

/// What a kernel says that tokens cost, in US dollars for a million, and since when it says so.
public struct TokenPrice: Sendable, Hashable {
    public let input: Double
    public let output: Double
    /// For a million tokens trained on, prompts included, once for each epoch; nil where the kernel names none.
    public let training: Double?
    /// For tokens in and out of a model that the service fine-tuned of this one; nil where the kernel names no other than
    /// this one's.
    public let tunedInput: Double?
    public let tunedOutput: Double?
    /// The day of the price list, as `2026-11-01`; nil where the kernel names none.
    public let asOf: String?
    /// Where the price list is.
    public let source: String?

    public init(
        input: Double, output: Double, training: Double? = nil, tunedInput: Double? = nil, tunedOutput: Double? = nil,
        asOf: String? = nil, source: String? = nil
    ) {
        self.input = input
        self.output = output
        self.training = training
        self.tunedInput = tunedInput
        self.tunedOutput = tunedOutput
        self.asOf = asOf
        self.source = source
    }

    /// Reads `{"input": …, "output": …, "training": …, "tuned": {"input": …, "output": …}, "as_of": "2026-11-01",
    /// "source": "…"}`, of which the first two are needed; nil where a value is something else, a price is negative, or the
    /// day is no day.
    public init?(_ value: Value) {
        func price(_ name: String, of value: Value) -> Double?? {
            let field = value[field: name]
            if field.isNull { return .some(nil) }
            guard let price = field.double, price >= 0, price.isFinite else { return nil }
            return price
        }
        let tuned = value[field: "tuned"]
        guard case .some(.some(let input)) = price("input", of: value),
            case .some(.some(let output)) = price("output", of: value),
            case .some(let training) = price("training", of: value), tuned.isNull || tuned.record != nil,
            case .some(let tunedInput) = price("input", of: tuned),
            case .some(let tunedOutput) = price("output", of: tuned), (tunedInput == nil) == (tunedOutput == nil)
        else { return nil }
        let asOf = value[field: "as_of"]
        let source = value[field: "source"]
        guard asOf.isNull || asOf.text.map(Self.isDay) == true, source.isNull || source.text != nil else { return nil }
        self.init(
            input: input, output: output, training: training, tunedInput: tunedInput, tunedOutput: tunedOutput,
            asOf: asOf.text, source: source.text)
    }

    /// As a record that `init` reads.
    public var value: Value {
        var fields: Record = ["input": .double(input), "output": .double(output)]
        if let training { fields["training"] = .double(training) }
        if let tunedInput, let tunedOutput {
            fields["tuned"] = ["input": .double(tunedInput), "output": .double(tunedOutput)]
        }
        if let asOf { fields["as_of"] = .string(asOf) }
        if let source { fields["source"] = .string(source) }
        return .record(fields)
    }

    /// The price with the day and place of its kernel's list where it names none itself.
    func dated(asOf: String?, source: String?) -> TokenPrice {
        TokenPrice(
            input: input, output: output, training: training, tunedInput: tunedInput, tunedOutput: tunedOutput,
            asOf: self.asOf ?? asOf, source: self.source ?? source)
    }

    /// What tokens of a model cost that the service fine-tuned of this one.
    public var tuned: TokenPrice {
        TokenPrice(
            input: tunedInput ?? input, output: tunedOutput ?? output, training: training, tunedInput: tunedInput,
            tunedOutput: tunedOutput, asOf: asOf, source: source)
    }

    /// Whether tokens are paid for at all; those of a model in this process are not.
    public var isCharged: Bool { input > 0 || output > 0 }

    /// Dollars for tokens used.
    public func cost(of usage: Usage) -> Double {
        (Double(usage.promptTokens) * input + Double(usage.completionTokens) * output) / 1_000_000
    }

    /// The price for people: "$2.00 in, $8.00 out a million tokens (2026-11-01, openai.com/pricing)".
    public var text: String {
        let training = training.map { ", \(Dollars.text($0)) trained" } ?? ""
        let list = [asOf ?? "undated", source].compactMap(\.self).joined(separator: ", ")
        return "\(Dollars.text(input)) in, \(Dollars.text(output)) out\(training) a million tokens (\(list))"
    }

    /// Whether a text is a day of the calendar, as ISO 8601 writes it.
    static func isDay(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), 1...12 ~= month
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return 1...days[month - 1] ~= day
    }
}

internal import Tables

/// What something takes that is paid for: dollars by a price list, and time of the machine that the models run on.
public struct Cost: Sendable, Hashable {
    /// US dollars.
    public var dollars: Double
    /// Seconds of the machine, whose price the user says; see `MachineHour`.
    public var seconds: Double

    public static let nothing = Cost()

    public init(dollars: Double = 0, seconds: Double = 0) {
        self.dollars = dollars
        self.seconds = seconds
    }

    public static func + (left: Cost, right: Cost) -> Cost {
        Cost(dollars: left.dollars + right.dollars, seconds: left.seconds + right.seconds)
    }

    public static func - (left: Cost, right: Cost) -> Cost {
        Cost(dollars: left.dollars - right.dollars, seconds: left.seconds - right.seconds)
    }

    public static func * (left: Cost, factor: Double) -> Cost {
        Cost(dollars: left.dollars * factor, seconds: left.seconds * factor)
    }

    /// All of it in dollars.
    /// - Parameter machineHour: what an hour of the machine costs.
    /// - Returns: nil where the machine was used and nobody said what its hour costs.
    public func dollars(machineHour: Double?) -> Double? {
        guard seconds != 0 else { return dollars }
        return machineHour.map { dollars + seconds / 3_600 * $0 }
    }
}

/// How a model's work is paid for.
public enum Tariff: Sendable, Hashable {
    /// By its tokens.
    case tokens(TokenPrice)
    /// By the time of the machine that it runs on.
    case machine
    /// A server's model without a price.
    case unknown

    /// What so many tokens cost.
    /// - Parameter seconds: what they took the machine; nil where it was not measured.
    public func cost(of usage: Usage, seconds: Double?) -> Cost? {
        switch self {
        case .tokens(let price): Cost(dollars: price.cost(of: usage))
        case .machine: seconds.map { Cost(seconds: $0) }
        case .unknown: nil
        }
    }

    /// What a training costs.
    /// - Parameters:
    ///   - tokens: all that were trained on, once for each epoch.
    ///   - seconds: what it took the machine.
    public func costOfTraining(tokens: Int?, seconds: Double?) -> Cost? {
        switch self {
        case .tokens(let price):
            if let tokens, let each = price.training { Cost(dollars: Double(tokens) * each / 1_000_000) } else { nil }
        case .machine: seconds.map { Cost(seconds: $0) }
        case .unknown: nil
        }
    }

    /// As it is saved.
    var value: Value {
        switch self {
        case .tokens(let price): price.value
        case .machine: "machine"
        case .unknown: .null
        }
    }

    init(_ value: Value) {
        if value.text == "machine" {
            self = .machine
        } else {
            self = TokenPrice(value).map(Tariff.tokens) ?? .unknown
        }
    }
}

/// What an hour of the machine costs that models run on: electricity, or the rent of a server.
public enum MachineHour {
    /// The variable of the environment that says it.
    public static let variable = "DISTNB_MACHINE_HOUR"

    /// Reads dollars as people write them: `0.40`, `$0.40`.
    /// - Returns: nil for what is no number, negative, or no price: more than a million.
    public static func dollars(_ text: String) -> Double? {
        let digits = text.hasPrefix("$") ? text.dropFirst() : text[...]
        guard digits.first?.isNumber == true, let dollars = Double(digits), dollars >= 0, dollars <= 1_000_000
        else { return nil }
        return dollars
    }
}

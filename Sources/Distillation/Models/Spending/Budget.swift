internal import Foundation
internal import Tables

/// The most that a run may spend, of one kind: dollars, tokens or time.
public struct Budget: Sendable, Hashable {
    public enum Unit: Sendable, Hashable { case dollars, tokens, seconds }

    /// Above 0, finite.
    public let amount: Double
    public let unit: Unit

    /// - Returns: nil where the amount is not above 0, or not finite.
    public init?(_ amount: Double, _ unit: Unit) {
        guard amount > 0, amount.isFinite, amount < 1e15 else { return nil }
        self.amount = amount
        self.unit = unit
    }

    /// Reads a budget as people write it: `5`, `$5`, `0.50usd`, `2_000_000tokens`, `20min`, `90s`, `1h`.
    public init?(_ text: String) {
        var text = text.lowercased().filter { $0 != " " && $0 != "_" }
        let isDollars = text.hasPrefix("$")
        if isDollars { text.removeFirst() }
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        guard let amount = Double(digits), !digits.hasPrefix("."), !digits.hasSuffix(".") else { return nil }
        let word = String(text.dropFirst(digits.count))
        guard !isDollars || word.isEmpty, let (unit, factor) = Self.units[word] else { return nil }
        self.init(amount * factor, unit)
    }

    /// How it is written, for messages.
    public static let examples = "5 (dollars), 2_000_000tokens, 20min, 90s or 1h"

    private static let units: [String: (Unit, Double)] = [
        "": (.dollars, 1), "usd": (.dollars, 1), "tokens": (.tokens, 1), "token": (.tokens, 1),
        "s": (.seconds, 1), "min": (.seconds, 60), "h": (.seconds, 3_600),
    ]

    /// An amount of its kind, for people: "$4.98", "1,200,000 tokens", "20 min".
    func text(_ amount: Double) -> String {
        switch unit {
        case .dollars: return Self.dollars(amount)
        case .tokens: return "\(Number.integer(Int64(max(0, min(amount, 1e15)))).grouped) tokens"
        case .seconds:
            let minutes = amount / 60
            return amount < 120
                ? "\(Number.fixed(amount, decimals: 0)) s"
                : "\(Number.fixed(minutes, decimals: minutes == minutes.rounded() ? 0 : 1)) min"
        }
    }

    /// Dollars for people: two decimals, more for less than a cent.
    public static func dollars(_ amount: Double) -> String {
        "$" + Number.fixed(amount, decimals: amount <= 0 || amount >= 1 ? 2 : amount < 0.01 ? 6 : 4)
    }
}

extension Budget: CustomStringConvertible {
    public var description: String { text(amount) }
}

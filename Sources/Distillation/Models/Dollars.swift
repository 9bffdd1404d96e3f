internal import Tables

/// US dollars for people.
public enum Dollars {
    /// `$12.40`; below a dollar three digits that count, so that the price of a single call can be read: `$0.0123`,
    /// `$0.000412`.
    public static func text(_ amount: Double) -> String {
        let size = abs(amount)
        guard size > 0, size < 1 else { return "$" + Number.fixed(amount, decimals: 2) }
        guard size >= 0.000_000_1 else { return "less than $0.0000001" }
        var decimals = 3
        var first = 0.1
        while size < first, decimals < 9 {
            decimals += 1
            first /= 10
        }
        let digits = Number.fixed(amount, decimals: decimals, trimsZeros: true)
        let fraction = digits.split(separator: ".").last.map(String.init) ?? ""
        // Money has cents: `$0.40`.
        return "$" + (fraction.count < 2 || !digits.contains(".") ? Number.fixed(amount, decimals: 2) : digits)
    }
}

/// A number of the language: a 64-bit integer, or a double.
///
/// Integers stay exact; arithmetic on them that overflows is an error, never a silent wrap.
public enum Number: Sendable, Hashable {
    case integer(Int64)
    case double(Double)

    /// The value as a double; exact for integers up to 2^53.
    public var double: Double {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        }
    }

    /// The value as an integer, where it is a whole number that fits.
    public var integer: Int? {
        switch self {
        case .integer(let value): Int(exactly: value)
        case .double(let value): Int(exactly: value)
        }
    }

    /// Equality and order by numeric value: `1` and `1.0` are the same number.
    public static func == (left: Number, right: Number) -> Bool {
        switch (left, right) {
        case (.integer(let a), .integer(let b)): a == b
        default: left.double == right.double
        }
    }

    /// Hashes so that numbers which are equal hash alike.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(double)
    }
}

extension Number: Comparable {
    public static func < (left: Number, right: Number) -> Bool {
        switch (left, right) {
        case (.integer(let a), .integer(let b)): a < b
        default: left.double < right.double
        }
    }
}

extension Number: CustomStringConvertible {
    /// The shortest text that reads back as the same number, written as Python's `repr` writes it.
    ///
    /// Canonical notebooks are byte-for-byte what Python's `json` module writes, so there is one spelling.
    public var description: String {
        switch self {
        case .integer(let value): String(value)
        case .double(let value): Number.shortest(value)
        }
    }

    private static func shortest(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : (value < 0 ? "-Infinity" : "Infinity") }
        let plain = value.description
        // Swift and Python agree on the digits, but not on when an exponent begins (Python: at 1e16).
        guard abs(value) >= 1e15 || (value != 0 && abs(value) < 1e-3) else { return plain }
        let sign = plain.hasPrefix("-") ? "-" : ""
        let unsigned = plain.drop { $0 == "-" }
        let parts = unsigned.split(separator: "e", maxSplits: 1)
        let exponentPart = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = String(mantissa[0])
        let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
        var digits = whole + fraction
        var point = whole.count + exponentPart
        while digits.hasPrefix("0"), digits.count > 1 {
            digits.removeFirst()
            point -= 1
        }
        while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
        let exponent = point - 1
        if exponent >= 16 || exponent < -4 {
            let rest = digits.dropFirst()
            let body = rest.isEmpty ? String(digits.prefix(1)) : "\(digits.prefix(1)).\(rest)"
            let magnitude = abs(exponent)
            let padded = magnitude < 10 ? "0\(magnitude)" : "\(magnitude)"
            return "\(sign)\(body)e\(exponent < 0 ? "-" : "+")\(padded)"
        }
        if point <= 0 { return "\(sign)0.\(String(repeating: "0", count: -point))\(digits)" }
        if digits.count <= point {
            return "\(sign)\(digits)\(String(repeating: "0", count: point - digits.count)).0"
        }
        return "\(sign)\(digits.prefix(point)).\(digits.dropFirst(point))"
    }
}

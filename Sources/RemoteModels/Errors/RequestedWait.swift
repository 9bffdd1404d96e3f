internal import Foundation

/// How long a refusal asks to wait: by its head, else by its message.
enum RequestedWait {
    /// Seconds, from `retry-after-ms`, `retry-after` (seconds, or a date that is held against the response's own), or
    /// the message's "try again in 6.2s".
    /// - Parameter fields: the response's, names in lower case.
    /// - Returns: nil where nothing is said, or nonsense.
    static func seconds(_ fields: [String: String], message: String = "") -> Double? {
        // The server's clock tells its dates; ours may go wrong.
        let date = fields["date"].flatMap(HTTPDate.seconds)
        let asked =
            date == nil && fields["retry-after"].flatMap(HTTPDate.seconds) != nil
            ? nil : RetryAfter.seconds(fields, date: date ?? 0)
        if let asked, asked < limit { return asked }
        return said(message)
    }

    /// Seconds above which a wait is nonsense: some months.
    private static let limit = 1e7

    /// "Please try again in 1m6.2s", "in 20 seconds", "in 850ms".
    private static func said(_ message: String) -> Double? {
        let lowered = message.lowercased()
        guard
            let start = ["try again in ", "retry after "].lazy.compactMap({ lowered.range(of: $0)?.upperBound }).first
        else { return nil }
        var rest = lowered[start...]
        var sum = 0.0
        var found = false
        while let digit = rest.first, digit.isASCII, digit.isNumber {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count).drop { $0 == " " }
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let factor = factor(unit) else { break }
            sum += number * factor
            found = true
        }
        return found && sum < limit ? sum : nil
    }

    private static func factor(_ unit: Substring) -> Double? {
        switch unit {
        case "ms", "milliseconds": 0.001
        case "s", "sec", "second", "seconds": 1
        case "m", "min", "minute", "minutes": 60
        case "h", "hour", "hours": 3_600
        case "d", "day", "days": 86_400
        default: nil
        }
    }
}

internal import Foundation

/// How long a service asks to wait: `retry-after-ms` (OpenAI, Azure), or `Retry-After` in seconds or as a date
/// (RFC 9110, 10.2.3).
package enum RetryAfter {
    /// Seconds from now, 0 or more; nil where nothing is asked, or nothing that can be read.
    /// - Parameter date: now, in seconds since 1970.
    package static func seconds(_ fields: [String: String], date: Double) -> Double? {
        if let milliseconds = number(fields["retry-after-ms"]) { return milliseconds / 1_000 }
        guard let text = fields["retry-after"] else { return nil }
        return number(text) ?? HTTPDate.seconds(text).map { max(0, $0 - date) }
    }

    private static func number(_ text: String?) -> Double? {
        guard let number = text.flatMap({ Double($0.trimmingCharacters(in: .whitespaces)) }), number.isFinite,
            number >= 0
        else { return nil }
        return number
    }
}

/// Dates of HTTP (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`, and the two older forms.
enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Seconds since 1970; nil for no such date.
    static func seconds(_ text: String) -> Double? {
        let words = text.split { " ,-".contains($0) }.map(String.init)
        switch words.count {
        case 6: return seconds(day: words[1], month: words[2], year: words[3], time: words[4])
        // asctime: Sun Nov  6 08:49:37 1994
        case 5: return seconds(day: words[2], month: words[1], year: words[4], time: words[3])
        default: return nil
        }
    }

    private static func seconds(day: String, month: String, year: String, time: String) -> Double? {
        let parts = time.split(separator: ":").map { Int($0) }
        guard let day = Int(day), 1...31 ~= day, let month = months.firstIndex(of: month.lowercased()),
            var year = Int(year), 0...9_999 ~= year, parts.count == 3, let hour = parts[0], let minute = parts[1],
            let second = parts[2], 0...23 ~= hour, 0...59 ~= minute, 0...60 ~= second
        else { return nil }
        // RFC 850's two digits.
        if year < 100 { year += year < 70 ? 2_000 : 1_900 }
        return Double(days(year: year, month: month + 1, day: day) * 86_400 + hour * 3_600 + minute * 60 + second)
    }

    /// Days since 1970-01-01 in the Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

internal import Tables

/// A date, perhaps with a time, as ISO 8601 writes it: `2026-11-01`, `2026-11-01T09:30:00Z`, `2026-11-01 09:30+01:00`.
///
/// Its parts are those that are written; an offset from UTC matters only to the seconds since 1970.
public struct Moment: Sendable {
    /// Days since 1970-01-01 (proleptic Gregorian).
    var days: Int
    /// Seconds since midnight, where a time is written.
    var seconds: Double?
    /// Seconds that the written time is ahead of UTC.
    var offset = 0

    /// The years that ISO 8601 writes with four digits.
    static let range = days(year: 0, month: 1, day: 1)...days(year: 9_999, month: 12, day: 31)

    init(days: Int, seconds: Double?) {
        self.days = days
        self.seconds = seconds
    }

    /// Seconds since 1970, UTC.
    public var timestamp: Double { Double(days) * 86_400 + (seconds ?? 0) - Double(offset) }

    /// The first second behind it: of a day the next day's.
    public var end: Double { seconds == nil ? timestamp + 86_400 : timestamp }

    /// A moment in UTC; nil outside the years 0 to 9999.
    public init?(timestamp: Double) {
        guard timestamp.isFinite, abs(timestamp) < 1e12 else { return nil }
        let day = (timestamp / 86_400).rounded(.down)
        guard Moment.range.contains(Int(day)) else { return nil }
        self.init(days: Int(day), seconds: timestamp - day * 86_400)
    }

    /// Reads a text; nil where it is no date of the calendar.
    public init?(_ text: String) {
        let bytes = Array(text.trimmed.utf8)
        var reader = Reader(bytes: bytes)
        guard let year = reader.number(digits: 4), reader.take("-"), let month = reader.number(digits: 2),
            reader.take("-"), let day = reader.number(digits: 2), Moment.isDay(year: year, month: month, day: day)
        else { return nil }
        days = Moment.days(year: year, month: month, day: day)
        guard !reader.isAtEnd else { return }
        guard reader.take("T") || reader.take("t") || reader.take(" "), let time = reader.time() else { return nil }
        seconds = time
        guard !reader.isAtEnd else { return }
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }
        self.offset = offset
    }

    /// Year, month from 1, day from 1 (Howard Hinnant, "chrono-compatible low-level date algorithms").
    var civil: (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let index = (5 * dayOfYear + 2) / 153
        let month = index < 10 ? index + 3 : index - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * index + 2) / 5 + 1)
    }

    /// The day of the week, from 1 for Monday to 7 for Sunday.
    var weekday: Int { ((days + 3) % 7 + 7) % 7 + 1 }

    /// `2026-11-01`
    public var dateText: String {
        let (year, month, day) = civil
        return "\(Moment.padded(year, 4))-\(Moment.padded(month, 2))-\(Moment.padded(day, 2))"
    }

    /// The date with its time, where it has one; the fraction of a second is left out.
    public var text: String {
        guard let seconds else { return dateText }
        let whole = Int(seconds)
        let clock = [whole / 3_600, whole / 60 % 60, whole % 60].map { Moment.padded($0, 2) }.joined(separator: ":")
        return "\(dateText)T\(clock)Z"
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func isDay(year: Int, month: Int, day: Int) -> Bool {
        guard (0...9_999).contains(year), (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return day <= lengths[month - 1]
    }
}

extension Moment {
    /// Reads the parts of a date from left to right.
    struct Reader {
        let bytes: [UInt8]
        var at = 0

        var isAtEnd: Bool { at >= bytes.count }

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func take(_ sign: Character) -> Bool {
            guard at < bytes.count, bytes[at] == sign.asciiValue else { return false }
            at += 1
            return true
        }

        /// A number of just so many digits.
        mutating func number(digits count: Int) -> Int? {
            guard at + count <= bytes.count else { return nil }
            var number = 0
            for byte in bytes[at..<(at + count)] {
                guard (0x30...0x39).contains(byte) else { return nil }
                number = number * 10 + Int(byte - 0x30)
            }
            at += count
            return number
        }

        /// `09:30`, `09:30:15` or `09:30:15.250`, in seconds.
        mutating func time() -> Double? {
            guard let hour = number(digits: 2), hour < 24, take(":"), let minute = number(digits: 2), minute < 60 else {
                return nil
            }
            var seconds = Double(hour * 3_600 + minute * 60)
            guard take(":") else { return seconds }
            guard let second = number(digits: 2), second < 60 else { return nil }
            seconds += Double(second)
            guard take(".") || take(",") else { return seconds }
            var weight = 0.1
            var hasDigits = false
            while let digit = number(digits: 1) {
                seconds += Double(digit) * weight
                weight /= 10
                hasDigits = true
            }
            return hasDigits ? seconds : nil
        }

        /// `Z`, `+01:00`, `+0100` or `+01`, in seconds.
        mutating func offset() -> Int? {
            if take("Z") || take("z") { return 0 }
            let sign: Int
            if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
            guard let hours = number(digits: 2), hours < 24 else { return nil }
            guard !isAtEnd else { return sign * hours * 3_600 }
            _ = take(":")
            guard let minutes = number(digits: 2), minutes < 60 else { return nil }
            return sign * (hours * 3_600 + minutes * 60)
        }
    }
}

internal import Tables

/// A pattern of a date with the signs of C's `strftime` and Python: `%d.%m.%Y %H:%M`.
struct DatePattern {
    private enum Part {
        case literal(Character)
        case sign(Character)
    }

    private let parts: [Part]

    /// The signs that there are, for messages.
    static let signs = "%Y %m %d %H %M %S %B %b %A %a %j %%"

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    /// Nil where a sign is unknown.
    init?(_ text: String) {
        var parts: [Part] = []
        var isSign = false
        for character in text {
            if isSign {
                guard "YmdHMSBbAaj%".contains(character) else { return nil }
                parts.append(character == "%" ? .literal("%") : .sign(character))
                isSign = false
            } else if character == "%" {
                isSign = true
            } else {
                parts.append(.literal(character))
            }
        }
        guard !isSign else { return nil }
        self.parts = parts
    }

    /// The moment as the pattern writes it.
    func text(of moment: Moment) -> String {
        let (year, month, day) = moment.civil
        let seconds = Int(moment.seconds ?? 0)
        return parts.reduce(into: "") { text, part in
            switch part {
            case .literal(let character): text.append(character)
            case .sign(let sign):
                switch sign {
                case "Y": text += Moment.padded(year, 4)
                case "m": text += Moment.padded(month, 2)
                case "d": text += Moment.padded(day, 2)
                case "H": text += Moment.padded(seconds / 3_600, 2)
                case "M": text += Moment.padded(seconds / 60 % 60, 2)
                case "S": text += Moment.padded(seconds % 60, 2)
                case "B": text += Self.months[month - 1]
                case "b": text += Self.months[month - 1].prefix(3)
                case "A": text += Self.weekdays[moment.weekday - 1]
                case "a": text += Self.weekdays[moment.weekday - 1].prefix(3)
                default:
                    text += Moment.padded(moment.days - Moment.days(year: year, month: 1, day: 1) + 1, 3)
                }
            }
        }
    }

    /// The moment that a text written after the pattern names; nil where the text does not fit.
    func moment(in text: String) -> Moment? {
        var rest = Substring(text.trimmed)
        var (year, month, day) = (1970, 1, 1)
        var clock: (hour: Int, minute: Int, second: Int)?
        for part in parts {
            switch part {
            case .literal(let character):
                guard rest.first == character else { return nil }
                rest.removeFirst()
            case .sign("B"), .sign("b"):
                guard let place = Self.months.firstIndex(where: { Self.takes(name: $0, from: &rest) }) else {
                    return nil
                }
                month = place + 1
            case .sign("A"), .sign("a"):
                guard Self.weekdays.contains(where: { Self.takes(name: $0, from: &rest) }) else { return nil }
            case .sign(let sign):
                let digits = rest.prefix { $0.isASCII && $0.isNumber }.prefix(sign == "Y" ? 4 : sign == "j" ? 3 : 2)
                guard let number = Int(digits) else { return nil }
                rest = rest.dropFirst(digits.count)
                switch sign {
                case "Y": year = number
                case "m": month = number
                case "d": day = number
                case "H": clock = (number, clock?.minute ?? 0, clock?.second ?? 0)
                case "M": clock = (clock?.hour ?? 0, number, clock?.second ?? 0)
                case "S": clock = (clock?.hour ?? 0, clock?.minute ?? 0, number)
                default: return nil
                }
            }
        }
        guard rest.isEmpty, Moment.isDay(year: year, month: month, day: day) else { return nil }
        let days = Moment.days(year: year, month: month, day: day)
        guard let clock else { return Moment(days: days, seconds: nil) }
        guard clock.hour < 24, clock.minute < 60, clock.second < 60 else { return nil }
        return Moment(days: days, seconds: Double(clock.hour * 3_600 + clock.minute * 60 + clock.second))
    }

    /// Takes a name, or its first three letters, in whatever case, from the start of a text.
    private static func takes(name: String, from rest: inout Substring) -> Bool {
        for form in [name, String(name.prefix(3))] where rest.lowercased().hasPrefix(form.lowercased()) {
            rest = rest.dropFirst(form.count)
            return true
        }
        return false
    }
}

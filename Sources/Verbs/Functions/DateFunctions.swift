internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Functions on dates, which are ISO 8601 texts: they sort as text, and JSON and CSV have no other form for them.
extension Builtin {
    static let dateFunctions: [Builtin] = [
        .function(
            "date", .dates, "The day in a text as `2026-11-01`; an error value where there is none.",
            [
                Parameter("text", .text, isSubject: true, "a date, with or without a time"),
                Parameter(
                    "pattern", .text, isRequired: false,
                    "how it is written, with %Y %m %d %B %b and so on; as ISO 8601 unless given"),
            ], example: "date(\"01.11.2026\", \"%d.%m.%Y\")", result: .text,
            compute: { values in
                guard values[1].text != nil else { return .string(try moment(values[0]).dateText) }
                guard let moment = try pattern(values[1]).moment(in: values[0].text ?? "") else {
                    throw RowError(
                        "\"\((values[0].text ?? "").prefix(40))\" is no date written as \(values[1].plainText)")
                }
                return .string(moment.dateText)
            }),
        part("year", "The year of a date.", "year(\"2026-11-01\")") { $0.civil.year },
        part("month", "The month of a date, from 1 to 12.", "month(\"2026-11-01\")") { $0.civil.month },
        part("day", "The day of the month of a date, from 1.", "day(\"2026-11-01\")") { $0.civil.day },
        part("weekday", "The day of the week of a date, from 1 for Monday to 7.", "weekday(\"2026-11-01\")") {
            $0.weekday
        },
        part("hour", "The hour of a date with a time, from 0; 0 without one.", "hour(\"2026-11-01T09:30:00Z\")") {
            Int($0.seconds ?? 0) / 3_600
        },
        .function(
            "format_date", .dates, "A date written after a pattern.",
            [.date, Parameter("pattern", .text, "with %Y %m %d %H %M %S %B %b %A %a %j, as in C and Python")],
            example: "format_date(\"2026-11-01\", \"%A, %d %B %Y\")", result: .text,
            compute: { values in .string(try pattern(values[1]).text(of: try moment(values[0]))) }),
        .function(
            "add_days", .dates, "The date so many days later; earlier where the number is negative.",
            [.date, Parameter("n", .whole(-4_000_000...4_000_000), "how many days")],
            example: "add_days(\"2026-11-01\", 30)", result: .text,
            compute: { values in
                let days = try moment(values[0]).days + (values[1].integer ?? 0)
                guard Moment.range.contains(days) else { throw RowError("the year is not between 0 and 9999") }
                return .string(Moment(days: days, seconds: nil).dateText)
            }),
        .function(
            "days_between", .dates, "How many days the second date is after the first.",
            [.date, Parameter("until", .text, "the second date")],
            example: "days_between(\"2026-11-01\", \"2026-12-24\")", result: .number,
            compute: { values in .integer(try moment(values[1]).days - moment(values[0]).days) }),
        .function(
            "timestamp", .dates, "The seconds from 1970 to a date or time (UTC unless it says otherwise).", [.date],
            example: "timestamp(\"2026-11-01T09:30:00Z\")", result: .number,
            compute: { values in
                let seconds = try moment(values[0]).timestamp
                return Int(exactly: seconds).map { .integer($0) } ?? .double(seconds)
            }),
        .function(
            "from_timestamp", .dates, "The time, in UTC, so many seconds after 1970.",
            [Parameter("seconds", .number(-.infinity ... .infinity), isSubject: true, "seconds since 1970")],
            example: "from_timestamp(1793525400)", result: .text,
            compute: { values in
                guard let moment = Moment(timestamp: values[0].double ?? .nan) else {
                    throw RowError("\(values[0].plainText) seconds are not within the years 0 to 9999")
                }
                return .string(moment.text)
            }),
    ]

    private static func part(
        _ name: String, _ summary: String, _ example: String, _ apply: @escaping @Sendable (Moment) -> Int
    ) -> Builtin {
        .function(
            name, .dates, summary, [.date], example: example, result: .number,
            compute: { .integer(apply(try moment($0[0]))) })
    }

    private static func moment(_ value: Value) throws(RowError) -> Moment {
        guard let text = value.text, let moment = Moment(text) else {
            throw RowError("\"\(value.plainText.prefix(40))\" is no date such as 2026-11-01")
        }
        return moment
    }

    private static func pattern(_ value: Value) throws(ArgumentMistake) -> DatePattern {
        // A pattern without signs, such as DD/MM/YYYY, fits no date.
        guard let text = value.text, text.contains("%"), let pattern = DatePattern(text) else {
            throw ArgumentMistake(
                .wrongType, at: "pattern", "Expected a pattern of \(DatePattern.signs), found \(value.plainText).",
                hint: "\"%d.%m.%Y\"")
        }
        return pattern
    }
}

extension Parameter {
    /// The date that a function of dates works on.
    fileprivate static let date = Parameter(
        "date", .text, isSubject: true, "a date such as \"2026-11-01\", perhaps with a time")
}

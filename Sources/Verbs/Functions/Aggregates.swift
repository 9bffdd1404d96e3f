internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Aggregates: over the rows of a group inside `group`, over a list elsewhere. Nulls and errors are skipped.
extension Builtin {
    static let aggregates: [Builtin] = [
        aggregate(
            "count", "How many values there are; without an argument, how many rows.",
            "rows | group .intent, n: count()",
            optional: true, takes: .anything
        ) {
            .integer($0.count)
        },
        aggregate("sum", "The sum.", "sum([1, 2, 3])") { values in
            var whole: Int64 = 0
            var isWhole = true
            var total = 0.0
            for case .number(let number) in values {
                total += number.double
                if case .integer(let value) = number {
                    let (next, didOverflow) = whole.addingReportingOverflow(value)
                    if didOverflow { throw RowError("the sum does not fit 64 bits") }
                    whole = next
                } else {
                    isWhole = false
                }
            }
            return isWhole ? .number(.integer(whole)) : .double(total)
        },
        aggregate("mean", "The arithmetic mean; null where there is nothing.", "mean([1, 2, 3])") { values in
            let numbers = values.compactMap(\.double)
            return numbers.isEmpty ? .null : .double(numbers.reduce(0, +) / Double(numbers.count))
        },
        aggregate("median", "The middle value; null where there is nothing.", "median([1, 5, 3])") { values in
            let numbers = values.compactMap(\.double).sorted()
            guard !numbers.isEmpty else { return .null }
            let middle = numbers.count / 2
            return .double(numbers.count % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2)
        },
        aggregate("min", "The smallest value.", "min([3, 1])", takes: .numbersAndText) { $0.min(by: isLess) ?? .null },
        aggregate("max", "The largest value.", "max([3, 1])", takes: .numbersAndText) { $0.max(by: isLess) ?? .null },
    ]

    /// What an aggregate can work with.
    private enum Elements {
        case numbers, numbersAndText, anything

        func admits(_ value: Value) -> Bool {
            switch self {
            case .numbers: value.double != nil || value.bool != nil
            case .numbersAndText: value.double != nil || value.bool != nil || value.text != nil
            case .anything: true
            }
        }
    }

    private static func aggregate(
        _ name: String, _ summary: String, _ example: String, optional: Bool = false,
        takes elements: Elements = .numbers,
        _ fold: @escaping @Sendable ([Value]) throws -> Value
    ) -> Builtin {
        Builtin(
            name, .aggregates, summary,
            [
                Parameter(
                    "values", .rowsOrList, isRequired: !optional, isSubject: true,
                    "a list, or an expression on the group's rows")
            ],
            example: example, isAggregate: true, result: { _ in .any },
            run: { call in
                if let rows = call.value("values").rows {
                    guard elements == .anything else {
                        throw call.failure(
                            .wrongType, at: "values", "Expected a list for `\(name)`, found rows.",
                            hint: "\(name)(rows.column)")
                    }
                    return .integer(rows.count)
                }
                guard let list = call.value("values").list else {
                    throw call.failure(
                        .missingArgument, "Expected a list for `\(name)`, or a place inside `group`.", hint: example)
                }
                let values = list.filter { !$0.isNull && $0.rowError == nil }
                let errors = list.count { $0.rowError != nil }
                call.context.notes.tally(name, nulls: list.count - values.count - errors, errors: errors)
                if let odd = values.first(where: { !elements.admits($0) }) {
                    throw call.failure(
                        .wrongType, at: "values", "Expected numbers for `\(name)`, found \(odd.kindName).",
                        hint: example)
                }
                // True and false are 1 and 0, so that the mean of a condition is its share.
                return try fold(values.map { $0.bool.map { .integer($0 ? 1 : 0) } ?? $0 })
            })
    }

    private static func isLess(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.number(let a), .number(let b)): a < b
        case (.string(let a), .string(let b)): a < b
        case (.number, .string): true
        default: false
        }
    }
}

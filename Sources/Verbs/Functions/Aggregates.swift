internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Aggregates: over the rows of a group inside `group`, over a list elsewhere. Nulls and errors are skipped.
extension Builtin {
    static let aggregates: [Builtin] = [
        aggregate(
            "count", "How many values there are; without an argument, how many rows.",
            "rows | group .intent, n: count()", optional: true, takes: .anything, result: .number,
            rows: { .integer($0.count) }, groups: AggregateColumns.count
        ) { values, _ in .integer(values.count) },
        aggregate(
            "count_distinct", "How many different values there are.", "count_distinct([\"a\", \"b\", \"a\"])",
            takes: .anything, result: .number
        ) { values, _ in .integer(Set(values).count) },
        aggregate("sum", "The sum.", "sum([1, 2, 3])", result: .number, groups: AggregateColumns.sum) { values, _ in
            try total(values)
        },
        aggregate(
            "mean", "The arithmetic mean; null where there is nothing.", "mean([1, 2, 3])", result: .number,
            groups: AggregateColumns.mean
        ) { values, _ in
            let numbers = values.compactMap(\.double)
            return numbers.isEmpty ? .null : .double(numbers.reduce(0, +) / Double(numbers.count))
        },
        aggregate("median", "The middle value; null where there is nothing.", "median([1, 5, 3])", result: .number) {
            values, _ in Order.quantile(values, 0.5)
        },
        aggregate(
            "quantile",
            "The value below which a share of all values lies, between neighbours where it falls between them.",
            "quantile([1, 2, 3, 4], 0.9)", result: .number,
            more: [Parameter("share", .number(0...1), "the share: 0.5 is the median, 0.9 leaves a tenth above")]
        ) { values, call in Order.quantile(values, call.value("share").double ?? 0.5) },
        aggregate(
            "variance", "The sample variance, with n − 1; null below two values.", "variance([1, 2, 3])",
            result: .number
        ) { values, _ in Spread.variance(values).map { .double($0) } ?? .null },
        aggregate(
            "stdev", "The sample standard deviation, with n − 1; null below two values.", "stdev([1, 2, 3])",
            result: .number
        ) { values, _ in Spread.variance(values).map { .double($0.squareRoot()) } ?? .null },
        aggregate(
            "min", "The smallest value.", "min([3, 1])", takes: .numbersAndText, groups: AggregateColumns.smallest
        ) { values, _ in
            values.min(by: Order.isLess) ?? .null
        },
        aggregate("max", "The largest value.", "max([3, 1])", takes: .numbersAndText, groups: AggregateColumns.largest)
        { values, _ in
            values.max(by: Order.isLess) ?? .null
        },
        aggregate(
            "mode", "The most frequent value; of equally frequent ones the first.", "mode([\"a\", \"b\", \"b\"])",
            takes: .anything
        ) { values, _ in
            var counts: [Value: Int] = [:]
            for value in values { counts[value, default: 0] += 1 }
            let most = counts.values.max()
            return values.first { counts[$0] == most } ?? .null
        },
        aggregate(
            "first", "The first value that is not null; the first row of rows.", "first([\"a\", \"b\"])",
            takes: .anything, rows: { $0.count > 0 ? .record($0.row(0)) : .null }
        ) { values, _ in values.first ?? .null },
        aggregate(
            "last", "The last value that is not null; the last row of rows.", "last([\"a\", \"b\"])",
            takes: .anything, rows: { $0.count > 0 ? .record($0.row($0.count - 1)) : .null }
        ) { values, _ in values.last ?? .null },
        aggregate(
            "collect", "All values of a group as a list.", "rows | group .intent, texts: collect(.text)",
            takes: .anything, result: .list(.any)
        ) { values, _ in .list(values) },
        aggregate(
            "any", "Whether one of the values is true; false where there is nothing.", "any([false, true])",
            takes: .truth, result: .bool
        ) { values, _ in .bool(values.contains(true)) },
        aggregate(
            "all", "Whether every value is true; true where there is nothing.", "all([true, true])",
            takes: .truth, result: .bool
        ) { values, _ in .bool(!values.contains(false)) },
    ]

    /// What an aggregate can work with.
    private enum Elements {
        case numbers, numbersAndText, truth, anything

        /// Whether values of a type may be among them.
        func admits(_ type: StaticType) -> Bool {
            switch (self, type) {
            case (_, .any), (_, .null), (.anything, _), (_, .bool): true
            case (.numbers, .number), (.numbersAndText, .number), (.numbersAndText, .text): true
            default: false
            }
        }

        func admits(_ value: Value) -> Bool {
            switch self {
            case .numbers: value.double != nil || value.bool != nil
            case .numbersAndText: value.double != nil || value.bool != nil || value.text != nil
            case .truth: value.bool != nil
            case .anything: true
            }
        }

        /// True and false are 1 and 0 to arithmetic, so that the mean of a condition is its share.
        func counted(_ value: Value) -> Value {
            switch self {
            case .numbers, .numbersAndText: value.bool.map { .integer($0 ? 1 : 0) } ?? value
            case .truth, .anything: value
            }
        }

        var expectation: String {
            switch self {
            case .numbers: "numbers"
            case .numbersAndText: "numbers or texts"
            case .truth: "true and false"
            case .anything: "values"
            }
        }
    }

    /// An aggregate's row.
    /// - Parameters:
    ///   - result: what it gives; a value of the list unless told.
    ///   - rows: what it gives for whole rows; nil where it needs a column.
    private static func aggregate(
        _ name: String, _ summary: String, _ example: String, optional: Bool = false,
        takes elements: Elements = .numbers, result: StaticType? = nil, more: [Parameter] = [],
        rows ofRows: (@Sendable (DataSet) -> Value)? = nil,
        groups: (@Sendable (Column, RowGroups) -> Column?)? = nil,
        _ fold: @escaping @Sendable ([Value], Invocation) throws -> Value
    ) -> Builtin {
        Builtin(
            name, .aggregates, summary,
            [
                Parameter(
                    "values", .rowsOrList, isRequired: !optional, isSubject: true,
                    "a list, or an expression on the group's rows")
            ] + more,
            example: example, isAggregate: true, groups: groups,
            result: { call throws(Diagnostic) in
                try call.refuseElements(ofRows: ofRows != nil, of: elements.expectation, where: elements.admits)
                if let result { return result }
                if case .rows(let columns) = call.type("values") { return .record(columns) }
                return call.type("values").element
            },
            run: { call in
                if let rows = call.value("values").rows {
                    guard let ofRows else {
                        throw call.failure(
                            .wrongType, at: "values", "Expected a list for `\(name)`, found rows.",
                            hint: "\(name)(rows.column)")
                    }
                    return ofRows(rows)
                }
                guard let list = call.value("values").list else {
                    throw call.failure(
                        .missingArgument, "Expected a list for `\(name)`, or a place inside `group`.", hint: example)
                }
                let present = list.filter { !$0.isNull && $0.rowError == nil }
                let values = present.filter(elements.admits)
                // Where some fit, the others are odd data and counted; where none fits, the program means something else.
                if values.isEmpty, let odd = present.first {
                    throw call.failure(
                        .wrongType, at: "values",
                        "Expected \(elements.expectation) for `\(name)`, found \(odd.kindName).", hint: example)
                }
                let nulls = list.count(where: \.isNull)
                call.context.notes.tally(name, nulls: nulls, errors: list.count - nulls - values.count)
                let result = try fold(values.map(elements.counted), call)
                guard result.double?.isFinite ?? true else {
                    throw RowError("the \(name) is too large for a number")
                }
                return result
            })
    }

    private static func total(_ values: [Value]) throws(RowError) -> Value {
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
    }
}

/// Values by size.
private enum Order {
    static func isLess(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.number(let a), .number(let b)): a < b
        case (.string(let a), .string(let b)): TextOrder.precedes(a, b)
        case (.number, .string): true
        default: false
        }
    }

    /// The quantile by linear interpolation, type 7 of Hyndman and Fan ("Sample quantiles in statistical packages", 1996),
    /// as R and NumPy have it; null where there is nothing.
    static func quantile(_ values: [Value], _ share: Double) -> Value {
        let numbers = values.compactMap(\.double).sorted()
        guard let last = numbers.last else { return .null }
        let place = share * Double(numbers.count - 1)
        let below = Int(place)
        guard below + 1 < numbers.count else { return .double(last) }
        let weight = place - Double(below)
        return .double(numbers[below] * (1 - weight) + numbers[below + 1] * weight)
    }
}

/// How far values lie apart.
private enum Spread {
    /// The sample variance in one pass (Welford, "Note on a method for calculating corrected sums of squares and
    /// products", 1962).
    static func variance(_ values: [Value]) -> Double? {
        var (count, mean, squares) = (0.0, 0.0, 0.0)
        for number in values.lazy.compactMap(\.double) {
            count += 1
            let distance = number - mean
            mean += distance / count
            squares += distance * (number - mean)
        }
        return count < 2 ? nil : squares / (count - 1)
    }
}

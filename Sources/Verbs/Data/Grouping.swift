internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// The shares of a split's parts.
private enum SplitShares {
    static let hint = "{train: 0.8, test: 0.2}"

    /// Whether they are shares of a whole; what they leave over goes into no part.
    static func fit(_ shares: [Double]) -> Bool { shares.reduce(0, +) <= 1 + 1e-9 }

    static func message(_ shares: [Double]) -> String {
        "Expected shares that add up to at most 1; these add up to \(Number.double(shares.reduce(0, +)))."
    }
}

/// Verbs that divide or gather rows: group, split, describe.
extension Builtin {
    static let group = Builtin(
        "group", .data, "Gathers rows with the same values and computes aggregates over each group.",
        [
            .rows,
            Parameter(
                "by", .anything, .rest, evaluation: .column, isRequired: false,
                "columns such as `.intent`; all rows are one group unless given"),
        ],
        inventions: .aggregates, example: "rows | group .intent, n: count(), length: mean(len(.text))",
        uses: .closing,
        result: { call in
            guard let columns = call.columns() else { return .rows(nil) }
            var result: Columns = [:]
            for name in call.columnNames("by") { result[name] = columns[name] ?? .any }
            for (name, type) in call.inventions { result[name] = type }
            return .rows(result)
        },
        run: { call in
            let rows = call.rows()
            let names = call.columnNames("by")
            try call.requireColumns("by", of: rows)
            for (name, span, _) in call.inventions where names.contains(name) {
                throw call.failure(
                    .columnExists, at: span, "Expected a new column's name; the rows are grouped by `.\(name)`.",
                    hint: "n: count()")
            }
            let keys = names.compactMap { rows[column: $0] }
            let groups = RowGroups(by: keys, count: rows.count)
            var columns: OrderedDictionary<String, Column> = [:]
            for (name, key) in zip(names, keys) { columns[name] = key.selecting(groups.firstRows) }
            for (name, _, function) in call.inventions {
                columns[name] = try function.column(over: rows, groups: groups)
            }
            return .domain(DataSet(columns: columns, count: groups.count))
        })

    static let split = Builtin(
        "split", .data, "Divides rows into named parts at random, the same way for the same seed.",
        [
            .rows, Parameter("parts", .record, "a share for each part: {train: 0.8, test: 0.2}"),
            .option("by", .anything, evaluation: .row, "keeps the shares of each value alike in all parts: `.intent`"),
            .option("seed", .whole(Int.min...Int.max), "chooses the parts; 0 unless given"),
        ], example: "rows | split {train: 0.8, test: 0.2}, by: .intent, seed: 7",
        result: { call throws(Diagnostic) in
            guard let names = call.fieldNames("parts") else { return .record(nil) }
            if case .record(let entries)? = call.expression("parts")?.kind {
                let shares = entries.compactMap { $0.value.literalValue?.double }
                guard shares.count < entries.count || SplitShares.fit(shares) else {
                    throw call.mistake(
                        .outOfRange, at: "parts", SplitShares.message(shares), hint: SplitShares.hint)
                }
            }
            return .record(Columns(names.map { ($0, call.type("rows")) }, uniquingKeysWith: { first, _ in first }))
        },
        run: { call in
            let rows = call.rows()
            let parts = call.value("parts").record ?? [:]
            var shares: [Double] = []
            for (name, share) in parts {
                guard let number = share.double, number > 0, number.isFinite else {
                    throw call.failure(
                        .outOfRange, at: "parts", "Expected a share above 0 for `\(name)`, found \(share.plainText).",
                        hint: SplitShares.hint)
                }
                shares.append(number)
            }
            guard !shares.isEmpty else {
                throw call.failure(.outOfRange, at: "parts", "Expected at least one part.", hint: SplitShares.hint)
            }
            guard SplitShares.fit(shares) else {
                throw call.failure(.outOfRange, at: "parts", SplitShares.message(shares), hint: SplitShares.hint)
            }
            let strata = try rows.indices.map { index in
                try call.function("by").map { JSON.text(try $0(rows, index), .canonical) } ?? ""
            }
            let numbers = Split.parts(shares: shares, strata: strata, seed: call.value("seed").integer ?? 0)
            let left = rows.count - numbers.reduce(0) { $0 + $1.count }
            if left > 0 {
                let sum = Number.double(shares.reduce(0, +))
                call.note("split: \(left) rows are in no part, since the shares add up to \(sum).")
            }
            var result = Record()
            for (name, indices) in zip(parts.keys, numbers) {
                if indices.isEmpty { call.note("split: the part `\(name)` is empty.") }
                result[name] = .domain(rows.selecting(indices))
            }
            return .record(result)
        })

    static let describe = Builtin(
        "describe", .data, "Tells what each column holds: kind, nulls, errors, distinct values, range.", [.rows],
        example: "rows | describe",
        result: { _ in
            .rows([
                "column": .text, "kind": .text, "nulls": .number, "errors": .number, "distinct": .number, "min": .any,
                "max": .any,
                "example": .any,
            ])
        },
        run: { call in
            let rows = call.rows()
            let lines = rows.columns.map { name, column -> Record in
                let gaps = column.gaps
                let values = column.values.filter { !$0.isNull && $0.rowError == nil }
                let numbers = values.compactMap(\.double)
                let isNumeric = !numbers.isEmpty && numbers.count == values.count
                return [
                    "column": .string(name), "kind": .string(column.typeName), "nulls": .integer(gaps.nulls),
                    "errors": .integer(gaps.errors), "distinct": .integer(Set(values).count),
                    "min": isNumeric ? values.min { ($0.double ?? 0) < ($1.double ?? 0) } ?? .null : .null,
                    "max": isNumeric ? values.max { ($0.double ?? 0) < ($1.double ?? 0) } ?? .null : .null,
                    "example": values.first ?? .null,
                ]
            }
            return .domain(Shown(rows: DataSet(rows: lines), limit: 200, wraps: false))
        })
}

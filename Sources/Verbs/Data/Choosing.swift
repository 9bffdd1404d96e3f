internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Verbs that keep some rows: sample, take, skip, shuffle, where, distinct.
extension Builtin {
    static let sample = Builtin(
        "sample", .data, "Keeps so many rows chosen at random, in their order; the same ones for the same seed.",
        [
            .rows, Parameter("n", .whole(0...Int.max), "how many rows"),
            .option("seed", .whole(Int.min...Int.max), "chooses the rows; 0 unless given"),
        ], example: "rows | sample 100, seed: 7",
        uses: .passing, result: { $0.type("rows") },
        run: { call in
            let rows = call.rows()
            let n = call.value("n").integer ?? 0
            if n >= rows.count {
                if n > rows.count { call.note("sample: there are only \(rows.count) rows, not \(n).") }
                return .domain(rows)
            }
            var random = RandomStream(seed: call.value("seed").integer ?? 0, key: "sample")
            return .domain(rows.selecting(random.permutation(rows.count).prefix(n).sorted()))
        })

    static let take = Builtin(
        "take", .data, "Keeps the first rows or elements.",
        [
            Parameter("rows", .rowsOrList, isSubject: true, "the rows, or a list"),
            Parameter("n", .whole(0...Int.max), "how many"),
        ],
        example: "rows | take 5", uses: .passing, result: { $0.type("rows") },
        run: { call in
            let n = call.value("n").integer ?? 0
            if let list = call.value("rows").list { return .list(Array(list.prefix(n))) }
            let rows = call.rows()
            return .domain(rows.selecting(Array(rows.indices.prefix(n))))
        })

    static let skip = Builtin(
        "skip", .data, "Leaves out the first rows or elements.",
        [
            Parameter("rows", .rowsOrList, isSubject: true, "the rows, or a list"),
            Parameter("n", .whole(0...Int.max), "how many"),
        ],
        example: "rows | skip 5", uses: .passing, result: { $0.type("rows") },
        run: { call in
            let n = call.value("n").integer ?? 0
            if let list = call.value("rows").list { return .list(Array(list.dropFirst(n))) }
            let rows = call.rows()
            return .domain(rows.selecting(Array(rows.indices.dropFirst(n))))
        })

    static let shuffle = Builtin(
        "shuffle", .data, "Puts the rows into random order, the same for the same seed.",
        [.rows, .option("seed", .whole(Int.min...Int.max), "chooses the order; 0 unless given")],
        example: "rows | shuffle seed: 7", uses: .passing, result: { $0.type("rows") },
        run: { call in
            let rows = call.rows()
            var random = RandomStream(seed: call.value("seed").integer ?? 0, key: "shuffle")
            return .domain(rows.selecting(random.permutation(rows.count)))
        })

    static let `where` = Builtin(
        "where", .data, "Keeps the rows or elements for which a condition is true; says how many were null.",
        [
            Parameter("rows", .rowsOrList, isSubject: true, "the rows, or a list"),
            Parameter("condition", .bool, evaluation: .row, "a condition on `.column`"),
        ], example: "rows | where .intent == \"refund\"",
        uses: .passing,
        result: { call throws(Diagnostic) in
            switch call.type("condition") {
            case .bool, .any, .null: break
            case let other:
                throw call.mistake(
                    .wrongType, at: "condition", "Expected a condition, found \(other.kindName).",
                    hint: ".column == value")
            }
            return call.type("rows")
        },
        run: { call in
            guard let condition = call.function("condition") else { return call.value("rows") }
            var counts = ConditionCounts()
            let result: Value
            if let list = call.value("rows").list {
                result = .list(try list.filter { try counts.keeps(condition($0), call) })
            } else {
                let rows = call.rows()
                result = .domain(try counts.kept(rows, condition.column(over: rows), call))
            }
            counts.report(call)
            return result
        })

    static let distinct = Builtin(
        "distinct", .data, "Keeps the first row of each value of a column, or of each whole row.",
        [
            .rows,
            Parameter(
                "by", .anything, evaluation: .row, isRequired: false, "what must differ; the whole row unless given"),
        ], example: "rows | distinct .prompt", result: { $0.type("rows") },
        run: { call in
            let rows = call.rows()
            let key = call.function("by")
            let keys = try key.map { [try $0.column(over: rows)] } ?? Array(rows.columns.values)
            return .domain(rows.selecting(RowGroups(by: keys, count: rows.count).firstRows))
        })
}

/// Counts what a condition answered besides true and false.
struct ConditionCounts {
    private var nulls = 0
    private var errors = 0
    private var firstError: String?

    /// Whether a row is kept: only `true` keeps it.
    mutating func keeps(_ answer: Value, _ call: Invocation) throws -> Bool {
        switch answer {
        case .bool(let flag): return flag
        case .null:
            nulls += 1
            return false
        case .error(let error):
            errors += 1
            firstError = firstError ?? error.message
            return false
        default:
            throw call.failure(
                .wrongType, at: "condition", "Expected a condition, found \(answer.kindName).",
                hint: "\(call.code("condition")) == …")
        }
    }

    /// The rows for which a condition is true.
    mutating func kept(_ rows: DataSet, _ condition: Column, _ call: Invocation) throws -> DataSet {
        guard case .bools(let flags, let gaps) = condition.storage else {
            return rows.selecting(try rows.indices.filter { try keeps(condition[$0], call) })
        }
        var indices: [Int] = []
        for (row, flag) in flags.enumerated() {
            if gaps[row] { nulls += 1 } else if flag { indices.append(row) }
        }
        return indices.count == rows.count ? rows : rows.selecting(indices)
    }

    func report(_ call: Invocation) {
        if nulls > 0 { call.note("where: \(nulls) rows left out because the condition was null.") }
        if errors > 0 {
            let message = firstError ?? "unknown"
            let end = message.hasSuffix(".") ? "" : "."
            call.note("where: \(errors) rows left out because the condition was an error: \(message)\(end)")
        }
    }
}

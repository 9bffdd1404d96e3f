internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// A sort key that goes from large to small; only `sort` knows it.
struct Descending: DomainValue {
    static let tag = "descending"
    let value: Value

    var kindName: String { "a descending key" }

    func encoded(with encoder: inout ValueEncoder) throws -> Value { try encoder.encode(value) }

    static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        .domain(Descending(value: try codec.decode(state, blobs: blobs)))
    }
}

extension Builtin {
    static let sort = Builtin(
        "sort", .data, "Puts rows or elements in order; nulls and errors come last. Equal ones keep their order.",
        [
            Parameter("rows", .rowsOrList, isSubject: true, "the rows, or a list"),
            Parameter(
                "keys", .anything, .rest, evaluation: .row, isRequired: false,
                "`.column`, or desc(.column); the elements themselves unless given"),
        ], example: "rows | sort desc(.n), .intent", uses: .passing, result: { $0.type("rows") },
        run: { call in
            let keys = call.functions("keys")
            if let list = call.value("rows").list {
                let order = try sorted(
                    list.map { element in keys.isEmpty ? [element] : try keys.map { try $0(element) } }, call)
                return .list(order.map { list[$0] })
            }
            let rows = call.rows()
            guard !keys.isEmpty else {
                throw call.failure(.missingArgument, "Expected a column to sort by.", hint: "rows | sort .column")
            }
            var columns: [SortKey] = []
            for key in keys { columns.append(try SortKey(key, rows)) }
            return .domain(rows.selecting(sorted(columns, count: rows.count, call)))
        })

    static let desc = Builtin(
        "desc", .data, "Inside `sort`: from large to small.",
        [Parameter("key", .anything, "what to sort by, such as `.n`")],
        example: "rows | sort desc(.n)", seesNull: true, result: { _ in .any },
        run: { .domain(Descending(value: $0.value("key"))) })

    /// The order of elements by their keys, each one a value or a descending one.
    private static func sorted(_ keys: [[Value]], _ call: Invocation) -> [Int] {
        let columns = (keys.first ?? []).indices.map { place -> SortKey in
            let isDescending = keys.first.map { $0[place].domain(Descending.self) != nil } ?? false
            return SortKey(Column(keys.map { $0[place].domain(Descending.self)?.value ?? $0[place] }), isDescending)
        }
        return sorted(columns, count: keys.count, call)
    }

    private static func sorted(_ keys: [SortKey], count: Int, _ call: Invocation) -> [Int] {
        if keys.contains(where: \.isMixed) {
            call.note("sort: the column holds values of different kinds; numbers come before text, text before others.")
        }
        return SortKey.order(keys, count: count)
    }
}

extension SortKey {
    /// A key as it is written: `.column`, an expression, or `desc(…)` of one.
    fileprivate init(_ function: RowFunction, _ rows: DataSet) throws {
        if let ascending = function.argument(of: "desc") {
            self.init(try ascending.column(over: rows), true)
            return
        }
        let column = try function.column(over: rows)
        let isDescending = rows.count > 0 && column[0].domain(Descending.self) != nil
        self.init(
            isDescending ? Column(column.values.map { $0.domain(Descending.self)?.value ?? $0 }) : column, isDescending)
    }
}

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
        ], example: "rows | sort desc(.n), .intent", result: { $0.type("rows") },
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
            return .domain(
                rows.selecting(try sorted(try rows.indices.map { row in try keys.map { try $0(rows, row) } }, call)))
        })

    static let desc = Builtin(
        "desc", .data, "Inside `sort`: from large to small.",
        [Parameter("key", .anything, "what to sort by, such as `.n`")],
        example: "rows | sort desc(.n)", seesNull: true, result: { _ in .any },
        run: { .domain(Descending(value: $0.value("key"))) })

    private static func sorted(_ keys: [[Value]], _ call: Invocation) throws -> [Int] {
        var mixed = false
        let order = keys.indices.sorted { a, b in
            for (left, right) in zip(keys[a], keys[b]) {
                let isDescending = left.domain(Descending.self) != nil
                let x = left.domain(Descending.self)?.value ?? left
                let y = right.domain(Descending.self)?.value ?? right
                switch compare(x, y, isDescending: isDescending, mixed: &mixed) {
                case .orderedBefore: return true
                case .orderedAfter: return false
                case .equal: continue
                }
            }
            return a < b
        }
        if mixed {
            call.note("sort: the column holds values of different kinds; numbers come before text, text before others.")
        }
        return order
    }

    private enum Order { case orderedBefore, equal, orderedAfter }

    private static func compare(_ left: Value, _ right: Value, isDescending: Bool, mixed: inout Bool) -> Order {
        let (a, b) = (rank(left), rank(right))
        // Gaps stay last in either direction.
        if a != b {
            if a < 4, b < 4 { mixed = true }
            let before = a < b
            if a >= 4 || b >= 4 || !isDescending { return before ? .orderedBefore : .orderedAfter }
            return before ? .orderedAfter : .orderedBefore
        }
        let isLess: Bool
        let isGreater: Bool
        switch (left, right) {
        case (.number(let x), .number(let y)): (isLess, isGreater) = (x < y, y < x)
        case (.string(let x), .string(let y)): (isLess, isGreater) = (x < y, y < x)
        case (.bool(let x), .bool(let y)): (isLess, isGreater) = (!x && y, x && !y)
        case (.list(let x), .list(let y)): (isLess, isGreater) = (x.count < y.count, y.count < x.count)
        default: return .equal
        }
        if !isLess, !isGreater { return .equal }
        return isLess != isDescending ? .orderedBefore : .orderedAfter
    }

    private static func rank(_ value: Value) -> Int {
        switch value {
        case .number: 0
        case .string: 1
        case .bool: 2
        case .list, .record, .opaque: 3
        case .error: 4
        case .null: 5
        }
    }
}

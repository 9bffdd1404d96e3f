internal import Tables

/// A column that rows are sorted by. Nulls and errors come last in either direction.
struct SortKey {
    /// Below, at or above 0 as the first row comes before, with or after the second.
    private let compare: (Int, Int) -> Int
    /// Whether values of different kinds stand in the column, whose order is only a convention.
    let isMixed: Bool

    init(_ column: Column, _ isDescending: Bool) {
        let sign = isDescending ? -1 : 1
        isMixed = Self.isMixed(column)
        func withGaps(_ gaps: ColumnStorage.Gaps, _ compare: @escaping (Int, Int) -> Int) -> (Int, Int) -> Int {
            if gaps.isEmpty { return { sign * compare($0, $1) } }
            let isNull = gaps.isNull
            return { a, b in
                if isNull[a] || isNull[b] { return (isNull[a] ? 1 : 0) - (isNull[b] ? 1 : 0) }
                return sign * compare(a, b)
            }
        }
        switch column.storage {
        case .nulls: compare = { _, _ in 0 }
        case .bools(let elements, let gaps):
            compare = withGaps(gaps) { (elements[$0] ? 1 : 0) - (elements[$1] ? 1 : 0) }
        case .integers(let elements, let gaps):
            compare = withGaps(gaps) { elements[$0] == elements[$1] ? 0 : elements[$0] < elements[$1] ? -1 : 1 }
        case .doubles(let elements, _, let gaps):
            compare = withGaps(gaps) { elements[$0] == elements[$1] ? 0 : elements[$0] < elements[$1] ? -1 : 1 }
        case .texts(let texts, let gaps):
            compare = withGaps(gaps) { texts.order($0, $1) }
        case .values(let values):
            compare = { Self.order(values[$0], values[$1], sign) }
        }
    }

    /// The numbers of the rows in order; rows with equal keys keep theirs.
    static func order(_ keys: [SortKey], count: Int) -> [Int] {
        (0..<count).sorted { a, b in
            for key in keys {
                let order = key.compare(a, b)
                if order != 0 { return order < 0 }
            }
            return a < b
        }
    }

    private static func isMixed(_ column: Column) -> Bool {
        guard case .values(let values) = column.storage else { return false }
        return Set(values.map(rank).filter { $0 < 4 }).count > 1
    }

    private static func order(_ left: Value, _ right: Value, _ sign: Int) -> Int {
        let (a, b) = (rank(left), rank(right))
        // Gaps stay last in either direction.
        if a != b { return a >= 4 || b >= 4 ? a - b : sign * (a - b) }
        switch (left, right) {
        case (.number(let x), .number(let y)): return x == y ? 0 : x < y ? -sign : sign
        case (.string(let x), .string(let y)):
            return TextOrder.precedes(x, y) ? -sign : TextOrder.precedes(y, x) ? sign : 0
        case (.bool(let x), .bool(let y)): return sign * ((x ? 1 : 0) - (y ? 1 : 0))
        case (.list(let x), .list(let y)): return sign * (x.count - y.count)
        default: return 0
        }
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

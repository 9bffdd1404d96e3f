internal import PipelineSyntax
internal import Tables

/// Operators on packed columns: one loop for all rows.
///
/// Each answers nil where it knows no quick way — mixed kinds, an overflow, a division by zero — and the operator is
/// then applied value by value, which also tells what is wrong.
enum ColumnOperators {
    typealias Operand = ColumnEvaluator.Operand
    private typealias Gaps = ColumnStorage.Gaps

    static func apply(_ sign: BinaryOperator, _ left: Operand, _ right: Operand, count: Int) -> Column? {
        switch sign {
        case .and, .or: return logic(sign, left, right)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
            return compareNumbers(sign, left, right, count) ?? compareTexts(sign, left, right)
        case .add, .subtract, .multiply, .divide: return arithmetic(sign, left, right, count)
        case .coalesce, .range, .remainder: return nil
        }
    }

    static func not(_ column: Column) -> Column? {
        guard case .bools(let flags, let gaps) = column.storage else { return nil }
        return Column(.bools(flags.map { !$0 }, gaps))
    }

    static func isNull(_ column: Column, _ isNegated: Bool) -> Column? {
        switch column.storage {
        case .nulls(let count): return Column(.bools(Array(repeating: !isNegated, count: count), .none))
        case .bools(_, let gaps), .integers(_, let gaps), .doubles(_, _, let gaps), .texts(_, let gaps):
            guard !gaps.isEmpty else {
                return Column(.bools(Array(repeating: isNegated, count: column.count), .none))
            }
            return Column(.bools(isNegated ? gaps.isNull.map { !$0 } : gaps.isNull, .none))
        case .values: return nil
        }
    }

    // MARK: Numbers

    /// The numbers of an operand as doubles: of a column, or the same one for all rows.
    private struct Numbers {
        var each: [Double] = []
        var same = 0.0
        var gaps = Gaps.none
        var areWhole: Bool
        /// Set where all are whole and their exact values matter.
        var integers: [Int64] = []

        init?(_ operand: Operand) {
            switch operand {
            case .constant(.number(let number)):
                same = number.double
                if case .integer(let whole) = number {
                    guard whole.magnitude < 1 << 53 else { return nil }
                    areWhole = true
                } else {
                    areWhole = false
                }
            case .constant: return nil
            case .column(let column):
                switch column.storage {
                case .integers(let elements, let gaps):
                    // Beyond 2⁵³ two integers may be one double.
                    guard elements.allSatisfy({ $0.magnitude < 1 << 53 }) else { return nil }
                    each = elements.map(Double.init)
                    self.gaps = gaps
                    areWhole = true
                case .doubles(let elements, let isWhole, let gaps):
                    // Which of mixed numbers are whole shows in the results of arithmetic.
                    guard isWhole == nil else { return nil }
                    each = elements
                    self.gaps = gaps
                    areWhole = false
                default: return nil
                }
            }
        }
    }

    private static func compareNumbers(
        _ sign: BinaryOperator, _ left: Operand, _ right: Operand, _ count: Int
    ) -> Column? {
        guard !(left.isConstant && right.isConstant), let a = Numbers(left), let b = Numbers(right) else { return nil }
        let flags: [Bool]
        switch sign {
        case .equal: flags = zip(a, b, count) { $0 == $1 }
        case .notEqual: flags = zip(a, b, count) { $0 != $1 }
        case .less: flags = zip(a, b, count) { $0 < $1 }
        case .lessOrEqual: flags = zip(a, b, count) { $0 <= $1 }
        case .greater: flags = zip(a, b, count) { $0 > $1 }
        default: flags = zip(a, b, count) { $0 >= $1 }
        }
        return answer(sign, flags, a.gaps, b.gaps)
    }

    @inline(__always)
    private static func zip<Result>(
        _ a: Numbers, _ b: Numbers, _ count: Int, _ combine: (Double, Double) -> Result
    ) -> [Result] {
        [Result](unsafeUninitializedCapacity: count) { buffer, filled in
            a.each.withUnsafeBufferPointer { x in
                b.each.withUnsafeBufferPointer { y in
                    switch (x.isEmpty, y.isEmpty) {
                    case (false, false):
                        for row in 0..<count { buffer.initializeElement(at: row, to: combine(x[row], y[row])) }
                    case (false, true):
                        for row in 0..<count { buffer.initializeElement(at: row, to: combine(x[row], b.same)) }
                    case (true, false):
                        for row in 0..<count { buffer.initializeElement(at: row, to: combine(a.same, y[row])) }
                    case (true, true):
                        for row in 0..<count { buffer.initializeElement(at: row, to: combine(a.same, b.same)) }
                    }
                }
            }
            filled = count
        }
    }

    /// Truth values with the nulls that the sign makes: `==` answers for null as well, the others do not.
    private static func answer(_ sign: BinaryOperator, _ flags: [Bool], _ left: Gaps, _ right: Gaps) -> Column {
        if left.isEmpty, right.isEmpty { return Column(.bools(flags, .none)) }
        guard sign == .equal || sign == .notEqual else { return Column(.bools(flags, union(left, right))) }
        var flags = flags
        for row in flags.indices where left[row] || right[row] {
            flags[row] = (left[row] && right[row]) == (sign == .equal)
        }
        return Column(.bools(flags, .none))
    }

    private static func union(_ left: Gaps, _ right: Gaps) -> Gaps {
        if left.isEmpty { return right }
        if right.isEmpty { return left }
        return Gaps(isNull: left.isNull.indices.map { left.isNull[$0] || right.isNull[$0] })
    }

    private static func arithmetic(
        _ sign: BinaryOperator, _ left: Operand, _ right: Operand, _ count: Int
    ) -> Column? {
        guard !(left.isConstant && right.isConstant), let a = Numbers(left), let b = Numbers(right) else { return nil }
        let results: [Double]
        switch sign {
        case .add: results = zip(a, b, count) { $0 + $1 }
        case .subtract: results = zip(a, b, count) { $0 - $1 }
        case .multiply: results = zip(a, b, count) { $0 * $1 }
        default:
            guard b.each.isEmpty ? b.same != 0 : !b.each.contains(0) else { return nil }
            results = zip(a, b, count) { $0 / $1 }
        }
        let gaps = union(a.gaps, b.gaps)
        if a.areWhole, b.areWhole, sign != .divide {
            // Sums and products below 2⁵³ are exact as doubles; larger ones are computed as integers.
            guard results.allSatisfy({ $0.magnitude < 0x1p53 }) else { return nil }
            return Column(.integers(results.map { Int64($0) }, gaps))
        }
        guard results.allSatisfy(\.isFinite) else { return nil }
        return Column(.doubles(results, isWhole: nil, gaps))
    }

    // MARK: Texts

    private static func compareTexts(_ sign: BinaryOperator, _ left: Operand, _ right: Operand) -> Column? {
        switch (left, right) {
        case (.column(let column), .constant(.string(let text))): return compare(sign, column, text)
        case (.constant(.string(let text)), .column(let column)):
            return mirrored(sign).flatMap { compare($0, column, text) }
        case (.column(let first), .column(let second)):
            guard case .texts(let a, let gapsA) = first.storage, case .texts(let b, let gapsB) = second.storage else {
                return nil
            }
            let flags = a.bytes.withUnsafeBytes { x in
                b.bytes.withUnsafeBytes { y in
                    (0..<a.count).map { row in
                        holds(sign, order(x[a.range(row)], y[b.range(row)]))
                    }
                }
            }
            return answer(sign, flags, gapsA, gapsB)
        default: return nil
        }
    }

    private static func compare(_ sign: BinaryOperator, _ column: Column, _ text: String) -> Column? {
        guard case .texts(let texts, let gaps) = column.storage else { return nil }
        var text = text
        let isEquality = sign == .equal || sign == .notEqual
        let flags = text.withUTF8 { text in
            let wanted = UnsafeRawBufferPointer(text)[...]
            return texts.bytes.withUnsafeBytes { bytes in
                (0..<texts.count).map { row in
                    let range = texts.range(row)
                    if isEquality, range.count != wanted.count { return sign == .notEqual }
                    return holds(sign, order(bytes[range], wanted))
                }
            }
        }
        return answer(sign, flags, gaps, .none)
    }

    /// The sign that says the same with its sides exchanged.
    private static func mirrored(_ sign: BinaryOperator) -> BinaryOperator? {
        switch sign {
        case .equal, .notEqual: sign
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        default: nil
        }
    }

    /// Below, at or above 0 as the first text comes before, is, or comes after the second, by bytes.
    private static func order(_ a: Slice<UnsafeRawBufferPointer>, _ b: Slice<UnsafeRawBufferPointer>) -> Int {
        let shared = min(a.count, b.count)
        for index in 0..<shared {
            let (x, y) = (a[a.startIndex + index], b[b.startIndex + index])
            if x != y { return x < y ? -1 : 1 }
        }
        return a.count - b.count
    }

    private static func holds(_ sign: BinaryOperator, _ order: Int) -> Bool {
        switch sign {
        case .equal: order == 0
        case .notEqual: order != 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        default: order >= 0
        }
    }

    // MARK: Logic

    private static func logic(_ sign: BinaryOperator, _ left: Operand, _ right: Operand) -> Column? {
        guard case .column(let first) = left, case .bools(let a, let gapsA) = first.storage,
            case .column(let second) = right, case .bools(let b, let gapsB) = second.storage
        else { return nil }
        let decisive = sign == .or
        if gapsA.isEmpty, gapsB.isEmpty {
            return Column(.bools(a.indices.map { decisive ? a[$0] || b[$0] : a[$0] && b[$0] }, .none))
        }
        var flags: [Bool] = []
        var isNull: [Bool] = []
        for row in a.indices {
            let isDecided = (!gapsA[row] && a[row] == decisive) || (!gapsB[row] && b[row] == decisive)
            flags.append(isDecided ? decisive : !decisive)
            isNull.append(!isDecided && (gapsA[row] || gapsB[row]))
        }
        return Column(.bools(flags, Gaps(isNull: isNull)))
    }
}

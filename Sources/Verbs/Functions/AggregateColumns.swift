internal import Tables

/// Aggregates of packed columns: one pass over the rows for all groups.
///
/// Each answers nil for columns that it does not know; the aggregate is then computed group by group.
enum AggregateColumns {
    static func count(_ column: Column, _ groups: RowGroups) -> Column? {
        guard let isGap = gaps(column) else { return nil }
        var counts = [Int64](repeating: 0, count: groups.count)
        for (row, group) in groups.groupOfRow.enumerated() where !isGap[row] { counts[Int(group)] += 1 }
        return Column(.integers(counts, .none))
    }

    static func sum(_ column: Column, _ groups: RowGroups) -> Column? {
        switch column.storage {
        case .integers(let elements, let gaps):
            var sums = [Int64](repeating: 0, count: groups.count)
            for (row, group) in groups.groupOfRow.enumerated() where !gaps[row] {
                let (sum, didOverflow) = sums[Int(group)].addingReportingOverflow(elements[row])
                if didOverflow { return nil }
                sums[Int(group)] = sum
            }
            return Column(.integers(sums, .none))
        case .doubles(_, nil, _):
            guard let (sums, counts) = sums(column, groups), !counts.contains(0), sums.allSatisfy(\.isFinite) else {
                return nil
            }
            return Column(.doubles(sums, isWhole: nil, .none))
        default: return nil
        }
    }

    static func mean(_ column: Column, _ groups: RowGroups) -> Column? {
        guard let (sums, counts) = sums(column, groups), sums.allSatisfy(\.isFinite) else { return nil }
        let isNull = counts.map { $0 == 0 }
        let means = zip(sums, counts).map { $1 == 0 ? 0 : $0 / Double($1) }
        return Column(.doubles(means, isWhole: nil, isNull.contains(true) ? .init(isNull: isNull) : .none))
    }

    static func smallest(_ column: Column, _ groups: RowGroups) -> Column? { extreme(column, groups) { $0 < $1 } }

    static func largest(_ column: Column, _ groups: RowGroups) -> Column? { extreme(column, groups) { $0 > $1 } }

    private static func sums(_ column: Column, _ groups: RowGroups) -> ([Double], [Int])? {
        var sums = [Double](repeating: 0, count: groups.count)
        var counts = [Int](repeating: 0, count: groups.count)
        func add(_ gaps: ColumnStorage.Gaps, _ element: (Int) -> Double) {
            for (row, group) in groups.groupOfRow.enumerated() where !gaps[row] {
                sums[Int(group)] += element(row)
                counts[Int(group)] += 1
            }
        }
        switch column.storage {
        case .integers(let elements, let gaps): add(gaps) { Double(elements[$0]) }
        case .doubles(let elements, _, let gaps): add(gaps) { elements[$0] }
        case .bools(let elements, let gaps): add(gaps) { elements[$0] ? 1 : 0 }
        default: return nil
        }
        return (sums, counts)
    }

    /// The row of each group whose element comes first; the column's own values at these rows.
    private static func extreme(
        _ column: Column, _ groups: RowGroups, _ precedes: (Double, Double) -> Bool
    ) -> Column? {
        var best = [Int](repeating: -1, count: groups.count)
        func choose(_ gaps: ColumnStorage.Gaps, _ element: (Int) -> Double) {
            for (row, group) in groups.groupOfRow.enumerated() where !gaps[row] {
                let known = best[Int(group)]
                if known < 0 || precedes(element(row), element(known)) { best[Int(group)] = row }
            }
        }
        switch column.storage {
        case .integers(let elements, let gaps) where elements.allSatisfy({ $0.magnitude < 1 << 53 }):
            choose(gaps) { Double(elements[$0]) }
        case .doubles(let elements, _, let gaps): choose(gaps) { elements[$0] }
        default: return nil
        }
        return best.contains(-1) ? nil : column.selecting(best)
    }

    /// True where a row is null or an error; nil where the column is not packed.
    private static func gaps(_ column: Column) -> ColumnStorage.Gaps? {
        switch column.storage {
        case .bools(_, let gaps), .integers(_, let gaps), .doubles(_, _, let gaps), .texts(_, let gaps): gaps
        case .nulls, .values: nil
        }
    }
}

/// Two texts compared line by line: the shortest edit script (Myers, as in `CollectionDifference`), with a little of
/// what is equal around each change.
public enum LineDifference {
    /// A line of the comparison.
    public enum Line: Sendable, Equatable {
        case same(String), removed(String), added(String)
        /// So many equal lines are left out.
        case gap(Int)
    }

    /// - Parameter context: how many equal lines are kept around a change.
    public static func between(_ old: String, _ new: String, context: Int = 2) -> [Line] {
        let before = old.isEmpty ? [] : old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let after = new.isEmpty ? [] : new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for change in after.difference(from: before) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var lines: [Line] = []
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if left < before.count, removed.contains(left) {
                lines.append(.removed(before[left]))
                left += 1
            } else if right < after.count, added.contains(right) {
                lines.append(.added(after[right]))
                right += 1
            } else {
                lines.append(.same(before[left]))
                left += 1
                right += 1
            }
        }
        return shortened(lines, context)
    }

    private static func shortened(_ lines: [Line], _ context: Int) -> [Line] {
        func isSame(_ line: Line) -> Bool { if case .same = line { true } else { false } }
        let changes = lines.indices.filter { !isSame(lines[$0]) }
        var kept: Set<Int> = []
        for change in changes { kept.formUnion(max(0, change - context)...min(lines.count - 1, change + context)) }
        var result: [Line] = []
        var skipped = 0
        for (index, line) in lines.enumerated() {
            if kept.contains(index) {
                if skipped > 0 { result.append(.gap(skipped)) }
                skipped = 0
                result.append(line)
            } else {
                skipped += 1
            }
        }
        return result
    }
}

internal import OrderedCollections

/// Divides rows into parts, the same way for the same seed.
public enum Split {
    /// The rows' numbers for each part, in the rows' order.
    ///
    /// Within each stratum the rows are shuffled by a stream keyed by seed and stratum, then dealt out in
    /// proportion; remainders are carried from stratum to stratum, so that the totals are right to one row.
    /// - Parameters:
    ///   - shares: a positive share for each part; they are taken relative to their sum where it is over 1.
    ///   - strata: for each row, the stratum it belongs to (all the same for a plain split).
    public static func parts(shares: [Double], strata: [String], seed: Int) -> [[Int]] {
        var groups: OrderedDictionary<String, [Int]> = [:]
        for (row, stratum) in strata.enumerated() { groups[stratum, default: []].append(row) }
        let sum = shares.reduce(0, +)
        if sum < 1 - 1e-9 {
            // Rows that no part wants are a part of their own, so that remainders come out right; it is thrown away.
            return Array(parts(shares: shares + [1 - sum], strata: strata, seed: seed).dropLast())
        }
        let scaled = shares.map { $0 / sum }
        var parts: [[Int]] = Array(repeating: [], count: shares.count)
        var owed = Array(repeating: 0.0, count: shares.count)
        for (stratum, rows) in groups {
            var random = RandomStream(seed: seed, key: stratum)
            var order = random.permutation(rows.count).map { rows[$0] }[...]
            for index in shares.indices { owed[index] += scaled[index] * Double(rows.count) }
            var counts = owed.map { max(0, Int($0 + 1e-9)) }
            // Whole rows that the rounding left over go to the parts that are owed most.
            var left = rows.count - counts.reduce(0, +)
            let byNeed = shares.indices.sorted {
                (owed[$1] - Double(counts[$1]), $0) < (owed[$0] - Double(counts[$0]), $1)
            }
            for index in byNeed where left > 0 {
                counts[index] += 1
                left -= 1
            }
            for index in shares.indices {
                let taken = order.prefix(counts[index])
                parts[index].append(contentsOf: taken)
                order = order.dropFirst(taken.count)
                owed[index] -= Double(taken.count)
            }
        }
        return parts.map { $0.sorted() }
    }
}

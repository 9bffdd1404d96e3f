/// Holm's correction (1979) for several tests at once: the chance that any of them is a false alarm stays at the level
/// of one, whatever the tests have to do with one another.
public enum Holm {
    /// The p-values as they count among all: the smallest times m, the next times m − 1, and so on, never falling and
    /// never over 1.
    /// - Parameter p: nil where a test could not be made; it stays nil and is not counted among the m.
    public static func adjusted(_ p: [Double?]) -> [Double?] {
        let order = p.indices.filter { p[$0].map { !$0.isNaN } ?? false }
            .sorted { (p[$0] ?? 1, $0) < (p[$1] ?? 1, $1) }
        var result: [Double?] = Array(repeating: nil, count: p.count)
        var least = 0.0
        for (rank, index) in order.enumerated() {
            least = max(least, min(1, (p[index] ?? 1) * Double(order.count - rank)))
            result[index] = least
        }
        return result
    }
}

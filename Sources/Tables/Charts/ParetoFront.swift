/// Which of several offers are worth a look: those that no other one beats (Pareto 1906).
public enum ParetoFront {
    /// The points that are not dominated, where less x (cost) and more y (quality) is better.
    ///
    /// A point is dominated where another has no more x and no less y, and is better in one of the two. Of equal points
    /// none dominates the other.
    /// - Returns: places in `points` with rising x; points that are no numbers are on no front.
    /// - Complexity: O(n log n).
    public static func indices(of points: [(x: Double, y: Double)]) -> [Int] {
        let order = points.indices.filter { !points[$0].x.isNaN && !points[$0].y.isNaN }.sorted { a, b in
            let (a, b) = ((points[a], a), (points[b], b))
            if a.0.x != b.0.x { return a.0.x < b.0.x }
            if a.0.y != b.0.y { return a.0.y > b.0.y }
            return a.1 < b.1
        }
        var front: [Int] = []
        for index in order {
            guard let best = front.last.map({ points[$0] }) else {
                front.append(index)
                continue
            }
            let point = points[index]
            if point.y > best.y || (point.y == best.y && point.x == best.x) { front.append(index) }
        }
        return front
    }
}

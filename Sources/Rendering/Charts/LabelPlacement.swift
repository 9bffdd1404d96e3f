/// Where the names of points stand in a picture: beside their point, over no other name and no other point.
struct LabelPlacement {
    /// A rectangle from its top left.
    struct Box {
        var x: Double
        var y: Double
        var width: Double
        var height: Double

        func overlaps(_ other: Box) -> Bool {
            x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
        }

        func contains(_ other: Box) -> Bool {
            other.x >= x && other.y >= y && other.x + other.width <= x + width && other.y + other.height <= y + height
        }
    }

    /// A side of its point on which a name stands.
    enum Side: String, CaseIterable {
        case right, left, above, below, aboveRight, belowRight, aboveLeft, belowLeft

        var isAbove: Bool { self == .above || self == .aboveRight || self == .aboveLeft }
        var isBelow: Bool { self == .below || self == .belowRight || self == .belowLeft }
        /// Whether the name begins at the point, ends at it, or stands over its middle (nil).
        var begins: Bool? {
            switch self {
            case .right, .aboveRight, .belowRight: true
            case .left, .aboveLeft, .belowLeft: false
            case .above, .below: nil
            }
        }
    }

    /// A point with the size of its name.
    struct Item {
        let x: Double
        let y: Double
        let width: Double
        let height: Double
    }

    /// More points than these are not looked at: names among so many cannot be read anyway.
    private static let mostObstacles = 2_000

    /// The side for each name, nil where there is no room. Names that come first choose first.
    /// - Parameters:
    ///   - points: all points of the picture, in the same measure.
    ///   - radius: of a point.
    ///   - lines: level and upright lines that no name may cover.
    ///   - bounds: what no name may leave.
    static func sides(
        of items: [Item], among points: [(x: Double, y: Double)], radius: Double, lines: [Box] = [],
        within bounds: Box
    ) -> [Side?] {
        let marks =
            lines
            + points.prefix(mostObstacles).map {
                Box(x: $0.x - radius, y: $0.y - radius, width: 2 * radius, height: 2 * radius)
            }
        var taken: [Box] = []
        return items.map { item in
            for side in Side.allCases {
                let box = box(item, side, radius)
                guard bounds.contains(box), !taken.contains(where: box.overlaps), !marks.contains(where: box.overlaps)
                else { continue }
                taken.append(box)
                return side
            }
            return nil
        }
    }

    /// The rectangle of a name on a side of its point.
    static func box(_ item: Item, _ side: Side, _ radius: Double) -> Box {
        let gap = radius + 3
        let isBeside = side == .right || side == .left
        let x =
            switch side.begins {
            case true?: item.x + (isBeside ? gap : 6)
            case false?: item.x - (isBeside ? gap : 6) - item.width
            case nil: item.x - item.width / 2
            }
        let y =
            side.isAbove
            ? item.y - gap - item.height : side.isBelow ? item.y + gap : item.y - item.height / 2
        return Box(x: x, y: y, width: item.width, height: item.height)
    }
}

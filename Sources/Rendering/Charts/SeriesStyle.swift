/// What tells a series from the others besides its colour, the same in images and Vega-Lite: its line's dashes, its
/// points' shape, its bars' hatching.
///
/// The three repeat after 5, 7 and 5 series, the colours after 6, so that no two of many series look alike.
struct SeriesStyle {
    /// The shape of a point, by Vega's names.
    enum Shape: String, CaseIterable {
        case circle, square
        case triangle = "triangle-up"
        case diamond, cross
        case triangleDown = "triangle-down"
        case triangleLeft = "triangle-left"
    }

    /// The lines over a bar's colour.
    enum Hatch: CaseIterable { case none, rising, falling, crossed, level }

    private static let dashes: [[Double]] = [[], [7, 4], [2, 3.5], [9, 3, 2, 3], [14, 4]]

    let number: Int

    init(_ number: Int) { self.number = number }

    /// Lengths on and off in points; none is a whole line.
    var dash: [Double] { Self.dashes[number % Self.dashes.count] }

    var shape: Shape { Shape.allCases[number % Shape.allCases.count] }

    var hatch: Hatch { Hatch.allCases[number % Hatch.allCases.count] }

    /// `#RRGGBB`.
    var colour: String { ChartPalette.colour(number) }
}

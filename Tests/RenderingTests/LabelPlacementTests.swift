import Testing

@testable import Rendering

@Suite struct LabelPlacementTests {
    private let bounds = LabelPlacement.Box(x: 0, y: 0, width: 400, height: 200)

    @Test func aNameStandsAtTheRightWhereThereIsRoom() {
        let item = LabelPlacement.Item(x: 100, y: 100, width: 50, height: 12)
        #expect(LabelPlacement.sides(of: [item], among: [(100, 100)], radius: 4, within: bounds) == [.right])
    }

    @Test func aNameLeavesNeitherThePictureNorCoversALine() {
        let item = LabelPlacement.Item(x: 390, y: 100, width: 50, height: 12)
        #expect(LabelPlacement.sides(of: [item], among: [(390, 100)], radius: 4, within: bounds) == [.left])
        let line = LabelPlacement.Box(x: 0, y: 99.5, width: 400, height: 1)
        let sides = LabelPlacement.sides(of: [item], among: [(390, 100)], radius: 4, lines: [line], within: bounds)
        #expect(sides == [.aboveLeft])
    }

    @Test func noNamesOverlapAndWhoComesFirstChoosesFirst() {
        let points = (0..<80).map { index -> (x: Double, y: Double) in
            (Double(index * 37 % 400), Double(index * 53 % 200))
        }
        let items = points.map { LabelPlacement.Item(x: $0.x, y: $0.y, width: 60, height: 12) }
        let sides = LabelPlacement.sides(of: items, among: points, radius: 4, within: bounds)
        let boxes = zip(items, sides).compactMap { item, side in side.map { LabelPlacement.box(item, $0, 4) } }
        #expect(boxes.count > 5 && boxes.count < 80)
        for (index, box) in boxes.enumerated() {
            #expect(bounds.contains(box))
            for other in boxes.dropFirst(index + 1) { #expect(!box.overlaps(other)) }
        }
    }
}

@Suite struct SeriesStyleTests {
    @Test func noTwoOfManySeriesLookAlike() {
        let styles = (0..<30).map(SeriesStyle.init)
        #expect(Set(styles.map { "\($0.colour) \($0.dash)" }).count == 30)
        #expect(Set(styles.map { "\($0.colour) \($0.shape)" }).count == 30)
        #expect(Set(styles.map { "\($0.colour) \($0.hatch)" }).count == 30)
    }

    /// Relative luminance and contrast: WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
    @Test func numbersInCellsAreReadOnEveryShade() {
        var last = 2.0
        for step in 0...100 {
            let share = Double(step) / 100
            let paper = luminance(ChartPalette.shade(share))
            let ink = ChartPalette.isDark(share) ? 1 : luminance("#000000")
            let contrast = (max(paper, ink) + 0.05) / (min(paper, ink) + 0.05)
            #expect(contrast >= 4.4, "\(share): \(contrast)")
            #expect(paper <= last)
            last = paper
        }
    }

    private func luminance(_ hex: String) -> Double {
        let colour = ImageCanvas.Colour(hex)
        func linear(_ part: Double) -> Double {
            // The curve's power of 2.4 between its end points, by a series that is exact enough here.
            part <= 0.04045 ? part / 12.92 : power((part + 0.055) / 1.055)
        }
        return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue)
    }

    /// x to 2.4 as x² · (x²)^(1/5).
    private func power(_ x: Double) -> Double {
        let square = x * x
        var root = 1.0
        for _ in 0..<60 { root -= (root * root * root * root * root - square) / (5 * root * root * root * root) }
        return square * root
    }
}

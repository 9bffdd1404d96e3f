import Testing

@testable import Tables

@Suite struct HistogramTests {
    private static let wholes: [(values: [Double], low: Double, width: Double, counts: [Int])] = [
        ([0, 1, 1, 3], 0, 1, [1, 2, 0, 1]), ([-2, 2], -2, 1, [1, 0, 0, 0, 1]), ([7, 7], 7, 1, [2]),
        ([0, 100], 0, 5, [1] + Array(repeating: 0, count: 19) + [1]), ([3], 3, 1, [1]),
    ]

    @Test(arguments: wholes) func wholeNumbersGetABinEachWhereThereIsRoom(
        _ example: (values: [Double], low: Double, width: Double, counts: [Int])
    ) throws {
        let histogram = try #require(Histogram(of: example.values))
        #expect(histogram.bins == Chart.Bins(width: example.width, areWhole: true))
        #expect(histogram.edges.first == example.low && histogram.counts == example.counts)
    }

    @Test func valuesOnAnEdgeOpenTheirBinAndTheHighestOneClosesTheLast() throws {
        // 0.3 / 0.1 is a hair below 3.
        let histogram = try #require(Histogram(of: [0, 0.1, 0.2, 0.3, 0.35, 0.5], about: 5))
        #expect(histogram.bins.width == 0.1 && histogram.counts == [1, 1, 1, 2, 1])
    }

    @Test(arguments: [1, 7, 100, 10_000]) func noValueIsLostAndBinsAreNotTooMany(_ n: Int) throws {
        let values = (0..<n).map { Double($0 * 7919 % 10_007) / 997 - 3 }
        let histogram = try #require(Histogram(of: values))
        #expect(histogram.counts.reduce(0, +) == n && histogram.counts.count <= 27)
        #expect(histogram.edges.count == histogram.counts.count)
        // Each bin holds what lies between its edges.
        for (edge, count) in zip(histogram.edges.dropLast(), histogram.counts) {
            #expect(count == values.count { $0 >= edge - 1e-12 && $0 < edge + histogram.bins.width - 1e-12 })
        }
    }

    @Test func countsAreThoseOfNumpy() throws {
        let histogram = try #require(Histogram(of: (0..<1_000).map { Double($0 * 7919 % 10_007) / 997 - 3 }))
        #expect(histogram.edges == CountingReference.edges && histogram.counts == CountingReference.counts)
    }

    @Test func anyNumbersHaveBins() {
        let examples: [[Double]] = [
            [0.5, 0.5], [-1e300, 1e300], [0, .leastNonzeroMagnitude], [1, 1 + 1e-15], [-0.0, 0], [1e16, 1e16 + 2],
            [1e300], [-1, 1e12], [.nan, 1], [1e-300, 2e-300],
        ]
        for values in examples {
            for bins in [nil, 1, 200] {
                let histogram = Histogram(of: values, about: bins)
                #expect(histogram?.counts.reduce(0, +) == values.count { !$0.isNaN }, "\(values)")
                #expect((histogram?.bins.width ?? 0) > 0, "\(values)")
                #expect((histogram?.counts.count ?? 0) <= 402, "\(values)")
            }
        }
        #expect(Histogram(of: [Double]()) == nil && Histogram(of: [.infinity]) == nil)
    }

    @Test func whatIsNoNumberIsCounted() {
        let chart = Histogram.chart(of: [1, .bool(true), .null, "x", .error(RowError("late"))], xLabel: "score")
        #expect(chart.series[0].points == [Chart.Point(x: .quantity(1), y: 2)])
        #expect(chart.leftOut == 3 && chart.caption == "3 of 5 without a value, left out.")
        #expect(chart.notes == ["n = 2; one bin for each whole number"])
        #expect(chart.summary == "a histogram: score, 2 values, 3 left out")
    }
}

@Suite struct ParetoFrontTests {
    @Test func aPointIsOnTheFrontWhereNoOtherOneIsBetter() {
        #expect(ParetoFront.indices(of: [(1, 0.5), (2, 0.7), (3, 0.6), (0.5, 0.1), (2, 0.65)]) == [3, 0, 1])
        #expect(ParetoFront.indices(of: []) == [])
    }

    @Test func equalPointsAreOnItTogether() {
        #expect(ParetoFront.indices(of: [(1, 1), (1, 1), (1, 0.9), (2, 1)]) == [0, 1])
    }

    @Test func whatIsNoNumberIsOnNoFront() {
        #expect(ParetoFront.indices(of: [(.nan, 2), (1, .nan), (1, 1)]) == [2])
    }

    @Test func theFrontIsWhatTheDefinitionSays() {
        for seed in 0..<40 {
            let points = (0..<60).map { index in
                (x: Double((index * 7919 + seed * 104_729) % 23), y: Double((index * 31 + seed * 7) * (index + 1) % 19))
            }
            let wanted = points.indices.filter { index in
                !points.contains { other in
                    other.x <= points[index].x && other.y >= points[index].y
                        && (other.x < points[index].x || other.y > points[index].y)
                }
            }
            #expect(Set(ParetoFront.indices(of: points)) == Set(wanted), "seed \(seed)")
        }
    }
}

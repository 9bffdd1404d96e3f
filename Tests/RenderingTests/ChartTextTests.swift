import Tables
import Testing

@testable import Rendering

private func text(_ chart: Chart, _ width: Int) -> String {
    ValueText.render(.domain(chart), style: TextStyle(width: width))
}

@Suite struct ChartTextTests {
    @Test(arguments: ChartSnapshots.all + ChartSnapshots.kinds) func aChartIsDrawnAsBefore(
        _ snapshot: ChartSnapshots.Snapshot
    ) {
        let drawn = text(snapshot.chart, snapshot.width)
        #expect(drawn == snapshot.text, "\n\(drawn)")
    }

    @Test(arguments: [30, 33, 40, 80, 100, 200]) func noLineIsWiderThanThePage(_ width: Int) {
        for chart in SampleCharts.all + SampleCharts.kinds {
            for line in text(chart, width).split(separator: "\n") {
                #expect(TextWidth.of(line) <= width, "\(line)")
            }
        }
    }

    @Test func valuesThatAreNoNumbersAreLeftOutAndCounted() {
        let series = Chart.Series(
            name: "y",
            points: [Value.null, .error(RowError("late")), 1, .bool(true), "x"].map {
                Chart.Point(x: 1, y: $0)
            })
        let chart = Chart(mark: .points, xLabel: "x", yLabel: "y", series: [series])
        #expect(chart.pointCount == 2 && chart.leftOut == 3)
        #expect(chart.summary == "a chart of points: y by x, 2 values, 3 left out")
        #expect(text(chart, 100).hasSuffix("\n3 of 5 without a value, left out."))
    }

    @Test func aChartComesBackFromItsState() throws {
        var codec = ValueCodec()
        codec.register(Chart.tag, Chart.decode)
        for chart in SampleCharts.all + SampleCharts.kinds {
            var encoder = ValueEncoder(blobs: DiscardingBlobs(), blobLimit: .max)
            let state = try encoder.encode(.domain(chart))
            let read = try codec.decode(JSON.parse(JSON.text(state)), blobs: DiscardingBlobs())
            #expect(read.domain(Chart.self) == chart)
        }
    }

    @Test func aChartThatAnOlderVersionSavedStillOpens() throws {
        let state = """
            {"mark": "line", "title": null, "x": "step", "y": "loss", "range": null, "series": [{"name": "loss",
            "left_out": 1, "x": [1, 2], "y": [2.5, 2], "intervals": null}]}
            """
        let chart = try #require(
            try Chart.decode(JSON.parse(state), codec: ValueCodec(), blobs: DiscardingBlobs()).domain(Chart.self))
        #expect(chart.mark == .line && chart.leftOut == 1 && chart.notes.isEmpty && chart.bins == nil)
        #expect(!chart.marksFront && chart.series[0].points.allSatisfy { $0.label == nil })
    }

    @Test func whatIsLeftOutOfSeveralSeriesIsToldBySeries() {
        let chart = Chart(
            mark: .line, xLabel: "x", yLabel: "y",
            series: [
                Chart.Series(name: "train", points: [Chart.Point(x: .quantity(1), y: 1)]),
                Chart.Series(name: "validation", points: [nil, nil]),
            ])
        #expect(chart.caption == "2 of 3 without a value, left out (validation 2).")
    }

    @Test func aBarForANameThatComesAgainIsNotHidden() {
        let points = [1, 2].map { Chart.Point(x: .string("a"), y: .integer($0)) }
        let chart = Chart(mark: .bars, xLabel: "x", yLabel: "y", series: [Chart.Series(name: "y", points: points)])
        #expect(chart.series[0].points.map(\.x) == [.category("a"), .category("a (2)")])
    }
}

@Suite struct ChartScaleTests {
    private static let examples: [(values: [Double], labels: String)] = [
        ([0, 0.853], "0.0 0.2 0.4 0.6 0.8 1.0"), ([-12, 31], "-20 -10 0 10 20 30 40"),
        ([0.7, 0.7], "0.60 0.65 0.70 0.75 0.80"), ([2e-9, 9e-9], "2e-9 4e-9 6e-9 8e-9 1e-8"),
        ([0, 2.5e10], "0 5e9 1e10 1.5e10 2e10 2.5e10"), ([1, 2, 3], "1 2 3"), ([1, 1 + 1e-15], "0.0 0.5 1.0 1.5 2.0"),
    ]

    @Test(arguments: examples) func ticksAreRoundNumbers(_ example: (values: [Double], labels: String)) {
        let scale = ChartScale(example.values, ends: .round, about: 5)
        #expect(scale.ticks.map(scale.label).joined(separator: " ") == example.labels)
    }

    @Test func anyNumbersHaveAScale() {
        let examples: [[Double]] = [
            [], [0], [-1e300, 1e300], [.leastNonzeroMagnitude, 2 * .leastNonzeroMagnitude], [-0.0, 0], [1e300, 1e300],
        ]
        for values in examples {
            let scale = ChartScale(values, ends: .round, about: 6)
            #expect(scale.low < scale.high && scale.ticks.count <= 14, "\(values): \(scale.ticks)")
            for value in values { #expect((0...1).contains(scale.share(value)), "\(value)") }
        }
    }
}

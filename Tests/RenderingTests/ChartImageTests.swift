import Tables
import Testing

@testable import Rendering

@Suite struct ChartImageTests {
    @Test func anImageIsAPNGOfTwoPixelsAPoint() throws {
        for chart in SampleCharts.all {
            let bytes = try #require(ChartPNG.render(chart))
            #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            // The header chunk comes first: width and height, big-endian.
            #expect(bytes[16..<20].reduce(0) { $0 << 8 | Int($1) } == 1_280)
            #expect(bytes[20..<24].reduce(0) { $0 << 8 | Int($1) } > 100)
        }
    }

    @Test func theSameChartHasTheSameBytes() {
        for chart in SampleCharts.all { #expect(ChartPNG.render(chart) == ChartPNG.render(chart)) }
    }

    @Test func whatIsInAChartIsToBeSeen() throws {
        // A page of one colour compresses to next to nothing; each chart adds its own ink.
        let blank = try #require(ImageCanvas(width: 640, height: 380, scale: 2)?.png())
        let empty = try #require(ChartPNG.render(SampleCharts.empty))
        let losses = try #require(ChartPNG.render(SampleCharts.losses))
        #expect(blank.count < empty.count && empty.count * 2 < losses.count)
    }

    @Test(arguments: [("", ""), ("M", "TQ=="), ("Ma", "TWE="), ("Man", "TWFu"), ("light w", "bGlnaHQgdw==")])
    func bytesBecomeTextAsTheStandardHasIt(_ plain: String, _ encoded: String) {
        #expect(Base64.text(Array(plain.utf8)) == encoded)
    }
}

@Suite struct ChartVegaTests {
    @Test func aSpecificationHasThePointsAndTheMarks() throws {
        let bars = ChartVega.specification(of: SampleCharts.models)
        #expect(bars[field: "$schema"] == "https://vega.github.io/schema/vega-lite/v5.json")
        #expect(marks(bars) == ["bar", "rule"])
        #expect(
            try #require(bars[field: "data"][field: "values"].list)[1] == [
                "series": "correct", "x": "tuned", "y": 0.733, "low": 0.681, "high": 0.78,
            ])
        let line = ChartVega.specification(of: SampleCharts.losses)
        #expect(marks(line) == ["line"])
        #expect(line[field: "data"][field: "values"].list?.count == 995)
        #expect(line[field: "encoding"][field: "x"][field: "type"] == "quantitative")
        #expect(marks(ChartVega.specification(of: SampleCharts.points)) == ["point", "rule"])
    }

    @Test func textsInAChartAreDataAndNeverCode() {
        let text = "</script><b>\"${x}\\u0022"
        let chart = Chart(
            mark: .bars, title: text, xLabel: text, yLabel: text,
            series: [Chart.Series(name: text, points: [Chart.Point(x: .category(text), y: 1)])])
        let specification = ChartVega.specification(of: chart)
        #expect(specification[field: "title"][field: "text"] == .string(text))
        #expect(specification[field: "encoding"][field: "y"][field: "field"] == "x")
    }

    private func marks(_ specification: Value) -> [String] {
        (specification[field: "layer"].list ?? []).compactMap { $0[field: "mark"][field: "type"].text }
    }
}

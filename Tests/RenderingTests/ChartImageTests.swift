import Tables
import Testing

@testable import Rendering

@Suite struct ChartImageTests {
    @Test func anImageIsAPNGOfTwoPixelsAPoint() throws {
        for chart in SampleCharts.all + SampleCharts.kinds {
            let bytes = try #require(ChartPNG.render(chart))
            #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            // The header chunk comes first: width and height, big-endian.
            #expect((1_280...1_500).contains(bytes[16..<20].reduce(0) { $0 << 8 | Int($1) }))
            #expect((100..<2_000).contains(bytes[20..<24].reduce(0) { $0 << 8 | Int($1) }))
        }
    }

    @Test func aTableWithLargeNumbersIsAsWideAsTheyNeed() throws {
        let series = (0..<14).map { row in
            Chart.Series(
                name: "label \(row)",
                points: (0..<14).map { Chart.Point(x: .category("label \($0)"), y: Double(1_000_000 + row * $0)) })
        }
        let bytes = try #require(
            ChartPNG.render(Chart(mark: .matrix, xLabel: "answer", yLabel: "truth", series: series)))
        #expect(bytes[16..<20].reduce(0) { $0 << 8 | Int($1) } > 1_280)
    }

    @Test func theSameChartHasTheSameBytes() {
        for chart in SampleCharts.all + SampleCharts.kinds { #expect(ChartPNG.render(chart) == ChartPNG.render(chart)) }
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
        #expect(marks(bars) == ["bar", "rule", "tick", "tick", "rule", "tick", "tick", "text"])
        #expect(
            try #require(bars[field: "data"][field: "values"].list)[1] == [
                "series": "correct", "x": "tuned", "y": 0.733, "low": 0.681, "high": 0.78,
                "text": "0.733 [0.681, 0.780]",
            ])
        let line = ChartVega.specification(of: SampleCharts.losses)
        #expect(marks(line) == ["line", "point"])
        #expect(line[field: "data"][field: "values"].list?.count == 995)
        #expect(line[field: "encoding"][field: "x"][field: "type"] == "quantitative")
        #expect(marks(ChartVega.specification(of: SampleCharts.points)) == ["point", "rule", "tick", "tick"])
    }

    @Test func seriesAreToldApartWithoutColour() {
        let lines = ChartVega.specification(of: SampleCharts.losses)
        let dashes = layer(lines, "line")[field: "encoding"][field: "strokeDash"][field: "scale"][field: "range"]
        #expect(dashes == [[1, 0], [7, 4]])
        let shapes = layer(lines, "point")[field: "encoding"][field: "shape"][field: "scale"][field: "range"]
        #expect(shapes == ["circle", "square"])
        // Some points of each line have a mark, not all.
        let marked = (lines[field: "data"][field: "values"].list ?? []).filter { $0[field: "marked"].bool == true }
        #expect((8...20).contains(marked.count) && Set(marked.map { $0[field: "series"] }).count == 2)
        let bars = ChartVega.specification(of: SampleCharts.changes)
        #expect(
            (bars[field: "data"][field: "values"].list ?? []).map { $0[field: "text"] }
                == ["-12  tuned", "31  tuned", "4  cora"])
    }

    @Test func aHistogramHasItsEdgesAndItsNotes() throws {
        let chart = ChartVega.specification(of: SampleCharts.scores)
        #expect(marks(chart) == ["rect", "text"])
        let first = try #require(chart[field: "data"][field: "values"].list?.first)
        #expect(first == ["y": 27, "series": "polite", "x": -0.5, "x2": 0.5, "text": "0"])
        #expect(
            chart[field: "title"][field: "subtitle"]
                == ["n = 297; one bin for each whole number", "3 of 300 without a value, left out."])
        // Without a title there would be no subtitle either.
        #expect(
            ChartVega.specification(of: SampleCharts.seconds)[field: "title"][field: "text"]
                == ["n = 1000; bins of 0.2, each from its low edge up to the next"])
    }

    @Test func theParetoFrontIsDrawnAndEveryNameStandsOnASide() {
        let chart = ChartVega.specification(of: SampleCharts.offers)
        #expect(marks(chart).prefix(6) == ["line", "rule", "tick", "tick", "point", "point"])
        let values = chart[field: "data"][field: "values"].list ?? []
        #expect(
            values.filter { $0[field: "front"].bool == true }.map { $0[field: "label"] }
                == ["tuned", "gpt-4.1-mini", "cora"])
        #expect(values.allSatisfy { $0[field: "side"].text != nil })
    }

    @Test func labelsThatWereWrittenTogetherAgreeOnlyWhereTheyReallyDo() {
        let pairs: [(truth: Value, prediction: Value)] = [
            ("a", "a"), ("a", "a"), ("b", "c"), ("c", "c"), ("d", "e"), ("d", "a"),
        ]
        let frame = MatrixFrame(ConfusionMatrix(pairs, labels: 2).chart(truth: "t", prediction: "p"))
        #expect(frame.rows == ["a", "(4 others)"])
        // Three of four lie on the common cell, one of them rightly.
        #expect(frame.counts[1] == [1, 3])
        #expect(frame.agreementText(0) == "100 %" && frame.agreementText(1) == "25 %")
        let text = ChartText.render(frame.chart, style: TextStyle(width: 60)).joined(separator: "\n")
        #expect(text.contains("25 %") && text.contains("Of the 3 in (4 others) × (4 others), 1 agree."), "\n\(text)")
    }

    @Test func aConfusionMatrixHasACellForEveryPair() {
        let chart = ChartVega.specification(of: SampleCharts.intents)
        #expect(marks(chart) == ["rect", "rect", "text"])
        let values = chart[field: "data"][field: "values"].list ?? []
        #expect(values.count == 5 * 6 && values.count { $0[field: "agrees"].bool == true } == 5)
        #expect(values.first?[field: "count"] == 93)
    }

    @Test func dotsOfANameAreJoined() {
        let chart = ChartVega.specification(of: SampleCharts.latency)
        #expect(marks(chart) == ["rule", "point"])
        #expect(
            chart[field: "layer"].list?.first?[field: "data"][field: "values"].list?.last
                == ["x": "cora", "y": 1.4, "y2": 3.9])
    }

    @Test func titlesCannotEndAnExpression() {
        let text = "a\\b\nc\u{2028}d"
        let chart = Chart(
            mark: .line, xLabel: text, yLabel: text,
            series: [Chart.Series(name: text, points: [Chart.Point(x: .quantity(1), y: 1)])])
        let specification = ChartVega.specification(of: chart)
        #expect(specification[field: "encoding"][field: "x"][field: "title"] == "a⧵b⏎c⏎d")
        #expect(specification[field: "encoding"][field: "y"][field: "title"] == "a⧵b⏎c⏎d")
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

    private func layer(_ specification: Value, _ mark: String) -> Value {
        specification[field: "layer"].list?.first { $0[field: "mark"][field: "type"].text == mark } ?? .null
    }

    private func marks(_ specification: Value) -> [String] {
        (specification[field: "layer"].list ?? []).compactMap { $0[field: "mark"][field: "type"].text }
    }
}

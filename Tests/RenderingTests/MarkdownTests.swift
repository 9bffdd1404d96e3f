import OrderedCollections
import Tables
import Testing

@testable import Rendering

@Suite struct MarkdownTests {
    @Test func aHostileTableStaysATableOfTexts() {
        let rows = DataSet(rows: [
            ["a|b": "x | y\n| --- |", "n": 1], ["a|b": "<img src=x onerror=alert(1)> & `code`", "n": 22],
            ["a|b": "*b* _i_ ~~s~~ [l](u) $x$ \\(y\\) me@x.org", "n": nil],
        ])
        #expect(
            ValueMarkdown.render(.domain(rows), width: 100) == """
                | a\\|b | n |
                | :--- | ---: |
                | x \\| y⏎\\| --- \\| | 1 |
                | &lt;img src=x onerror=alert(1)&gt; &amp; \\`code\\` | 22 |
                | \\*b\\* \\_i\\_ \\~\\~s\\~\\~ \\[l\\](u) <span>&#36;</span>x<span>&#36;</span> \
                <span>&#92;</span>(y<span>&#92;</span>) me&#64;x.org | – |
                """)
    }

    @Test func addressesBecomeNoLinks() {
        #expect(ValueMarkdown.escape("see https://x.org or www.x.org") == "see https&#58;//x.org or www&#46;x.org")
    }

    @Test func linesStayLines() {
        #expect(
            ValueMarkdown.render("# no heading\n  1. no list\n1. neither\n- nor\n---") == """
                \\# no heading<br>
                &nbsp;&nbsp;1. no list<br>
                1\\. neither<br>
                \\- nor<br>
                \\---
                """)
    }

    @Test func rowsAndCutsAreThoseOfTheTextTable() {
        let rows = DataSet(
            rows: (1...12).map { ["n": .integer($0), "t": .string(String(repeating: "ab ", count: 40))] })
        let lines = ValueMarkdown.render(.domain(rows), width: 30).split(separator: "\n")
        #expect(lines.count == 2 + 10 + 1)
        #expect(lines[2] == "| 1 | ab ab ab ab ab ab a… (120) |")
        #expect(lines.last == "… 2 more of 12 rows")
    }
}

@Suite struct TableTextTests {
    private let rows = DataSet(rows: [["n": 1, "text": .string(String(repeating: "long text ", count: 100))]])

    @Test func aTextThatIsCutTellsItsLength() {
        #expect(
            ValueText.render(.domain(rows), style: TextStyle(width: 40)) == """
                n  text
                ─  ─────────────────────────────────────
                1  long text long text long text… (1000)
                """)
    }

    @Test func aNarrowColumnHasNoRoomForIt() {
        let text = ValueText.render(
            .domain(DataSet(rows: [["a": "aaaaaaaaaaaaaaaaaaaaa", "b": "bbbbbbbbbbbbbbbbbb"]])),
            style: TextStyle(width: 20))
        #expect(text.hasSuffix("aaaaaaaa…  bbbbbbbb…"))
    }
}

@Suite struct OutputBundleTests {
    private struct Report: DomainValue {
        static let tag = "report"
        let kindName = "a report"
        let presentation: [PresentationBlock]
        func encoded(with encoder: inout ValueEncoder) throws -> Value { .null }
    }

    @Test func linesAndTablesAreOneBundleAndChartsOneEach() throws {
        let table = PresentationBlock.table(TablePresentation(DataSet(rows: [["a": 1]])))
        let report = Report(presentation: [
            .line("first"), table, .chart(SampleCharts.models), .chart(SampleCharts.points), .line("last"),
        ])
        let bundles = OutputBundles.bundles(of: .domain(report), width: 80)
        let chart: Set = ["text/plain", "application/vnd.vegalite.v5+json", "image/png"]
        #expect(
            bundles.map { Set($0.keys) } == [["text/plain", "text/markdown"], chart, chart, ["text/plain"]])
        #expect(bundles[0]["text/plain"] == "first\na\n─\n1")
        #expect(bundles[0]["text/markdown"] == "first\n\n| a |\n| ---: |\n| 1 |")
        #expect(bundles[1]["application/vnd.vegalite.v5+json"]?.record != nil)
        let image = try #require(bundles[1]["image/png"]?.text)
        #expect(image.hasPrefix("iVBORw0KGgo") && !image.contains("\n"))
    }

    @Test func aChartOfVeryManyPointsIsAnImageOnly() {
        let points = (0..<5_001).map { Chart.Point(x: .quantity(Double($0)), y: 1) }
        let chart = Chart(mark: .line, xLabel: "x", yLabel: "y", series: [Chart.Series(name: "y", points: points)])
        #expect(Set(OutputBundles.bundles(of: .domain(chart), width: 80)[0].keys) == ["text/plain", "image/png"])
    }
}

import OrderedCollections
import Tables
import Testing

@testable import Notebook

/// Charts in a notebook: from the verb to the file and back.
@Suite struct PlottingTests {
    @Test func aChartIsAnOutputInThreeFormatsAndComesBackFromTheFile() throws {
        let scratch = try Scratch(cells: [
            "let c = [{rows: 50, score: 0.4}, {rows: 100, score: 0.6}] | plot x: .rows, y: .score\nc", "c",
        ])
        let listener = Listener()
        _ = try scratch.session().run(observer: listener)
        #expect(listener.log == ["c: a line chart: score by rows, 2 values"])
        let first = try #require(listener.shown.first?.domain(Chart.self))
        try scratch.edit { $0.cells[1].source = "c\n" + "c" }
        let session = try scratch.session()
        _ = try session.run(observer: listener)
        #expect(listener.shown.last?.domain(Chart.self) == first)
        let output = try #require(session.document.cells[0].outputs.last)
        #expect(output[field: "output_type"] == "execute_result")
        let data = try #require(output[field: "data"].record)
        #expect(Set(data.keys) == ["text/plain", "application/vnd.vegalite.v5+json", "image/png"])
        #expect(data["application/vnd.vegalite.v5+json"]?[field: "layer"].list?.count == 2)
    }
}

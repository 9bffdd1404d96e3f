import OrderedCollections
import Tables
import Testing

@testable import Notebook

@Suite struct NotebookCodecTests {
    @Test func aCanonicalFileReadsBackToTheSameBytes() throws {
        var document = NotebookDocument.empty(kernel: "embedded")
        document.cells = [
            NotebookCell(id: "a", kind: .markdown, source: "# Hi\n\nthere é"),
            NotebookCell(id: "b", kind: .code, source: "1\n2\u{2028}3"),
            NotebookCell(
                id: "c", kind: .code, source: "", metadata: ["tags": ["x"], "other_tool": ["deep": [1, 2.5]]],
                outputs: [["output_type": "stream", "name": "stdout", "text": "a\nb\n"]], executionCount: 3),
        ]
        let text = NotebookCodec.encode(document)
        let back = try NotebookCodec.decode(Array(text.utf8))
        #expect(NotebookCodec.encode(back) == text)
        #expect(back.cells.map(\.source) == document.cells.map(\.source))
        #expect(text.hasSuffix("}\n"))
    }

    @Test func linesAreSplitWherePythonSplitsThem() {
        #expect(
            NotebookCodec.lines("a\nb\r\nc\rd\u{0C}e\u{2028}f") == ["a\n", "b\r\n", "c\r", "d\u{0C}", "e\u{2028}", "f"])
        #expect(NotebookCodec.lines("") == [])
    }

    @Test func transientsAreStripped() throws {
        let text =
            #"{"cells":[{"cell_type":"code","id":"a","metadata":{"trusted":true,"mine":1},"source":"x","outputs":[],"execution_count":null}],"metadata":{"signature":"s","kept":1},"nbformat":4,"nbformat_minor":5}"#
        let document = try NotebookCodec.decode(Array(text.utf8))
        #expect(document.metadata == ["kept": 1])
        #expect(document.cells[0].metadata == ["mine": 1])
    }

    @Test func cellsWithoutOrWithDoubleIdsGetStableOnes() throws {
        let text =
            #"{"cells":[{"cell_type":"markdown","metadata":{},"source":"x"},{"cell_type":"markdown","id":"a","metadata":{},"source":"y"},{"cell_type":"markdown","id":"a","metadata":{},"source":"z"}],"metadata":{},"nbformat":4,"nbformat_minor":4}"#
        let first = try NotebookCodec.decode(Array(text.utf8)).cells.map(\.id)
        #expect(Set(first).count == 3)
        #expect(first == (try NotebookCodec.decode(Array(text.utf8)).cells.map(\.id)))
    }

    @Test(arguments: [
        ("", "empty"), ("{", "no JSON"), ("[]", "no `nbformat`"), (#"{"nbformat":3,"cells":[]}"#, "nbformat 3"),
        (#"{"nbformat":4,"cells":[{"cell_type":"code"}]}"#, "cell 1 has no source"),
        (#"{"nbformat":4,"cells":[5]}"#, "cell 1"),
        (#"{"nbformat":4,"cells":[],"metadata":{"distnb":{"format":99}}}"#, "newer distnb"),
    ]) func whatIsNoNotebookIsToldInWords(_ text: String, _ words: String) {
        let error = #expect(throws: NotebookError.self) { try NotebookCodec.decode(Array(text.utf8)) }
        #expect(error?.description.contains(words) == true)
    }

    @Test func clearingLeavesWhatWasWritten() throws {
        var document = NotebookDocument.empty(kernel: "embedded")
        document.cells = [NotebookCell(id: "a", kind: .code, source: "1", metadata: ["tags": ["keep"]])]
        let clean = NotebookCodec.encode(document)
        document.cells[0].outputs = [["output_type": "stream", "name": "stdout", "text": "x"]]
        document.cells[0].executionCount = 1
        document.cells[0].state = CellState(status: .ok, fingerprint: "f")
        document.parameters = ["rows": 5]
        document.clear()
        #expect(NotebookCodec.encode(document) == clean)
    }
}

import OrderedCollections
import Tables
import Testing

@testable import Notebook

@Suite struct NotebookImportTests {
    private let python =
        #"{"cells":[{"cell_type":"code","id":"a","metadata":{"tags":["x"]},"source":"import os","outputs":[{"output_type":"stream","name":"stdout","text":"x"}],"execution_count":3}],"metadata":{"kernelspec":{"name":"python3"},"language_info":{"name":"python"},"mine":1},"nbformat":4,"nbformat_minor":2}"#

    @Test func cellsOfOtherLanguagesStayAndTheirOutputsDoNot() throws {
        let document = try NotebookImport.document(Array(python.utf8), as: .ipynb)
        #expect(document.cells.map(\.source) == ["import os"])
        #expect(document.cells[0].outputs.isEmpty && document.cells[0].executionCount == nil)
        #expect(document.cells[0].metadata == ["tags": ["x"]])
        #expect(document.kernel == "embedded")
        #expect(document.metadata["kernelspec"]?[field: "name"] == "embedded")
        #expect(document.metadata["mine"] == 1)
    }

    @Test func ourOwnComeBackAsTheyWere() throws {
        var document = NotebookDocument.empty(kernel: "openai")
        document.cells = [
            NotebookCell(
                id: "a", kind: .code, source: "1", outputs: [["output_type": "stream", "name": "stdout", "text": "x"]],
                executionCount: 1)
        ]
        document.cells[0].state = CellState(status: .ok, fingerprint: "f")
        let text = NotebookExport.text(document, as: .ipynb, title: "t", statuses: [])
        #expect(NotebookCodec.encode(try NotebookImport.document(Array(text.utf8), as: .ipynb)) == text)
    }

    @Test func olderFormatsAreRefusedWithAHint() throws {
        let old = #"{"nbformat":3,"nbformat_minor":0,"worksheets":[{"cells":[]}],"metadata":{}}"#
        let error = #expect(throws: NotebookError.self) { try NotebookImport.document(Array(old.utf8), as: .ipynb) }
        #expect(error?.description.contains("jupyter nbconvert") == true)
    }

    @Test(arguments: [("a.ipynb", ImportFormat.ipynb), ("A.MD", .md), ("x/y.dist", .dist), ("z.distnb", .distnb)])
    func theEndingSaysWhatAFileIs(_ path: String, _ format: ImportFormat) {
        #expect(ImportFormat(path: path) == format)
        #expect(ImportFormat(path: path + ".py") == nil)
    }
}

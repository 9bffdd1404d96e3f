import OrderedCollections
import Tables
import Testing

@testable import Notebook

@Suite struct MarkdownExchangeTests {
    private func bytes(_ cells: [NotebookCell], _ kinds: Set<NotebookCell.Kind>) -> [[UInt8]] {
        cells.filter { kinds.contains($0.kind) }.map { Array($0.source.utf8) }
    }

    @Test func codeReadsBackToTheByteAndOutputsStayAway() throws {
        var texts = HostileTexts(seed: 7)
        for _ in 0..<2_000 {
            var document = texts.document()
            for index in document.cells.indices {
                // What a text cell may do to its neighbours is another rule's matter.
                if document.cells[index].kind == .markdown { document.cells[index].source = "Text \(index)" }
                guard document.cells[index].kind == .code else { continue }
                let (first, second) = (texts.next() ?? "", texts.next() ?? "")
                document.cells[index].outputs = [
                    ["output_type": "stream", "name": "stdout", "text": .string(first)],
                    ["output_type": "display_data", "data": ["text/markdown": .string(second)], "metadata": [:]],
                    [
                        "output_type": "display_data", "metadata": [:],
                        "data": ["image/png": "iVBORw0K", "text/plain": .string(second)],
                    ],
                    ["output_type": "error", "ename": "E", "evalue": "v", "traceback": [.string(first)]],
                ]
            }
            let page = MarkdownExport.text(document, statuses: [.current, .stale, .notRun])
            let back = try MarkdownImport.document(Array(page.utf8))
            #expect(back.cells.map(\.kind) == document.cells.map(\.kind), "\(page.debugDescription)")
            #expect(
                back.cells.map { Array($0.source.utf8) } == document.cells.map { Array($0.source.utf8) },
                "\(page.debugDescription)")
        }
    }

    @Test func hostileMarkdownDoesNotSwallowTheCodeBelow() throws {
        for text in HostileTexts(seed: 99).prefix(1_000) where !text.contains("dist") && !text.contains("<!--") {
            var document = NotebookDocument.empty(kernel: "embedded")
            document.cells = [
                NotebookCell(id: "a", kind: .markdown, source: text), NotebookCell(id: "b", kind: .code, source: "1"),
            ]
            let page = MarkdownExport.text(document, statuses: [])
            let back = try MarkdownImport.document(Array(page.utf8))
            #expect(bytes(back.cells, [.code]) == [Array("1".utf8)], "\(page.debugDescription)")
        }
    }

    @Test func cellsThatAreNotCurrentAreMarked() {
        var document = NotebookDocument.empty(kernel: "embedded")
        document.cells = ["a", "b", "c"].map { NotebookCell(id: $0, kind: .code, source: $0) }
        let page = MarkdownExport.text(document, statuses: [.current, .stale, .notRun])
        #expect(!page.contains("Cell 1"))
        #expect(page.contains("*Cell 2: stale.*"))
        #expect(page.contains("*Cell 3: not run.*"))
    }

    @Test func attachmentsBecomeDataURIs() {
        var document = NotebookDocument.empty(kernel: "embedded")
        document.cells = [
            NotebookCell(
                id: "a", kind: .markdown, source: "![x](attachment:a%20b.png) ![y](<attachment:a b.png>)",
                other: ["attachments": ["a b.png": ["image/png": "iVBORw0K"]]])
        ]
        let uri = "data:image/png;base64,iVBORw0K"
        #expect(MarkdownExport.text(document, statuses: []) == "![x](\(uri)) ![y](\(uri))\n")
    }

    @Test func pagesThatPeopleWriteAreRead() throws {
        let page = """
            # Title

            ```distnb
            let a = 1
            ```
            Some text with
            ```python
            ```dist
            no cell: inside of another block
            ```
            - list

            ~~~~ dist
            a
            ~~~
            ~~~~
            <!-- output -->
            left open
            """
        let cells = try MarkdownImport.document(Array(page.utf8)).cells
        #expect(cells.map(\.kind) == [.markdown, .code, .markdown, .code, .markdown])
        #expect(cells[1].source == "let a = 1")
        #expect(cells[3].source == "a\n~~~")
        #expect(cells[4].source == "<!-- output -->\nleft open")
        #expect(Set(cells.map(\.id)).count == 5)
    }
}

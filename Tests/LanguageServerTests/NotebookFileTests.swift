import OrderedCollections
import SeededRandom
import Tables
import Testing

@testable import LanguageServer
@testable import Notebook

/// A `.distnb` file as an editor shows it that knows nothing of notebooks.
@Suite struct NotebookFileTests {
    private static let cells = [
        "let quiz = load \"q.csv\"\nfn tidy(text) = trim(text)", "# \"😀\"\nquiz | where .size > 1",
    ]

    private let text = notebookText(NotebookFileTests.cells)

    private func editor() -> Editor {
        let editor = Editor()
        editor.open(text, as: Editor.file)
        return editor
    }

    @Test func whatStandsInACellIsKnown() {
        let editor = editor()
        let column = place(of: ".size", in: text)
        #expect(editor.hover(column.line, column.character + 1, Editor.file) == "`.size`: a number")
        let name = place(of: "quiz | where", in: text)
        let bound = place(of: "quiz = ", in: text)
        #expect(
            editor.definition(name.line, name.character, Editor.file)
                == "\(Editor.file) \(bound.line):\(bound.character)-\(bound.line):\(bound.character + 4)")
        #expect(
            editor.completion(column.line, column.character + 1, Editor.file) == [
                "prompt", "answer", "size", "Order ID",
            ])
    }

    @Test func whatIsPutIntoTheFileIsEscaped() {
        let editor = editor()
        let column = place(of: ".size", in: text)
        let items = editor.request("textDocument/completion", editor.at(column.line, column.character + 1, Editor.file))
        #expect(items.list?.last?[field: "textEdit"][field: "newText"].text == #"\"Order ID\""#)
    }

    @Test func betweenTheCellsNothingIsKnown() {
        let editor = editor()
        #expect(editor.completion(0, 0, Editor.file) == [])
        #expect(editor.hover(2, 3, Editor.file) == nil)
        let kind = place(of: "cell_type", in: text)
        #expect(editor.completion(kind.line, kind.character, Editor.file) == [])
    }

    @Test func symbolsStandWhereTheirCodeStands() {
        let symbols =
            editor().request("textDocument/documentSymbol", ["textDocument": ["uri": .string(Editor.file)]]).list ?? []
        #expect(symbols.compactMap { $0[field: "name"].text } == ["Cell 1", "Cell 2"])
        let bound = place(of: "quiz = ", in: text)
        #expect(
            symbols.first?[field: "children"].list?.first.map { Editor.place($0[field: "selectionRange"]) }
                == "\(bound.line):\(bound.character)-\(bound.line):\(bound.character + 4)")
    }

    @Test func formattingWritesTheCanonicalFile() throws {
        let editor = Editor()
        let canonical = notebookText(["let a = 1", "let b = (  "])
        let loose = notebookText(["let a  =  1", "let b = (  "]).replacing("\n", with: "\n ")
        editor.open(loose, as: Editor.file)
        #expect(editor.formatted(loose, Editor.file) == canonical)
    }

    @Test func aFileThatIsNoNotebookIsNotFormatted() {
        let editor = Editor()
        editor.open("{", as: Editor.file)
        #expect(editor.formatted("{", Editor.file) == nil)
    }

    @Test func aFixChangesTheCodeInTheFile() throws {
        let editor = Editor()
        let mistaken = notebookText(["load \"q.csv\"\n  | where .promt == \"a\""])
        editor.open(mistaken, as: Editor.file)
        let range: Value = ["start": ["line": 0, "character": 0], "end": ["line": 99, "character": 0]]
        let actions = editor.request(
            "textDocument/codeAction", ["textDocument": ["uri": .string(Editor.file)], "range": range, "context": [:]])
        let edits = actions.list?.first?[field: "edit"][field: "changes"][field: Editor.file].list ?? []
        #expect(
            Editor.applied(edits, to: mistaken) == notebookText(["load \"q.csv\"\n  | where .prompt == \"a\""]))
    }

    /// Every place of every cell, whatever the sources hold.
    @Test(arguments: UInt64(0)..<60) func everyCharacterOfACellStandsWhereTheMapSays(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let pieces = ["a", "\n", "\"", "\\", "é", "😀", "\t", "\u{1}", "\r\n", "\u{2028}", "e\u{301}", "${", "/"]
        let sources = (0..<4).map { _ in (0..<random.below(12)).map { _ in random.one(of: pieces) }.joined() }
        let bytes = Array(notebookText(sources).utf8)
        let found = NotebookText(bytes)
        #expect(found.mistake == nil)
        #expect(found.cells.map { String(decoding: $0.source.text, as: UTF8.self) } == sources)
        for (cell, source) in zip(found.cells, sources) {
            var offset = 0
            for scalar in source.unicodeScalars {
                let part = cell.source.place(of: offset..<offset + scalar.utf8.count)
                offset += scalar.utf8.count
                #expect(cell.place.lowerBound < part.lowerBound && part.upperBound < cell.place.upperBound)
                let written = "\"" + String(decoding: bytes[part], as: UTF8.self) + "\""
                #expect((try? JSON.parse(written))?.text == String(Character(scalar)))
            }
        }
    }

    @Test func outputsAndOtherFieldsMayHoldAnything() {
        let cell =
            #"{"source2":["x"],"cell_type":"code","outputs":[{"source":["genrate"],"a":{"source":"\"]}"}}],"metadata":{"source":"y"},"execution_count":null,"id":"a","source":["1"]}"#
        let found = NotebookText(
            Array("{\"cells\":[\(cell)],\"metadata\":{},\"nbformat\":4,\"nbformat_minor\":5}".utf8))
        #expect(found.cells.map { String(decoding: $0.source.text, as: UTF8.self) } == ["1"])
    }
}

import OrderedCollections
import Tables
import Testing

@testable import LanguageServer

@Suite struct DiagnosticsTests {
    private static let mistaken = "let quiz = load \"q.csv\"\nquiz | where .promt == \"\"\n"

    @Test func openingAScriptTellsItsMistakes() {
        let editor = Editor()
        editor.open(Self.mistaken)
        #expect(editor.mistakes() == ["E0204 1:13-1:19"])
        let diagnostic = editor.diagnostics[Editor.script]?.first ?? .null
        #expect(diagnostic[field: "severity"].integer == 1)
        #expect(diagnostic[field: "source"].text == "distnb")
        #expect(
            diagnostic[field: "message"].text
                == "Expected a column of `quiz`: \"Order ID\", answer, prompt, size.\nHint: did you mean `.prompt`?")
        #expect(diagnostic[field: "data"][field: "hint"].text == "did you mean `.prompt`?")
    }

    @Test func aRightScriptGetsAnEmptyList() {
        let editor = Editor()
        editor.open("load \"q.csv\"")
        #expect(editor.diagnostics[Editor.script] == [])
    }

    @Test func changingTellsAnew() {
        let editor = Editor()
        editor.open(Self.mistaken)
        let range: Value = [
            "start": ["line": 1, "character": 14], "end": ["line": 1, "character": 19],
        ]
        editor.change([["range": range, "text": "prompt"]])
        #expect(editor.mistakes() == [])
        editor.change([["text": "genrate"]])
        #expect(editor.mistakes().count == 1)
    }

    @Test func whatTheEditorShowsAlreadyIsNotSentAgain() {
        let editor = Editor()
        editor.open(Self.mistaken)
        editor.change([["text": .string(Self.mistaken + "# a comment\n")]])
        #expect(editor.publications.count == 1)
    }

    @Test func severalChangesInOneMessageAreMadeInOrder() {
        let editor = Editor()
        editor.open("abc")
        func insert(_ text: String, _ character: Int) -> Value {
            let position: Value = ["line": 0, "character": .integer(character)]
            return ["range": ["start": position, "end": position], "text": .string(text)]
        }
        editor.change([["text": "load q"], insert("\"", 6), insert("\"", 5), insert(".csv", 7)])
        #expect(editor.mistakes() == [])
    }

    @Test func closingTakesTheMistakesAway() {
        let editor = Editor()
        editor.open(Self.mistaken)
        editor.notify("textDocument/didClose", ["textDocument": ["uri": .string(Editor.script)]])
        #expect(editor.diagnostics[Editor.script] == [])
        #expect(editor.completion(0, 0) == [])
    }

    @Test func placesCountInTheNegotiatedUnits() {
        let text = "let x = \"😀é\" + genrate(1)"
        for (encoding, place) in [("utf-16", "0:16-0:23"), ("utf-8", "0:19-0:26")] {
            let editor = Editor(capabilities: ["general": ["positionEncodings": [.string(encoding)]]])
            editor.open(text)
            #expect(editor.mistakes() == ["E0201 \(place)"])
        }
    }

    @Test func aScriptsCellsAreCheckedOneByOne() {
        let editor = Editor()
        editor.open("# kernel: scripted\n\n# %%\nlet a = (1\n\n# %% [markdown]\n# let it be\n\n# %%\ngenrate 1\n")
        #expect(editor.mistakes() == ["E0105 3:8-3:9", "E0201 9:0-9:7"])
    }

    @Test func warningsAreToldAsWarnings() {
        let editor = Editor()
        editor.open("let a = 1\nlet b = 2\nb\n")
        #expect(editor.mistakes() == ["W0212 0:4-0:5"])
        #expect(editor.diagnostics[Editor.script]?.first?[field: "severity"].integer == 2)
    }

    @Test func furtherPlacesStandInTheirOwnCells() {
        let editor = Editor()
        editor.open("# %%\nlet quiz = load \"q.csv\"\n\n# %%\nquiz | where .promt == 1\n")
        let related = editor.diagnostics[Editor.script]?.first?[field: "relatedInformation"].list ?? []
        #expect(related.map { $0[field: "message"].text } == ["`quiz` is made here."])
        #expect(related.map { Editor.place($0[field: "location"][field: "range"]) } == ["1:4-1:8"])
    }

    @Test func modelsThatTheKernelLacksAreTold() {
        let editor = Editor()
        editor.open("model \"techer\"")
        #expect(editor.mistakes() == ["E0401 0:6-0:14"])
        editor.change([["text": "# kernel: unknown\nmodel \"techer\""]])
        #expect(editor.mistakes() == [])
    }

    // MARK: A notebook's file as text

    @Test func mistakesStandInTheJSONWhereTheCodeStands() {
        let editor = Editor()
        let text = notebookText(["let quiz = load \"q.csv\"", "# \"é\" 😀\nquiz | where .promt == \"\""])
        editor.open(text, as: Editor.file)
        let (line, character) = place(of: ".promt", in: text)
        #expect(
            editor.mistakes(Editor.file) == ["E0204 \(line):\(character)-\(line):\(character + 6)"])
    }

    @Test func cellsThatAreMeantToFailHaveNoMistakes() {
        let editor = Editor()
        editor.open(notebookText(["genrate 1", "genrate 2"], tags: [0: "raises-exception"]), as: Editor.file)
        #expect(editor.mistakes(Editor.file).count == 1)
    }

    @Test(arguments: [
        ("", "This is not a notebook: the file is empty.", "0:0-0:0"),
        ("{\n \"cells\": [}", "This is not a notebook: expected a JSON value, found `}`.", "1:11-1:11"),
        (
            "{\"cells\": [], \"nbformat\": 3}",
            "This is not a notebook: it has nbformat 3; only version 4 is read (convert it: jupyter nbconvert --to notebook).",
            "0:0-0:0"
        ),
        ("[1]", "This is not a notebook: it is JSON, but has no `nbformat` and `cells`.", "0:0-0:0"),
    ])
    func aFileThatIsNoNotebookIsTold(_ text: String, _ message: String, _ place: String) {
        let editor = Editor()
        editor.open(text, as: Editor.file)
        #expect(editor.mistakes(Editor.file) == ["- \(place)"])
        #expect(editor.diagnostics[Editor.file]?.first?[field: "message"].text == message)
    }

    @Test func aSourceThatIsOneTextIsUnderstoodToo() {
        let editor = Editor()
        let cell =
            #"{"cell_type":"code","id":"a","metadata":{},"outputs":[],"execution_count":null,"source":"\u0067enrate 1"}"#
        let text = "{\"cells\":[\(cell)],\"metadata\":{},\"nbformat\":4,\"nbformat_minor\":5}"
        editor.open(text, as: Editor.file)
        let start = place(of: #"\u0067"#, in: text).character
        #expect(editor.mistakes(Editor.file) == ["E0201 0:\(start)-0:\(start + 12)"])
    }
}

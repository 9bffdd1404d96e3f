import OrderedCollections
import Tables
import Testing

@testable import LanguageServer

/// Completion, hover, definition, symbols and layout of a script.
@Suite struct LanguageFeatureTests {
    private static let script = """
        let quiz = load "q.csv"
        fn tidy(text, times: 2) = trim(text)
        param rows = 5
        quiz | derive clean: tidy(.prompt, times: 3) | sort desc(.clean) | take rows
        let parts = quiz | split {train: 0.5, test: 0.5}
        parts.train | where .size > 1

        """

    private func editor(_ text: String = LanguageFeatureTests.script) -> Editor {
        let editor = Editor()
        editor.open(text)
        return editor
    }

    // MARK: Completion

    @Test func completionKnowsTheColumnsOfTheRowsAtHand() {
        #expect(editor().completion(5, 21) == ["prompt", "answer", "size", "Order ID"])
        #expect(editor().completion(3, 58).contains("clean"))
    }

    @Test func completionKnowsVerbsNamesArgumentsMembersAndWords() {
        let editor = editor(
            Self.script + "quiz | ta\nquiz | sample 1, se\npar\nparts.\nload \"\nmodel \"\nload \"q.csv\", format: \"")
        #expect(editor.completion(6, 9).first == "take")
        #expect(editor.completion(7, 19).contains("seed:"))
        #expect(editor.completion(8, 3) == ["parts", "param"])
        #expect(editor.completion(9, 6) == ["train", "test"])
        #expect(editor.completion(10, 6) == ["q.csv"])
        #expect(editor.completion(11, 7) == ["student", "teacher"])
        #expect(editor.completion(12, 23).contains("jsonl"))
    }

    @Test func completionKnowsOnlyNamesAboveThePlace() {
        #expect(editor("\nlet later = 1").completion(0, 0).contains("later") == false)
        #expect(editor("let earlier = 1\n").completion(1, 0).contains("earlier"))
    }

    @Test func completionKnowsTheParametersOfTheFnThatIsWritten() {
        #expect(editor("fn f(wanted, second: 2) = wan").completion(0, 29) == ["wanted"])
        #expect(editor("fn f(wanted, second: 2) = upper(se").completion(0, 34).contains("second"))
        #expect(editor("fn f(wanted) = 1\nwa").completion(1, 2).contains("wanted") == false)
    }

    @Test func completionReplacesTheWordThatIsTyped() {
        let editor = editor("let é = \"😀\" + len(\"a\")\n\"😀\" | tri")
        let items = editor.request("textDocument/completion", editor.at(1, 10)).list ?? []
        #expect(items.map { Editor.place($0[field: "textEdit"][field: "range"]) } == ["1:7-1:10"])
        #expect(items.first?[field: "textEdit"][field: "newText"].text == "trim")
    }

    @Test func columnsWhoseNamesAreNotPlainAreQuoted() {
        let editor = editor()
        let items = editor.request("textDocument/completion", editor.at(5, 21)).list ?? []
        #expect(items.last?[field: "textEdit"][field: "newText"].text == "\"Order ID\"")
    }

    @Test func completionExplainsVerbs() {
        let editor = editor("quiz | ta")
        let item = editor.request("textDocument/completion", editor.at(0, 9)).list?.first ?? .null
        #expect(item[field: "documentation"][field: "kind"].text == "markdown")
        #expect(item[field: "documentation"][field: "value"].text?.contains("rows | take n") == true)
        #expect(item[field: "detail"].text?.isEmpty == false)
    }

    // MARK: Hover

    @Test func hoverExplainsAVerb() {
        let text = editor().hover(3, 68) ?? ""
        #expect(text.hasPrefix("`rows | take n`\n"))
        #expect(text.contains("- `n` (a whole number from 0)"))
        #expect(text.contains("```distnb\nrows | take 5\n```"))
    }

    @Test func hoverTellsANamesTypeWithItsColumns() {
        #expect(editor().hover(3, 1)?.hasPrefix("`quiz`: rows\n\nColumns:\n\n- `prompt` text") == true)
        #expect(editor().hover(0, 5)?.hasPrefix("`quiz`: rows") == true)
        #expect(editor().hover(4, 5)?.contains("- `train` rows") == true)
        #expect(editor().hover(2, 7) == "`rows`: a number")
    }

    @Test func hoverTellsAColumnsType() {
        #expect(editor().hover(3, 28) == "`.prompt`: text")
        #expect(editor().hover(3, 60) == "`.clean`: text")
        #expect(editor().hover(5, 22) == "`.size`: a number")
        #expect(editor().hover(5, 8)?.hasPrefix("`.train`: rows") == true)
    }

    @Test func hoverExplainsArgumentsAndParameters() {
        #expect(editor("load \"q.csv\", format: \"csv\"").hover(0, 16)?.hasPrefix("`format:` (") == true)
        #expect(editor().hover(3, 38) == "`times:` – a parameter of `tidy`")
        #expect(editor().hover(1, 32) == "`text`: a parameter of `tidy`")
        #expect(editor().hover(3, 15) == "`.clean`: a new column, made by `derive`")
    }

    @Test func hoverKnowsFilesAndModels() {
        #expect(editor().hover(0, 18)?.contains("- `Order ID` text") == true)
        #expect(editor("model \"teacher\"").hover(0, 8)?.hasPrefix("`teacher`: ") == true)
    }

    @Test func hoverWorksInALineWithMistakes() {
        #expect(editor("let quiz = load \"q.csv\"\nquiz take (").hover(1, 6)?.contains("rows | take n") == true)
    }

    @Test func hoverIsPlainForEditorsThatKnowNoMarkdown() {
        let editor = Editor(capabilities: [:])
        editor.open("1 | take 1")
        let contents = editor.request("textDocument/hover", editor.at(0, 5))[field: "contents"]
        #expect(contents[field: "kind"].text == "plaintext")
        #expect(contents[field: "value"].text?.contains("`") == false)
    }

    @Test func whereNothingStandsNothingIsShown() {
        #expect(editor("# take\n\n1").request("textDocument/hover", editor().at(0, 3)).isNull)
        #expect(editor().request("textDocument/hover", editor().at(99, 99)).isNull)
        #expect(editor().request("textDocument/hover", editor().at(0, 0, "file:///not/open")).isNull)
    }

    // MARK: Definition

    @Test func definitionFindsLetFnParamAndParameters() {
        let editor = editor()
        #expect(editor.definition(3, 1) == "\(Editor.script) 0:4-0:8")
        #expect(editor.definition(3, 22) == "\(Editor.script) 1:3-1:7")
        #expect(editor.definition(3, 73) == "\(Editor.script) 2:6-2:10")
        #expect(editor.definition(1, 32) == "\(Editor.script) 1:8-1:12")
        #expect(editor.definition(3, 37)?.hasPrefix("\(Editor.script) 1:14-") == true)
        #expect(editor.definition(0, 5) == "\(Editor.script) 0:4-0:8")
    }

    @Test func definitionIsTheNearestBindingAbove() {
        let editor = editor("let a = 1\nlet a = a + 1\na\nlet a = 3")
        #expect(editor.definition(1, 8) == "\(Editor.script) 0:4-0:5")
        #expect(editor.definition(2, 0) == "\(Editor.script) 1:4-1:5")
    }

    @Test func verbsAndColumnsHaveNoDefinition() {
        #expect(editor().definition(3, 68) == nil)
        #expect(editor().definition(3, 28) == nil)
    }

    // MARK: Symbols

    @Test func symbolsAreWhatTheScriptBinds() {
        let editor = editor()
        let symbols =
            editor.request("textDocument/documentSymbol", ["textDocument": ["uri": .string(Editor.script)]]).list ?? []
        #expect(symbols.compactMap { $0[field: "name"].text } == ["quiz", "tidy", "rows", "parts"])
        #expect(symbols.compactMap { $0[field: "kind"].integer } == [13, 12, 14, 13])
        #expect(symbols.map { Editor.place($0[field: "selectionRange"]) }.first == "0:4-0:8")
    }

    @Test func symbolsOfSeveralCellsStandUnderTheirCells() {
        let editor = editor("# %% Load\nlet a = 1\n\n# %%\nlet b = 2\n")
        let symbols =
            editor.request("textDocument/documentSymbol", ["textDocument": ["uri": .string(Editor.script)]]).list ?? []
        #expect(symbols.compactMap { $0[field: "name"].text } == ["Load", "Cell 2"])
        #expect(symbols.last?[field: "children"].list?.first?[field: "name"].text == "b")
    }

    @Test func editorsWithoutTreesGetAList() {
        let editor = Editor(capabilities: [:])
        editor.open("# %%\nlet a = 1\n\n# %%\nlet b = 2\n")
        let symbols =
            editor.request("textDocument/documentSymbol", ["textDocument": ["uri": .string(Editor.script)]]).list ?? []
        #expect(symbols.compactMap { $0[field: "name"].text } == ["Cell 1", "a", "Cell 2", "b"])
        #expect(symbols.last?[field: "containerName"].text == "Cell 2")
        #expect(symbols.last.map { Editor.place($0[field: "location"][field: "range"]) } == "4:0-4:9")
    }

    // MARK: Layout

    @Test func formattingLaysOutEachCellAndKeepsWhatIsBetween() {
        let text =
            "# kernel: scripted\n\n# %%  Title\nlet a  = 1\n\n# %% [markdown]\n# a  b\n\n# %%\nlet b  = \"😀\"|trim\n"
        let expected =
            "# kernel: scripted\n\n# %%  Title\nlet a = 1\n\n# %% [markdown]\n# a  b\n\n# %%\nlet b = \"😀\" | trim\n"
        let editor = editor(text)
        #expect(editor.formatted(text) == expected)
    }

    @Test func formattingChangesOnlyTheLinesBetweenTheFirstAndTheLastThatDiffer() {
        let editor = editor("let a = 1\nlet b  = 2\nlet c = 3\n")
        let edits = editor.request(
            "textDocument/formatting", ["textDocument": ["uri": .string(Editor.script)], "options": [:]])
        #expect(edits.list?.map { Editor.place($0[field: "range"]) } == ["1:0-2:0"])
        #expect(edits.list?.first?[field: "newText"].text == "let b = 2\n")
    }

    @Test func whatIsLaidOutIsNotTouched() {
        let editor = editor("let a = 1\n")
        let edits = editor.request(
            "textDocument/formatting", ["textDocument": ["uri": .string(Editor.script)], "options": [:]])
        #expect(edits.list == [])
    }

    @Test func aCellThatCannotBeLaidOutStaysAsItIs() {
        let text = "# %%\nlet a  = (\n\n# %%\nlet b  = 2\n"
        #expect(editor(text).formatted(text) == "# %%\nlet a  = (\n\n# %%\nlet b = 2\n")
    }

    // MARK: Quick fixes

    private func fixes(_ text: String) -> [String] {
        let editor = editor(text)
        let range: Value = ["start": ["line": 0, "character": 0], "end": ["line": 99, "character": 0]]
        let actions =
            editor.request(
                "textDocument/codeAction",
                ["textDocument": ["uri": .string(Editor.script)], "range": range, "context": ["diagnostics": []]]
            ).list ?? []
        return actions.map {
            Editor.applied($0[field: "edit"][field: "changes"][field: Editor.script].list ?? [], to: text)
        }
    }

    @Test(arguments: [
        ("load \"q.csv\" | where .promt == \"\"", "load \"q.csv\" | where .prompt == \"\""),
        ("load \"q.csv\" | tkae 5", "load \"q.csv\" | take 5"),
        ("load \"q.csv\" | sample 5, sed: 1", "load \"q.csv\" | sample 5, seed: 1"),
        ("load \"q.csv\" | where .size = 1", "load \"q.csv\" | where .size == 1"),
        ("load \"q.csv\" | where prompt == \"\"", "load \"q.csv\" | where .prompt == \"\""),
        ("model \"techer\"", "model \"teacher\""),
        ("let q = load \"q.csv\"\nq take 5", "let q = load \"q.csv\"\nq | take 5"),
    ])
    func aMistakeWhoseHintIsAReplacementHasAFix(_ text: String, _ mended: String) {
        #expect(fixes(text) == [mended])
    }

    @Test(arguments: [
        "let a = (1", "let x = \"open", "load \"q.csv\" | where ___", "filter 1", "for q in 1", "load \"q.csv\" | take",
    ])
    func aMistakeWhoseHintIsAdviceHasNone(_ text: String) {
        #expect(fixes(text) == [])
    }

    @Test func onlyFixesAtThePlaceAreOffered() {
        let editor = editor("tkae 1\n\ntkae 2")
        func count(_ line: Int, only: Value = .null) -> Int? {
            let position: Value = ["line": .integer(line), "character": 1]
            return editor.request(
                "textDocument/codeAction",
                [
                    "textDocument": ["uri": .string(Editor.script)], "range": ["start": position, "end": position],
                    "context": ["diagnostics": [], "only": only],
                ]
            ).list?.count
        }
        #expect(count(1) == 0)
        #expect(count(2, only: ["refactor"]) == 0)
    }
}

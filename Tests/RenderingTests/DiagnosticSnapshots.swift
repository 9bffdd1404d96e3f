import OrderedCollections
import PipelineSyntax
import Tables
import Testing

@testable import Rendering

/// One mistake with all that a diagnostic can have, in every form.
@Suite struct DiagnosticSnapshots {
    private static let mistake: Diagnostic = {
        let quiz = SourceText(name: "cell 1", text: "let quiz = load \"quiz.jsonl\"")
        let source = SourceText(name: "cell 2", text: "quiz | where .promt == \"<b>\"")
        var mistake = Diagnostic(
            .unknownColumn, at: Span(13..<19), in: source,
            "Expected a column of `quiz`: answerKey, id, prompt, question.", hint: "did you mean `.prompt`?",
            replacement: ".prompt")
        mistake.trace = ["in `f`, called at cell 3, 1:1"]
        return mistake.labelled(.init(source: quiz, span: Span(4..<8)), "`quiz` is made here.")
    }()

    @Test func plainTextHasCodePlaceCaretsHintAndLabels() {
        #expect(
            DiagnosticText.render(Self.mistake) == """
                E0204 cell 2, 1:14   quiz | where .promt == "<b>"
                                                  ^^^^^^
                  Expected a column of `quiz`: answerKey, id, prompt, question.
                  in `f`, called at cell 3, 1:1
                  Hint: did you mean `.prompt`?
                      cell 1, 1:5    let quiz = load "quiz.jsonl"
                                         ^^^^
                  `quiz` is made here.
                """)
    }

    @Test func warningsHaveAnotherLetterAndColour() {
        var warning = Self.mistake
        warning.severity = .warning
        warning.labels = []
        warning.trace = []
        #expect(
            DiagnosticText.render(warning, style: TextStyle(usesColour: true)) == """
                \u{1B}[33mW0204\u{1B}[0m cell 2, 1:14   quiz | where .promt == "<b>"
                                                  \u{1B}[31m^^^^^^\u{1B}[0m
                  Expected a column of `quiz`: answerKey, id, prompt, question.
                  \u{1B}[36mHint:\u{1B}[0m did you mean `.prompt`?
                """)
    }

    @Test func aTerminalShowsColours() {
        #expect(
            DiagnosticText.render(Self.mistake, style: TextStyle(usesColour: true)) == """
                \u{1B}[31mE0204\u{1B}[0m cell 2, 1:14   quiz | where .promt == "<b>"
                                                  \u{1B}[31m^^^^^^\u{1B}[0m
                  Expected a column of `quiz`: answerKey, id, prompt, question.
                  in `f`, called at cell 3, 1:1
                  \u{1B}[36mHint:\u{1B}[0m did you mean `.prompt`?
                      cell 1, 1:5    let quiz = load "quiz.jsonl"
                                         \u{1B}[36m^^^^\u{1B}[0m
                  `quiz` is made here.
                """)
    }

    @Test func jupyterGetsNameValueAndColouredLines() {
        let traceback = DiagnosticTraceback([Self.mistake])
        #expect(traceback.name == "E0204")
        #expect(traceback.value == "Expected a column of `quiz`: answerKey, id, prompt, question.")
        #expect(
            traceback.lines.joined(separator: "\n")
                == DiagnosticText.render(Self.mistake, style: TextStyle(usesColour: true)))
        #expect(traceback.lines.allSatisfy { !$0.contains("\n") })
        #expect(
            TerminalText.withoutColours(traceback.lines.joined(separator: "\n")) == DiagnosticText.render(Self.mistake))
    }

    @Test func htmlIsEscapedAndHasClasses() {
        #expect(
            DiagnosticHTML.render(Self.mistake) == """
                <pre class="diagnostic error"><span class="error">E0204</span> <span class="place">cell 2, 1:14   </span><span class="code">quiz | where .promt == &quot;&lt;b&gt;&quot;</span>
                                                  <span class="caret">^^^^^^</span>
                <span class="message">  Expected a column of `quiz`: answerKey, id, prompt, question.</span>
                <span class="trace">  in `f`, called at cell 3, 1:1</span>
                  <span class="hint-word">Hint:</span><span class="hint"> did you mean `.prompt`?</span>
                      <span class="place">cell 1, 1:5    </span><span class="code">let quiz = load &quot;quiz.jsonl&quot;</span>
                                         <span class="label">^^^^</span>
                <span class="message">  `quiz` is made here.</span></pre>
                """)
    }

    @Test func jsonHasPlacesOfEverything() {
        let form = DiagnosticJSON(file: "lab.distnb", cells: ["cell 1": 1, "cell 2": 2])
        #expect(
            JSON.text(.record(form.record(of: Self.mistake)), .readable) == #"""
                {
                  "file": "lab.distnb",
                  "code": "E0204",
                  "severity": "error",
                  "message": "Expected a column of `quiz`: answerKey, id, prompt, question.",
                  "expectation": "a column of `quiz`",
                  "hint": "did you mean `.prompt`?",
                  "cell": 2,
                  "start": {
                    "line": 1,
                    "column": 14
                  },
                  "end": {
                    "line": 1,
                    "column": 20
                  },
                  "labels": [
                    {
                      "cell": 1,
                      "start": {
                        "line": 1,
                        "column": 5
                      },
                      "end": {
                        "line": 1,
                        "column": 9
                      },
                      "text": "`quiz` is made here."
                    }
                  ],
                  "replacement": {
                    "cell": 2,
                    "start": {
                      "line": 1,
                      "column": 14
                    },
                    "end": {
                      "line": 1,
                      "column": 20
                    },
                    "text": ".prompt"
                  },
                  "trace": [
                    "in `f`, called at cell 3, 1:1"
                  ]
                }
                """#)
    }

    @Test func aMistakeWithoutAPlaceHasNulls() {
        let record = DiagnosticJSON().record(of: Diagnostic(.missingState, "The notebook is damaged."))
        #expect(record["start"] == .null && record["cell"] == .null && record["file"] == .null)
        #expect(
            DiagnosticText.render(Diagnostic(.missingState, "The notebook is damaged."))
                == "E0507\n  The notebook is damaged.")
    }

    @Test(arguments: [
        ("Expected a verb; there is no `x`.", "a verb"), ("Expected a value.", "a value"),
        ("Expected a number from 0 to 2, found 5.", "a number from 0 to 2"),
        ("Expected a column of `q`: a, b.", "a column of `q`"), ("The cell was interrupted.", nil),
    ]) func theExpectationIsWhatTheMessageSaysFirst(_ message: String, _ expectation: String?) {
        #expect(Diagnostic(.wrongType, message).expectation == expectation)
    }

    @Test func aReplacementGivesTheWholeText() {
        #expect(Self.mistake.replacement?.changedText == "quiz | where .prompt == \"<b>\"")
    }
}

import OrderedCollections
import Tables
import Testing

@testable import LanguageServer

/// Notebooks that the editor shows as cells.
@Suite struct NotebookSyncTests {
    private static let notebook = "file:///lab/a.distnb"

    private func uri(_ name: String) -> String { "vscode-notebook-cell:/lab/a.distnb#\(name)" }

    private func cell(_ name: String, kind: Int64 = 2, tags: [String] = []) -> Value {
        [
            "kind": .number(.integer(kind)), "document": .string(uri(name)),
            "metadata": ["tags": .list(tags.map { .string($0) })],
        ]
    }

    private func document(_ name: String, _ text: String) -> Value {
        ["uri": .string(uri(name)), "languageId": "distnb", "version": 1, "text": .string(text)]
    }

    private func open(_ cells: [(String, String)], kernel: String = "scripted") -> Editor {
        let editor = Editor()
        editor.notify(
            "notebookDocument/didOpen",
            [
                "notebookDocument": [
                    "uri": .string(Self.notebook), "notebookType": "jupyter-notebook", "version": 1,
                    "metadata": ["distnb": ["kernel": .string(kernel)]],
                    "cells": .list(cells.map { cell($0.0) }),
                ],
                "cellTextDocuments": .list(cells.map { document($0.0, $0.1) }),
            ])
        return editor
    }

    private func change(_ editor: Editor, _ change: Value) {
        editor.notify(
            "notebookDocument/didChange",
            ["notebookDocument": ["uri": .string(Self.notebook), "version": 2], "change": change])
    }

    private func setText(_ editor: Editor, _ name: String, _ text: String) {
        let content: Value = [
            "document": ["uri": .string(uri(name)), "version": 2], "changes": [["text": .string(text)]],
        ]
        change(editor, ["cells": ["textContent": [content]]])
    }

    @Test func namesOfEarlierCellsAreKnownInLaterOnes() {
        let editor = open([("a", "let quiz = load \"q.csv\""), ("b", "quiz | where .promt == 1"), ("c", "quiz | whe")])
        #expect(editor.mistakes(uri("a")) == [])
        #expect(editor.mistakes(uri("b")) == ["E0204 0:13-0:19"])
        #expect(editor.completion(0, 10, uri("c")) == ["where"])
        #expect(editor.hover(0, 1, uri("b"))?.hasPrefix("`quiz`: rows") == true)
        #expect(editor.definition(0, 1, uri("b")) == "\(uri("a")) 0:4-0:8")
    }

    @Test func changingACellChangesWhatIsSaidOfThoseBelow() {
        let editor = open([("a", "let n = 1"), ("b", "n + missing")])
        #expect(editor.mistakes(uri("b")) == ["E0202 0:4-0:11"])
        setText(editor, "a", "let n = 1\nlet missing = 2")
        #expect(editor.mistakes(uri("b")) == [])
    }

    @Test func cellsComeGoAndMove() {
        let editor = open([("a", "let n = 1"), ("b", "n")])
        // a moves below b.
        change(
            editor,
            ["cells": ["structure": ["array": ["start": 0, "deleteCount": 2, "cells": [cell("b"), cell("a")]]]]])
        #expect(editor.mistakes(uri("b")) == ["E0202 0:0-0:1"])
        // A new one above binds it.
        change(
            editor,
            [
                "cells": [
                    "structure": [
                        "array": ["start": 0, "deleteCount": 0, "cells": [cell("c")]],
                        "didOpen": [document("c", "let n = genrate(2)")],
                    ]
                ]
            ])
        #expect(editor.mistakes(uri("b")) == [])
        #expect(editor.mistakes(uri("c")).count == 1)
        // And goes.
        change(
            editor,
            [
                "cells": [
                    "structure": [
                        "array": ["start": 0, "deleteCount": 1], "didClose": [["uri": .string(uri("c"))]],
                    ]
                ]
            ])
        #expect(editor.mistakes(uri("c")) == [])
        #expect(editor.mistakes(uri("b")) == ["E0202 0:0-0:1"])
    }

    @Test func kindAndTagsOfACellCount() {
        let editor = open([("a", "genrate 1")])
        #expect(editor.mistakes(uri("a")).count == 1)
        change(editor, ["cells": ["data": [cell("a", tags: ["raises-exception"])]]])
        #expect(editor.mistakes(uri("a")) == [])
        change(editor, ["cells": ["data": [cell("a", kind: 1)]]])
        #expect(editor.mistakes(uri("a")) == [])
    }

    @Test func theKernelIsTheNotebooksOwn() {
        let editor = open([("a", "model \"techer\"")])
        #expect(editor.mistakes(uri("a")).count == 1)
        change(editor, ["metadata": ["distnb": ["kernel": "unknown"]]])
        #expect(editor.mistakes(uri("a")) == [])
    }

    @Test func closingTakesAllMistakesAway() {
        let editor = open([("a", "genrate 1"), ("b", "genrate 2")])
        editor.notify(
            "notebookDocument/didClose",
            ["notebookDocument": ["uri": .string(Self.notebook)], "cellTextDocuments": []])
        #expect(editor.diagnostics == [uri("a"): [], uri("b"): []])
        #expect(editor.hover(0, 0, uri("a")) == nil)
    }

    @Test func aCellIsFormattedByItself() {
        let editor = open([("a", "let n  = 1"), ("b", "n  + 1")])
        #expect(editor.formatted("n  + 1", uri("b")) == "n + 1")
    }

    @Test(arguments: [-5, 0, 1, 99, Int.max]) func changesOfCellsThatAreNotThereAreSurvived(_ number: Int) {
        let editor = open([("a", "1")])
        let array: Value = ["start": .integer(number), "deleteCount": .integer(number), "cells": [cell("z"), 1]]
        change(editor, ["cells": ["structure": ["array": array, "didClose": [["uri": "nothing"], 1]]]])
        setText(editor, "nothing", "x")
        #expect(editor.hover(0, 0, uri("z")) == nil)
    }
}

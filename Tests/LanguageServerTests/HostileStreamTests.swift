import OrderedCollections
import SeededRandom
import Tables
import Testing

@testable import LanguageServer

/// Messages that no well-behaved editor sends.
@Suite struct HostileStreamTests {
    private static let methods = [
        "initialize", "initialized", "shutdown", "textDocument/didOpen", "textDocument/didChange",
        "textDocument/didClose", "textDocument/didSave", "textDocument/completion", "textDocument/hover",
        "textDocument/definition", "textDocument/documentSymbol", "textDocument/formatting", "textDocument/codeAction",
        "notebookDocument/didOpen", "notebookDocument/didChange", "notebookDocument/didClose", "$/cancelRequest", "",
    ]

    private static let texts = [
        "file:///lab/a.dist", "file:///lab/a.distnb", "untitled:x", "cell:1", "cell:2", "", "%", "file://%zz", "é😀",
        "let a = load \"q.csv\" | where .", "fn f(x) = \"${", "\"\"\"", "(((", "{\"cells\": [", "distnb",
        "# %%\n# %% [markdown]\nx",
        notebookText(["let a = \"é\\n\"", "a | "]), "csv\"", "\u{0}", "\r", "| | |",
    ]

    private static let fields = [
        "textDocument", "uri", "text", "position", "line", "character", "range", "start", "end", "contentChanges",
        "context", "only", "notebookDocument", "cells", "cellTextDocuments", "change", "structure", "array",
        "deleteCount", "didOpen", "didClose", "data", "textContent", "changes", "document", "kind", "metadata", "tags",
    ]

    private func value(_ random: inout SeededRandom, depth: Int) -> Value {
        switch random.below(depth > 4 ? 6 : 9) {
        case 0: return .null
        case 1: return .bool(random.below(2) == 0)
        case 2: return .integer(random.below(12))
        case 3: return .integer(random.one(of: [-1, Int.max, Int.min, 1 << 40]))
        case 4: return .double(random.one(of: [0.5, -1e300, 1e19]))
        case 5: return .string(random.one(of: Self.texts))
        case 6: return .list((0..<random.below(4)).map { _ in value(&random, depth: depth + 1) })
        default:
            var fields = Record()
            for _ in 0..<random.below(6) { fields[random.one(of: Self.fields)] = value(&random, depth: depth + 1) }
            return .record(fields)
        }
    }

    /// Parameters that are nearly right.
    private func plausible(_ random: inout SeededRandom) -> Value {
        func position() -> Value {
            ["line": .integer(random.below(8)), "character": .integer(random.one(of: [0, 1, 5, 12, 30, 1_000_000]))]
        }
        let uri = Value.string(random.one(of: Array(Self.texts.prefix(5))))
        let text = Value.string(random.one(of: Self.texts))
        let cell: Value = ["kind": 2, "document": uri, "metadata": [:]]
        let item: Value = ["uri": uri, "languageId": "distnb", "version": 1, "text": text]
        return [
            "textDocument": item, "position": position(), "range": ["start": position(), "end": position()],
            "contentChanges": [["range": ["start": position(), "end": position()], "text": text]],
            "context": ["diagnostics": []],
            "notebookDocument": ["uri": uri, "cells": [cell], "metadata": [:]], "cellTextDocuments": [item],
            "change": [
                "cells": [
                    "structure": [
                        "array": [
                            "start": .integer(random.below(4)), "deleteCount": .integer(random.below(4)),
                            "cells": [cell],
                        ], "didOpen": [item], "didClose": random.below(2) == 0 ? [["uri": uri]] : [],
                    ], "data": [cell],
                    "textContent": [
                        [
                            "document": ["uri": uri],
                            "changes": [["range": ["start": position(), "end": position()], "text": text]],
                        ]
                    ],
                ]
            ],
        ]
    }

    @Test(arguments: UInt64(0)..<60) func noStreamOfMessagesTrapsOrHangsTheServer(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let editor = Editor(capabilities: random.below(8) == 0 ? nil : [:])
        for number in 0..<80 {
            var method = random.one(of: Self.methods)
            // Shutting down ends the interesting part.
            if method == "shutdown", random.below(10) > 0 { method = "textDocument/didOpen" }
            var message: Record = ["jsonrpc": "2.0", "method": .string(method)]
            if random.below(3) > 0 { message["id"] = .integer(number) }
            message["params"] = random.below(4) == 0 ? value(&random, depth: 0) : plausible(&random)
            let isRequest = message["id"] != nil
            let answers = editor.send(JSON.bytes(.record(message)))
            if isRequest { #expect(answers.count { $0[field: "id"].integer == number } == 1) }
            editor.notify("initialized", [:])
        }
    }

    @Test(arguments: UInt64(0)..<60) func noBytesTrapTheServer(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let editor = Editor()
        editor.open(notebookText(["let a = 1", "a | where"]), as: Editor.file)
        for _ in 0..<30 {
            var bytes = JSON.bytes([
                "jsonrpc": "2.0", "id": 1, "method": .string(random.one(of: Self.methods)),
                "params": plausible(&random),
            ])
            for _ in 0..<random.below(6) {
                let at = random.below(bytes.count)
                switch random.below(3) {
                case 0: bytes[at] = UInt8(random.below(256))
                case 1: bytes.removeSubrange(at..<min(bytes.count, at + random.below(9)))
                default: bytes.insert(contentsOf: Array("\"{[]},:\\".utf8).shuffled(using: &random).prefix(2), at: at)
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            _ = editor.send(bytes)
            editor.notify("initialized", [:])
        }
    }

    /// As while typing: every beginning of a text, in a script and in a notebook's file.
    @Test func everyBeginningOfATextCanBeAskedAbout() {
        let script =
            "let q = load \"q.csv\" # é\nfn f(a, b: 2) = \"${a} 😀\" + b\nq | where len(f(.prompt, b: 1)) in 1..5 | take 2\n"
        for text in [script, notebookText([script])] {
            let uri = text == script ? Editor.script : Editor.file
            let editor = Editor()
            editor.open("", as: uri)
            let characters = Array(text)
            for count in stride(from: 0, through: characters.count, by: text == script ? 1 : 3) {
                let beginning = String(characters.prefix(count))
                editor.change([["text": .string(beginning)]], of: uri)
                let lines = beginning.split(separator: "\n", omittingEmptySubsequences: false)
                let (line, character) = (lines.count - 1, lines.last?.utf16.count ?? 0)
                _ = editor.completion(line, character, uri)
                _ = editor.hover(line, max(0, character - 1), uri)
                _ = editor.definition(line, max(0, character - 1), uri)
            }
        }
    }
}

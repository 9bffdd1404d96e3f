internal import OrderedCollections
internal import Tables

extension LanguageServer {
    /// Notes what the client can do, and says what the server can.
    mutating func initialize(_ parameters: Value) -> Value {
        let capabilities = parameters[field: "capabilities"]
        let document = capabilities[field: "textDocument"]
        func takesMarkdown(_ formats: Value) -> Bool { (formats.list ?? []).contains { $0.text == "markdown" } }
        let encodings = (capabilities[field: "general"][field: "positionEncodings"].list ?? []).compactMap(\.text)
        // The client's first wish of those that are known.
        client.encoding = encodings.lazy.compactMap(PositionEncoding.init(rawValue:)).first ?? .utf16
        client.takesMarkdownHover = takesMarkdown(document[field: "hover"][field: "contentFormat"])
        client.takesMarkdownDocumentation = takesMarkdown(
            document[field: "completion"][field: "completionItem"][field: "documentationFormat"])
        client.takesSymbolTrees =
            document[field: "documentSymbol"][field: "hierarchicalDocumentSymbolSupport"].bool ?? false
        return [
            "capabilities": .record(offered),
            "serverInfo": ["name": "distnb", "version": .string(version)],
        ]
    }

    private var offered: Record {
        [
            "positionEncoding": .string(client.encoding.rawValue),
            "textDocumentSync": ["openClose": true, "change": 2, "save": true],
            "notebookDocumentSync": [
                "notebookSelector": [["notebook": "*", "cells": [["language": "distnb"]]]], "save": true,
            ],
            "completionProvider": ["triggerCharacters": [".", "|", "\"", "/"]],
            "hoverProvider": true, "definitionProvider": true, "documentSymbolProvider": true,
            "documentFormattingProvider": true,
            "codeActionProvider": ["codeActionKinds": ["quickfix"]],
        ]
    }
}

import Distillation
import OrderedCollections
import PipelineRuntime
import Tables

@testable import LanguageServer

/// An editor in memory: it talks to the server as one does over a pipe.
final class Editor {
    private(set) var server: LanguageServer
    private var nextID = 0
    /// What the editor shows now, by document.
    private(set) var diagnostics: [String: [Value]] = [:]
    /// How often the server told the editor something of a document.
    private(set) var publications: [String] = []

    static let columns: Columns = ["prompt": .text, "answer": .text, "size": .number, "Order ID": .text]

    /// - Parameter capabilities: nil for an editor that sends nothing by itself.
    init(
        capabilities: Value? = [
            "textDocument": [
                "hover": ["contentFormat": ["markdown", "plaintext"]],
                "completion": ["completionItem": ["documentationFormat": ["markdown"]]],
                "documentSymbol": ["hierarchicalDocumentSymbolSupport": true],
            ]
        ]
    ) {
        let models = ["teacher": ModelSpecification(id: "big"), "student": ModelSpecification(id: "small")]
        let kernel = KernelProfile(
            name: "scripted", displayName: "scripted", provider: "scripted", models: models, maxTokens: 16)
        server = LanguageServer(
            surroundings: Surroundings(
                kernel: { $0 == "unknown" ? nil : kernel },
                folder: { _ in
                    Surroundings.Folder(
                        schemas: FixedFiles(["q.csv": Editor.columns]),
                        paths: { start in ["q.csv"].filter { $0.hasPrefix(start) } })
                }), version: "1")
        guard let capabilities else { return }
        _ = request("initialize", ["capabilities": capabilities])
        notify("initialized", [:])
    }

    /// The whole answer to a request.
    func answer(_ method: String, _ parameters: Value) -> Value {
        nextID += 1
        let body = JSON.bytes([
            "jsonrpc": "2.0", "id": .integer(nextID), "method": .string(method), "params": parameters,
        ])
        let messages = server.receive(body)
        return messages.first { $0[field: "id"].integer == nextID } ?? .null
    }

    func request(_ method: String, _ parameters: Value) -> Value { answer(method, parameters)[field: "result"] }

    func notify(_ method: String, _ parameters: Value) {
        take(server.receive(JSON.bytes(["jsonrpc": "2.0", "method": .string(method), "params": parameters])))
        take(server.settle())
    }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) -> [Value] {
        let messages = server.receive(bytes)
        take(messages)
        return messages
    }

    private func take(_ messages: [Value]) {
        for message in messages where message[field: "method"].text == "textDocument/publishDiagnostics" {
            let parameters = message[field: "params"]
            let uri = parameters[field: "uri"].text ?? ""
            diagnostics[uri] = parameters[field: "diagnostics"].list ?? []
            publications.append(uri)
        }
    }

    // MARK: Documents

    static let script = "file:///lab/a.dist"
    static let file = "file:///lab/a.distnb"

    func open(_ text: String, as uri: String = Editor.script) {
        notify(
            "textDocument/didOpen",
            [
                "textDocument": [
                    "uri": .string(uri), "languageId": "distnb", "version": 1, "text": .string(text),
                ]
            ])
    }

    func change(_ changes: [Value], of uri: String = Editor.script) {
        notify(
            "textDocument/didChange",
            ["textDocument": ["uri": .string(uri), "version": 2], "contentChanges": .list(changes)])
    }

    /// Codes with their places: "E0204 3:10-3:16".
    func mistakes(_ uri: String = Editor.script) -> [String] {
        (diagnostics[uri] ?? []).map { "\($0[field: "code"].text ?? "-") \(Editor.place($0[field: "range"]))" }
    }

    /// "line:character-line:character", from 0.
    static func place(_ range: Value) -> String {
        func text(_ position: Value) -> String {
            "\(position[field: "line"].integer ?? -1):\(position[field: "character"].integer ?? -1)"
        }
        return "\(text(range[field: "start"]))-\(text(range[field: "end"]))"
    }

    func at(_ line: Int, _ character: Int, _ uri: String = Editor.script) -> Value {
        [
            "textDocument": ["uri": .string(uri)],
            "position": ["line": .integer(line), "character": .integer(character)],
        ]
    }

    func completion(_ line: Int, _ character: Int, _ uri: String = Editor.script) -> [String] {
        (request("textDocument/completion", at(line, character, uri)).list ?? []).compactMap { $0[field: "label"].text }
    }

    func hover(_ line: Int, _ character: Int, _ uri: String = Editor.script) -> String? {
        request("textDocument/hover", at(line, character, uri))[field: "contents"][field: "value"].text
    }

    /// The document and place.
    func definition(_ line: Int, _ character: Int, _ uri: String = Editor.script) -> String? {
        let location = request("textDocument/definition", at(line, character, uri))
        return location[field: "uri"].text.map { "\($0) \(Editor.place(location[field: "range"]))" }
    }

    /// The document's text after the changes that the server answers; nil where it refuses.
    func formatted(_ text: String, _ uri: String = Editor.script) -> String? {
        let edits = request("textDocument/formatting", ["textDocument": ["uri": .string(uri)], "options": [:]])
        return edits.list.map { Editor.applied($0, to: text) }
    }

    /// A text after edits, which do not overlap.
    static func applied(_ edits: [Value], to text: String) -> String {
        var document = DocumentText(text)
        let ordered = edits.compactMap { edit in TextRange(edit[field: "range"]).map { ($0, edit) } }
            .sorted { ($0.0.start.line, $0.0.start.character) > ($1.0.start.line, $1.0.start.character) }
        for (range, edit) in ordered { document.replace(range, with: edit[field: "newText"].text ?? "", .utf16) }
        return document.text
    }
}

/// Data files with columns that a test sets.
struct FixedFiles: SchemaSource {
    private let known: [String: Columns]

    init(_ known: [String: Columns]) { self.known = known }

    func columns(ofFile path: String, options: [String: String]) -> Columns? { known[path] }
}

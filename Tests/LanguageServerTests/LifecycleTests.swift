import OrderedCollections
import Tables
import Testing

@testable import LanguageServer

@Suite struct LifecycleTests {
    private func code(_ answer: Value) -> Int? { answer[field: "error"][field: "code"].integer }

    @Test func requestsBeforeInitializeAreRefused() {
        let editor = Editor(capabilities: nil)
        #expect(code(editor.answer("textDocument/hover", editor.at(0, 0))) == -32002)
        #expect(code(editor.answer("shutdown", .null)) == -32002)
    }

    @Test func notificationsBeforeInitializeAreDropped() {
        let editor = Editor(capabilities: nil)
        editor.open("genrate")
        #expect(editor.publications.isEmpty)
    }

    @Test func initializeTellsWhatTheServerCan() {
        let editor = Editor(capabilities: nil)
        let result = editor.request("initialize", ["capabilities": [:]])
        let capabilities = result[field: "capabilities"]
        #expect(result[field: "serverInfo"][field: "name"].text == "distnb")
        #expect(capabilities[field: "textDocumentSync"][field: "change"].integer == 2)
        for name in [
            "hoverProvider", "definitionProvider", "documentSymbolProvider", "documentFormattingProvider",
        ] {
            #expect(capabilities[field: name].bool == true)
        }
        #expect(capabilities[field: "completionProvider"].record != nil)
        #expect(capabilities[field: "notebookDocumentSync"].record != nil)
    }

    @Test(arguments: [
        ([], "utf-16"), (["utf-8", "utf-16"], "utf-8"), (["utf-32", "utf-16"], "utf-16"), (["utf-32"], "utf-16"),
    ])
    func thePositionEncodingIsTheFirstOneThatBothKnow(_ offered: [String], _ chosen: String) {
        let editor = Editor(capabilities: nil)
        let general: Value = ["positionEncodings": .list(offered.map { .string($0) })]
        let result = editor.request("initialize", ["capabilities": ["general": general]])
        #expect(result[field: "capabilities"][field: "positionEncoding"].text == chosen)
    }

    @Test func aSecondInitializeIsRefused() {
        #expect(code(Editor().answer("initialize", [:])) == -32600)
    }

    @Test func requestsThatDoNotExistAreRefused() {
        let editor = Editor()
        #expect(code(editor.answer("textDocument/rename", [:])) == -32601)
        #expect(code(editor.answer("$/unknown", [:])) == -32601)
    }

    @Test func requestsWithoutWhatTheyNeedAreRefused() {
        let editor = Editor()
        #expect(code(editor.answer("textDocument/hover", [:])) == -32602)
        #expect(code(editor.answer("textDocument/completion", ["textDocument": ["uri": "file:///x"]])) == -32602)
        #expect(code(editor.answer("textDocument/codeAction", ["textDocument": ["uri": 1]])) == -32602)
    }

    @Test func cancellingIsAccepted() {
        let editor = Editor()
        #expect(editor.send(Array(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#.utf8)).isEmpty)
        #expect(editor.send(Array(#"{"jsonrpc":"2.0","method":"unknown/notification"}"#.utf8)).isEmpty)
    }

    @Test func answersOfTheClientAreTaken() {
        #expect(Editor().send(Array(#"{"jsonrpc":"2.0","id":1,"result":null}"#.utf8)).isEmpty)
    }

    @Test func afterShutdownOnlyExitIsTaken() {
        let editor = Editor()
        #expect(editor.answer("shutdown", .null).record?["result"] == .some(.null))
        #expect(code(editor.answer("textDocument/hover", editor.at(0, 0))) == -32600)
        #expect(editor.server.exitCode == nil)
        #expect(editor.server.exitCodeAtEnd == 0)
        editor.notify("exit", .null)
        #expect(editor.server.exitCode == 0)
    }

    @Test func exitWithoutShutdownIsAFailure() {
        let editor = Editor()
        #expect(editor.server.exitCodeAtEnd == 1)
        editor.notify("exit", .null)
        #expect(editor.server.exitCode == 1)
    }

    @Test(arguments: [
        ("{", -32700), ("[]", -32600), ("1", -32600), ("{}", -32600), (#"{"id":1}"#, -32600),
        (#"{"id":1.5,"method":"x"}"#, -32600), (#"{"id":{},"method":"x"}"#, -32600),
    ])
    func whatIsNoMessageIsAnsweredWithAnError(_ text: String, _ expected: Int) {
        let messages = Editor().send(Array(text.utf8))
        #expect(messages.count == 1)
        #expect(messages.first.flatMap(code) == expected)
    }

    @Test func anErrorCarriesTheIDOfItsRequest() {
        let messages = Editor().send(Array(#"{"id":"seven"}"#.utf8))
        #expect(messages.first?[field: "id"].text == "seven")
    }
}
